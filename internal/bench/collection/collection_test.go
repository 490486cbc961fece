package collection

import (
	"context"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/crucible-cache/crucible/internal/bench/contender"
	"github.com/crucible-cache/crucible/internal/bench/load"
	"github.com/crucible-cache/crucible/internal/bench/wire"
	"github.com/crucible-cache/crucible/internal/compat/servertest"
)

func TestMain(m *testing.M) { os.Exit(servertest.Main(m)) }

func ours(t *testing.T) []contender.Contender {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("the load driver is epoll")
	}
	ours, err := contender.Ours(context.Background(), servertest.Binary(t), servertest.Root(t)+"/compat", wire.RESP, []string{"auto"})
	if err != nil {
		t.Fatal(err)
	}
	return ours
}

var settings = contender.Settings{Threads: 1, MemoryMiB: 512}

// A fill stores as many elements as it says, under the names that requests ask for.
func TestFill(t *testing.T) {
	ctx := context.Background()
	server, err := ours(t)[0].Start(ctx, settings)
	if err != nil {
		t.Fatal(err)
	}
	defer server.Stop()
	a, err := ask(ctx, server.Endpoint)
	if err != nil {
		t.Fatal(err)
	}
	defer a.conn.Close()
	var body string
	a.client.Keep(func(b []byte) { body = string(b) })
	for kind, check := range map[Kind]struct{ last, want string }{
		List:   {"LINDEX l:2 249", "249" + strings.Repeat("v", 7)},
		Hash:   {"HGET h:2 f249", "249" + strings.Repeat("v", 7)},
		Set:    {"SRANDMEMBER s:2", "m"},
		ZSet:   {"ZSCORE z:2 m249", "249"},
		Stream: {"XRANGE x:2 250-0 250-0", "249" + strings.Repeat("v", 7)},
	} {
		if err := prepare(ctx, server.Endpoint, Fill{Kind: kind, Collections: 3, Elements: 250, Size: 10}); err != nil {
			t.Fatal(err)
		}
		if err := a.command(strings.Fields(check.last)...); err != nil || !strings.HasPrefix(body, check.want) {
			t.Errorf("%s: %q, %v", kind, body, err)
		}
	}
	if err := prepare(ctx, server.Endpoint, Fill{Kind: String, Collections: 1, Elements: 250, Size: 10}); err != nil {
		t.Fatal(err)
	}
	if err := a.command("GET", String.Key(249)); err != nil || !strings.HasPrefix(body, "249v") {
		t.Errorf("%q, %v", body, err)
	}
}

// Every request that is measured is one the server carries out, whatever the form and depth.
func TestEveryRequestIsAnswered(t *testing.T) {
	cells, err := Cells(nil, Forms, []int{4})
	if err != nil || len(cells) != len(requests)*len(Forms) {
		t.Fatalf("%d cells, %v", len(cells), err)
	}
	ctx := context.Background()
	server, err := ours(t)[0].Start(ctx, settings)
	if err != nil {
		t.Fatal(err)
	}
	defer server.Stop()
	for i := range cells {
		if err := cells[i].Fill(ctx, server); err != nil {
			t.Fatal(err)
		}
		r, err := load.Run(ctx, load.Config{
			Target: server.Endpoint, Protocol: wire.RESP, Workload: cells[i].Workload, Threads: 1, Connections: 2, Pipeline: 4, Requests: 200,
		})
		if err != nil {
			t.Fatal(err)
		}
		if r.Requests != 200 || r.Errors.Total() > 0 {
			t.Errorf("%s: %d requests, errors %v", cells[i].Name, r.Requests, r.Errors)
		}
	}
}

func TestCellsChosenByName(t *testing.T) {
	cells, err := Cells([]string{"zadd", "xread"}, []Form{Small}, []int{1, 16})
	if err != nil || len(cells) != 4 {
		t.Fatalf("%d cells, %v", len(cells), err)
	}
	if cells[0].Target != 0.85 || cells[1].Target != 0.65 {
		t.Errorf("targets %v and %v", cells[0].Target, cells[1].Target)
	}
	if _, err := Cells([]string{"GET"}, Forms, []int{1}); err == nil || !strings.Contains(err.Error(), "ZADD") {
		t.Errorf("an unknown request: %v", err)
	}
}

func TestWeigh(t *testing.T) {
	c := ours(t)
	bytes, err := weigh(context.Background(), &c[0], settings, Fill{Kind: List, Collections: 1, Elements: 200_000, Size: valueSize})
	if err != nil {
		t.Fatal(err)
	}
	if each := bytes / 200_000; each < valueSize || each > 3*valueSize {
		t.Errorf("%.1f bytes for an element of %d", each, valueSize)
	}
}

// A collection that is told to go goes while somebody else is served.
func TestStalls(t *testing.T) {
	c := ours(t)
	for _, way := range []Way{Delete, Evict} {
		stall := Stall{Kind: Set, Way: way, Elements: 500_000}
		if err := stall.measure(context.Background(), &c[0], settings); err != nil {
			t.Errorf("%s: %v", way, err)
		}
		if stall.Longest <= 0 || stall.Resting <= 0 || stall.P999 > stall.Longest || way == Delete && stall.Took <= 0 {
			t.Errorf("%s: %+v", way, stall)
		}
	}
}

func TestGarbage(t *testing.T) {
	c := ours(t)
	var said []string
	all, err := CollectGarbage(context.Background(), &c[0], settings, GarbageLoad{100_000, 1000, 20, 1}, func(s string) { said = append(said, s) })
	if err != nil || len(all) != 2 || len(said) != 2 {
		t.Fatalf("%+v, %v", all, err)
	}
	for _, g := range all {
		if g.Cycle <= 0 || g.P999 <= 0 || g.Longest < g.P999 || g.Resident < 100_000*valueSize {
			t.Errorf("%+v", g)
		}
	}
}
