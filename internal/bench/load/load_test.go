package load

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/crucible-cache/crucible/internal/bench/driver"
	"github.com/crucible-cache/crucible/internal/bench/fake"
	"github.com/crucible-cache/crucible/internal/bench/wire"
	"github.com/crucible-cache/crucible/internal/bench/workload"
	"github.com/crucible-cache/crucible/internal/retry"
)

func TestMain(m *testing.M) {
	if runtime.GOOS != "linux" {
		os.Exit(0) // the load driver is epoll
	}
	os.Exit(m.Run())
}

const testKeys = 500

func startFake(t *testing.T, p wire.Protocol) *fake.Server {
	t.Helper()
	f, err := fake.Start(p, "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Kill)
	return f
}

func config(f *fake.Server, p wire.Protocol, command workload.Command) Config {
	return Config{
		Target: driver.Endpoint{Network: "tcp", Address: f.Address()}, Protocol: p, Workload: workload.Uniform(testKeys, 64, command),
		Threads: 2, Connections: 5, Pipeline: 4, WarmUp: 20 * time.Millisecond, Duration: 200 * time.Millisecond,
		ServerPID: os.Getpid(), Seed: 1,
	}
}

// Prefill, then read: every key is there, every reply is counted once, nothing is refused.
func TestPrefillAndRun(t *testing.T) {
	for _, p := range []wire.Protocol{wire.RESP, wire.Memcache} {
		retry.Undisturbed(t, func() error { return prefillAndRun(t, p) })
	}
}

func prefillAndRun(t *testing.T, p wire.Protocol) error {
	f := startFake(t, p)
	c := config(f, p, p.Fetch())
	if err := Prefill(context.Background(), c); err != nil {
		t.Fatal(err)
	}
	data, filled := f.Stored()
	if len(data) != testKeys || filled != testKeys {
		t.Errorf("%s: prefill stored %d keys with %d requests, want %d", p, len(data), filled, testKeys)
	}
	for k, v := range data {
		if len(k) != 16 || len(v) != 64 {
			t.Fatalf("%s: stored %q as %q", p, k, v)
		}
	}
	r, err := Run(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	if r.Misses != 0 || r.Errors.Total() != 0 {
		t.Errorf("%s: %d requests, %d hits, %d misses, errors %v", p, r.Requests, r.Hits, r.Misses, r.Errors)
	}
	_, all := f.Stored()
	if served := uint64(all - testKeys); r.Requests > served {
		t.Errorf("%s: counted %d requests, the server answered %d with warm-up", p, r.Requests, served)
	} else if r.Requests == 0 || r.Hits == 0 || r.Requests < served/2 {
		return fmt.Errorf("%s: counted %d requests, the server answered %d with warm-up", p, r.Requests, served)
	}
	// The window of the histograms is that of the counters, give or take a wake-up of each thread.
	if got := float64(r.Latency.TotalCount()) / float64(r.Requests); math.Abs(got-1) > 0.2 {
		return fmt.Errorf("%s: %d latencies for %d requests", p, r.Latency.TotalCount(), r.Requests)
	}
	if r.Server == nil || r.Server.Resident == 0 || r.BytesOut == 0 {
		t.Errorf("%s: server cost %+v, %d bytes out", p, r.Server, r.BytesOut)
	} else if r.Server.CPU <= 0 || r.CPUPerRequest() <= 0 || r.LoadCPU <= 0 { // told in hundredths of a second
		return fmt.Errorf("%s: server cost %+v, load %v", p, r.Server, r.LoadCPU)
	}
	if r.BytesIn < r.Requests*64*9/10 { // what was under way at the beginning and at the end
		return fmt.Errorf("%s: %d bytes in for %d requests", p, r.BytesIn, r.Requests)
	}
	return nil
}

func TestMissesAndErrorsAreCounted(t *testing.T) {
	f := startFake(t, wire.RESP)
	r, err := Run(context.Background(), config(f, wire.RESP, wire.RESP.Fetch()))
	if err != nil || r.Misses == 0 || r.Hits != 0 {
		t.Errorf("an empty server: %d hits, %d misses, %v", r.Hits, r.Misses, err)
	}
	f = startFake(t, wire.RESP)
	f.Misbehave(func(n int) (string, bool) {
		if n%2 == 0 {
			return "-OOM command not allowed\r\n", true
		}
		return "", true
	})
	r, err = Run(context.Background(), config(f, wire.RESP, wire.RESP.Store()))
	if err != nil || r.Errors["OOM command not allowed"] == 0 || r.Errors.Total() > r.Requests {
		t.Errorf("errors %v of %d requests, %v", r.Errors, r.Requests, err)
	}
	f.Misbehave(func(int) (string, bool) { return "-OOM no\r\n", true })
	if err := Prefill(context.Background(), config(f, wire.RESP, wire.RESP.Store())); err == nil || !strings.Contains(err.Error(), "OOM no") {
		t.Errorf("a refused prefill must fail, got %v", err)
	}
}

// The open loop offers its rate, no more and no less, and counts latency from the intended start: a stall of 300 ms must
// appear in the latencies of the requests that were due during it, not in one request per connection.
func TestOpenLoopSeesStall(t *testing.T) {
	retry.Undisturbed(t, func() error {
		f := startFake(t, wire.RESP)
		c := config(f, wire.RESP, wire.RESP.Fetch())
		c.Rate, c.Duration, c.Pipeline = 1000, 2*time.Second, 1
		f.Misbehave(fake.Stall(300, 300*time.Millisecond))
		r, err := Run(context.Background(), c)
		if err != nil {
			t.Fatal(err)
		}
		if r.SlipMax <= 0 || r.SlipP99 > r.SlipMax || r.Asked != 1000 {
			t.Errorf("slip p99 %v, max %v at %v/s", r.SlipP99, r.SlipMax, r.Asked)
		}
		if got := r.Throughput(); got < 700 || got > 1200 {
			return fmt.Errorf("%.0f requests a second at a rate of 1000", got)
		}
		// 300 of 2000 requests were due in the stall; 150 of them waited for more than half of it.
		if p95 := time.Duration(r.Latency.ValueAtQuantile(95)); p95 < 120*time.Millisecond {
			return fmt.Errorf("p95 %v hides a stall of 300 ms", p95)
		}
		if worst := time.Duration(r.Latency.Max()); worst < 290*time.Millisecond {
			return fmt.Errorf("max %v of a stall of 300 ms", worst)
		}
		return nil
	})
}

func TestServerKilledMidRun(t *testing.T) {
	f := startFake(t, wire.RESP)
	c := config(f, wire.RESP, wire.RESP.Fetch())
	c.Duration = time.Minute
	time.AfterFunc(300*time.Millisecond, f.Kill)
	start := time.Now()
	r, err := Run(context.Background(), c)
	if !errors.Is(err, ErrGone) {
		t.Fatalf("got %v, want %v", err, ErrGone)
	}
	if time.Since(start) > 50*time.Second {
		t.Errorf("noticed after %v only", time.Since(start))
	}
	if r == nil || r.Requests == 0 || r.Errors.Total() == 0 {
		t.Errorf("what was measured until then must be reported: %+v", r)
	}
}

// One connection lost is an error and a new connection, not the end.
func TestLostConnectionIsMadeAgain(t *testing.T) {
	f := startFake(t, wire.RESP)
	f.Misbehave(func(n int) (string, bool) { return "", n != 100 })
	c := config(f, wire.RESP, wire.RESP.Fetch())
	c.WarmUp, c.Duration = 0, 400*time.Millisecond
	r, err := Run(context.Background(), c)
	if err != nil || r.Reconnects == 0 || r.Errors.Total() == 0 {
		t.Errorf("reconnects %d, errors %v, %v", r.Reconnects, r.Errors, err)
	}
}

func TestNobodyListens(t *testing.T) {
	f := startFake(t, wire.RESP)
	f.Kill()
	ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
	defer cancel()
	if _, err := Run(ctx, config(f, wire.RESP, wire.RESP.Fetch())); err == nil {
		t.Error("a run against nobody must fail")
	}
}

func TestNonsenseFromServer(t *testing.T) {
	f := startFake(t, wire.RESP)
	f.Misbehave(func(int) (string, bool) { return "what?\r\n", true })
	c := config(f, wire.RESP, wire.RESP.Fetch())
	r, err := Run(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(r.Errors.String(), "protocol error") {
		t.Errorf("errors %v", r.Errors)
	}
}

func TestCancelled(t *testing.T) {
	f := startFake(t, wire.RESP)
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(100*time.Millisecond, cancel)
	c := config(f, wire.RESP, wire.RESP.Fetch())
	c.Duration = time.Minute
	if _, err := Run(ctx, c); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestConfigRefused(t *testing.T) {
	f := startFake(t, wire.RESP)
	for want, change := range map[string]func(*Config){
		"threads":     func(c *Config) { c.Threads = 0 },
		"connections": func(c *Config) { c.Connections = 1 },
		"pipeline":    func(c *Config) { c.Pipeline = 0 },
		"rate":        func(c *Config) { c.Rate = -1 },
		"duration":    func(c *Config) { c.Duration = 0 },
		"no key":      func(c *Config) { c.Workload.Keys.Count = 0 },
		"protocol":    func(c *Config) { c.Protocol = "x" },
	} {
		c := config(f, wire.RESP, wire.RESP.Fetch())
		change(&c)
		if _, err := Run(context.Background(), c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want an error about %q, got %v", want, err)
		}
	}
}

func TestErrorCountsAreBounded(t *testing.T) {
	e := ErrorCounts{}
	for i := range 1000 {
		e.add([]byte(strings.Repeat("x", i)))
	}
	if len(e) > errorKindsMax+1 || e.Total() != 1000 || e[errorKindOverflow] == 0 {
		t.Errorf("%d kinds, %d errors", len(e), e.Total())
	}
}
