package load

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/crucible-cache/crucible/internal/bench/fake"
	"github.com/crucible-cache/crucible/internal/bench/wire"
	"github.com/crucible-cache/crucible/internal/bench/workload"
	"github.com/crucible-cache/crucible/internal/retry"
)

// mix is a config of reads and writes in equal parts.
func mix(c Config) Config {
	w := workload.Uniform(testKeys, 64, c.Protocol.Fetch())
	w.Commands = append(w.Commands, c.Protocol.Store())
	c.Workload = w
	return c
}

func TestRunByCount(t *testing.T) {
	for _, rate := range []float64{0, 5000} {
		f := startFake(t, wire.RESP)
		c := config(f, wire.RESP, wire.RESP.Fetch())
		c.WarmUp, c.Duration, c.Requests, c.Rate = 0, 0, 1001, rate
		r, err := Run(context.Background(), c)
		if err != nil || r.Requests != 1001 || r.Latency.TotalCount() != 1001 || r.LoadCPU <= 0 {
			t.Errorf("rate %v: %+v, %v", rate, r, err)
		}
		if _, served := f.Stored(); served != 1001 {
			t.Errorf("rate %v: the server answered %d requests", rate, served)
		}
	}
}

// Every miss is followed by a store of that key, so the second half of a run hits.
func TestReadThrough(t *testing.T) {
	for _, p := range []wire.Protocol{wire.RESP, wire.Memcache} {
		for _, rate := range []float64{0, 8000} {
			f := startFake(t, p)
			c := config(f, p, p.Fetch())
			c.WarmUp, c.ReadThrough, c.Rate, c.Duration = 0, true, rate, 500*time.Millisecond
			r, err := Run(context.Background(), c)
			if err != nil {
				t.Fatal(err)
			}
			data, _ := f.Stored()
			if len(data) == 0 || len(data) > testKeys || r.Hits == 0 || r.Misses < uint64(len(data))-20 || r.Misses > 3*testKeys {
				t.Errorf("%s at %v/s: %d keys stored after %d misses and %d hits", p, rate, len(data), r.Misses, r.Hits)
			}
			if got := r.Commands[1].Requests; got == 0 || got > r.Misses {
				t.Errorf("%s at %v/s: %d stores for %d misses", p, rate, got, r.Misses)
			}
		}
	}
}

func TestVerifyFindsNothingWrong(t *testing.T) {
	for _, p := range []wire.Protocol{wire.RESP, wire.Memcache} {
		f := startFake(t, p)
		c := mix(config(f, p, p.Fetch()))
		c.Workload.Keys.Count = 20 // many writes of the same key in flight together
		c.Workload.Access = workload.UniformAccess{Count: 20}
		c.Verify = true
		if err := Prefill(context.Background(), c); err != nil {
			t.Fatal(err)
		}
		for range 2 { // the second run finds the first one's versions
			r, err := Run(context.Background(), c)
			if err != nil || r.Errors.Total() != 0 || r.Hits == 0 {
				t.Errorf("%s: %d hits, %v, %v", p, r.Hits, r.Errors, err)
			}
		}
	}
}

func TestVerifyFindsWhatIsWrong(t *testing.T) {
	values := workload.NewValues(64)
	damaged := values.Append(nil, 1, 0, 64)
	damaged[50] ^= 1
	for want, reply := range map[string]string{
		"stale":             "", // the server forgets writes
		"another key's":     "$64\r\n" + string(values.Append(nil, 1<<40, 0, 64)) + "\r\n",
		"not one of this":   "$64\r\n" + strings.Repeat("x", 64) + "\r\n",
		"as long as it was": "$63\r\n" + string(values.Append(nil, 1, 0, 64)[:63]) + "\r\n",
		"damaged":           "$64\r\n" + string(damaged) + "\r\n",
	} {
		f := startFake(t, wire.RESP)
		c := mix(config(f, wire.RESP, wire.RESP.Fetch()))
		c.Workload.Keys.Count, c.Workload.Access, c.Verify = 2, onlyKey(1), true
		if err := Prefill(context.Background(), c); err != nil {
			t.Fatal(err)
		}
		f.Misbehave(func(n int) (string, bool) {
			if n%100 == 0 {
				return reply, true
			}
			return "", true
		})
		if want == "stale" {
			f.Forget(true)
		}
		r, err := Run(context.Background(), c)
		if err != nil || !strings.Contains(r.Errors.String(), want) {
			t.Errorf("want a %q error, got %v, %v", want, r.Errors, err)
		}
	}
}

// onlyKey always draws the same key.
type onlyKey uint64

func (k onlyKey) Draw(*workload.Random) uint64 { return uint64(k) }

func TestChurn(t *testing.T) {
	for _, rate := range []float64{0, 2000} {
		f := startFake(t, wire.RESP)
		c := config(f, wire.RESP, wire.RESP.Fetch())
		c.Churn, c.Rate = 10, rate
		r, err := Run(context.Background(), c)
		if err != nil || r.Errors.Total() != 0 {
			t.Fatalf("%v, %v", r.Errors, err)
		}
		// A connection carries ten requests, less when the window cuts its life.
		if want := r.Requests / 10; r.Reconnects < want/2 || r.Reconnects > want*2 {
			t.Errorf("rate %v: %d new connections for %d requests", rate, r.Reconnects, r.Requests)
		}
	}
}

func TestGreeting(t *testing.T) {
	f := startFake(t, wire.RESP)
	c := config(f, wire.RESP, wire.RESP.Fetch())
	c.Greeting = [][]byte{[]byte("PING\r\n"), []byte("PING\r\n")}
	c.WarmUp, c.Requests = 0, 100
	r, err := Run(context.Background(), c)
	if err != nil || r.Requests != 100 {
		t.Errorf("%d requests, %v", r.Requests, err)
	}
	if _, served := f.Stored(); served != 100+2*c.Connections {
		t.Errorf("the server answered %d requests", served)
	}
	c.Greeting = [][]byte{[]byte("AUTH wrong\r\n")}
	if _, err := Run(context.Background(), c); err == nil || !strings.Contains(err.Error(), "unknown command") {
		t.Errorf("a refused greeting must end the run, got %v", err)
	}
}

// The timeline covers the window without a gap, adds up to it, and shows a stall where it was.
func TestTimeline(t *testing.T) {
	retry.Undisturbed(t, func() error { return stalledTimeline(t) })
}

func stalledTimeline(t *testing.T) error {
	f := startFake(t, wire.RESP)
	c := config(f, wire.RESP, wire.RESP.Fetch())
	c.WarmUp, c.Duration, c.Rate = 0, 2600*time.Millisecond, 1000
	var reported []Progress
	c.Progress = func(p Progress) { reported = append(reported, p) }
	f.Misbehave(fake.Stall(1500, 400*time.Millisecond)) // in the second second
	r, err := Run(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	var requests uint64
	var end time.Duration
	slow := 0
	for _, i := range r.Timeline {
		if i.Start != end || i.P99 < i.P50 {
			t.Errorf("%+v after %v", i, end)
		}
		if i.Rate() < 300 {
			slow++
		}
		requests += i.Requests
		end = i.Start + i.Length
	}
	if requests != r.Requests || end != r.Elapsed {
		t.Errorf("the timeline has %d requests in %v, the run %d in %v", requests, end, r.Requests, r.Elapsed)
	}
	if len(r.Timeline) != 3 || slow > 0 || r.Timeline[0].Max > 200*time.Millisecond || r.Timeline[1].Max < 350*time.Millisecond {
		return fmt.Errorf("the stall isn't where it was: %+v", r.Timeline)
	}
	if len(reported) != 2 || reported[0].Phase != "run" || reported[0].P99 == 0 || reported[0].Left > 2*time.Second {
		return fmt.Errorf("progress %+v", reported)
	}
	return nil
}
