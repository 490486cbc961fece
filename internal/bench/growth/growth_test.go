package growth

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/crucible-cache/crucible/internal/bench/contender"
	"github.com/crucible-cache/crucible/internal/bench/fake"
	"github.com/crucible-cache/crucible/internal/bench/wire"
)

func TestMain(m *testing.M) {
	fake.Program()
	os.Exit(m.Run())
}

// Reads are measured in each state while the writes go on, and a server that fails keeps no other from being measured.
func TestRun(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the load driver needs Linux")
	}
	t.Setenv(fake.As(wire.RESP))
	p := &Plan{
		Contenders: []contender.Contender{
			{Name: "dead", Family: contender.Redis, Protocol: wire.RESP, Path: "/absent", Root: "/"},
			{Name: "theirs", Family: contender.Redis, Protocol: wire.RESP, Path: os.Args[0], Root: "/"},
		},
		Settings: contender.Settings{Threads: 1, MemoryMiB: 64}, ReadRate: 500, WriteRate: 4000, Keys: 2000, ValueSize: 10,
		FullMiB: 1, FullValueSize: 1000, Window: 300 * time.Millisecond,
	}
	o, err := Run(context.Background(), p)
	if err == nil || !strings.Contains(err.Error(), "dead") || len(o.Notes) != 2 || len(o.Rows) != 3 {
		t.Fatalf("%v, %+v", err, o)
	}
	for i, want := range []struct {
		state  string
		writes uint64
	}{{"rests", 0}, {"grows to 2000 keys", 2000}, {"1 MiB full, evicts", 1200}} {
		r := o.Rows[i]
		if r.State != want.state || r.Writes < want.writes || r.Reads == 0 || r.P50 <= 0 || r.Max < r.P999 || r.P999 < r.P50 || r.Collections != nil {
			t.Errorf("%+v, want %+v", r, want)
		}
	}
	if _, err := Run(context.Background(), &Plan{}); err == nil {
		t.Error("a plan without servers")
	}
}

func TestPauses(t *testing.T) {
	text := "go_gc_duration_seconds{quantile=\"0\"} 1e-05\ngo_gc_duration_seconds{quantile=\"1\"} 0.00025\ngo_gc_duration_seconds_count 12\n"
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(text)) }))
	defer server.Close()
	s := &subject{metrics: strings.TrimPrefix(server.URL, "http://")}
	p, err := s.pauses(context.Background())
	if err != nil || p.count != 12 || p.longest != 0.00025 {
		t.Fatalf("%+v, %v", p, err)
	}
	var r Row
	r.collected(&pauses{count: 10}, p)
	if *r.Collections != 2 || *r.LongestPause != 250 {
		t.Errorf("%d of %v us", *r.Collections, *r.LongestPause)
	}
	text = "nothing 1\n"
	if _, err := s.pauses(context.Background()); err == nil {
		t.Error("a server that tells nothing")
	}
}
