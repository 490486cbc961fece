package footprint

import (
	"context"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/crucible-cache/crucible/internal/bench/contender"
	"github.com/crucible-cache/crucible/internal/bench/fake"
	"github.com/crucible-cache/crucible/internal/bench/wire"
)

func TestMain(m *testing.M) {
	fake.Program()
	os.Exit(m.Run())
}

// plan measures this test binary as two servers of one protocol.
func plan(t *testing.T, p wire.Protocol, family contender.Family) *Plan {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("the load driver is epoll")
	}
	t.Setenv(fake.As(p))
	standIn := func(name string, family contender.Family) contender.Contender {
		return contender.Contender{Name: name, Family: family, Protocol: p, Path: os.Args[0], Root: "/"}
	}
	return &Plan{
		Contenders: []contender.Contender{standIn("ours", contender.Crucible), standIn("theirs", family)},
		Settings:   contender.Settings{Threads: 1, MemoryMiB: 64},
		Fills:      []Fill{{Keys: 20_000, ValueSize: 1000}},
	}
}

func TestRun(t *testing.T) {
	for p, family := range map[wire.Protocol]contender.Family{wire.RESP: contender.Redis, wire.Memcache: contender.Memcached} {
		plan := plan(t, p, family)
		plan.Goals = []Goal{{"ours", family, 1000}, {"ours", family, 0.001}, {"ours", contender.Valkey, 0.001}, {"absent", family, 0.001}}
		o, err := Run(context.Background(), plan)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range o.Fills[0].Rows {
			if grown := row.Filled - row.Empty; row.Empty == 0 || grown < 20_000*1016 || row.PerItem != float64(row.Filled)/20_000 {
				t.Errorf("%s: %+v", p, row)
			}
		}
		if len(o.Verdicts) != 2 || !o.Verdicts[0].Met || o.Verdicts[1].Met || o.Met() || !strings.Contains(o.CommandLines[1], "-p") {
			t.Errorf("%s: %+v", p, o)
		}
	}
}

// A server that doesn't hold what was stored gives no figure, and the others go on.
func TestRunCountsItems(t *testing.T) {
	p := plan(t, wire.RESP, contender.Redis)
	p.Contenders[0].Path = "/absent"
	o, err := Run(context.Background(), p)
	if err == nil || !strings.Contains(err.Error(), "ours") || o.Fills[0].Rows[0].PerItem != 0 || o.Fills[0].Rows[1].PerItem == 0 || len(o.Notes) != 1 {
		t.Errorf("%v, %+v", err, o)
	}
	if o.Over(0, 1, contender.Crucible) != 0 {
		t.Error("a ratio over what was not measured")
	}
}

func TestPlanRefused(t *testing.T) {
	for want, p := range map[string]*Plan{"no server": {Fills: []Fill{{}}}, "nothing": {Contenders: []contender.Contender{{}}}} {
		if _, err := Run(context.Background(), p); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
}
