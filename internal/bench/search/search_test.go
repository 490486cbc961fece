package search

import (
	"errors"
	"testing"
	"time"
)

// server keeps the objective up to a rate.
func server(limit float64) func(float64) (Step, error) {
	return func(rate float64) (Step, error) {
		return Step{Rate: rate, Reached: min(rate, limit), Kept: rate <= limit}, nil
	}
}

func TestSearchFindsLimit(t *testing.T) {
	for _, limit := range []float64{2, 7, 999, 1000, 1001, 123_456, 5e6} {
		best, steps, err := Search(1000, server(limit))
		if err != nil || best > limit || best < limit/precision {
			t.Errorf("limit %v: found %v with %v", limit, best, err)
		}
		if len(steps) > 40 {
			t.Errorf("limit %v: %d steps", limit, len(steps))
		}
	}
	if _, _, err := Search(1000, server(0)); !errors.Is(err, ErrNever) {
		t.Errorf("a server that never keeps it: %v", err)
	}
	if best, steps, err := Search(1, server(1e300)); err != nil || len(steps) != stepsMax || best == 0 {
		t.Errorf("a server without a limit: %v after %d steps, %v", best, len(steps), err)
	}
	// A server that misses every third measurement for reasons of its own is still found out.
	count := 0
	best, _, err := Search(1000, func(rate float64) (Step, error) {
		count++
		return Step{Rate: rate, Kept: rate <= 50_000 && count%3 != 0}, nil
	})
	if err != nil || best < 50_000/precision || best > 50_000 {
		t.Errorf("a disturbed server of 50000: found %v, %v", best, err)
	}
	broken := errors.New("gone")
	if _, _, err := Search(1, func(float64) (Step, error) { return Step{}, broken }); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
}

func TestJudge(t *testing.T) {
	o := Objective{"p99", 99, time.Millisecond}
	for _, c := range []struct {
		reached float64
		latency time.Duration
		kept    bool
	}{{1000, time.Millisecond, true}, {900, 0, true}, {899, 0, false}, {1000, time.Millisecond + 1, false}} {
		s := Step{Rate: 1000, Reached: c.reached, Latency: c.latency}
		if s.Judge(o); s.Kept != c.kept {
			t.Errorf("%+v: kept %v", c, s.Kept)
		}
	}
}

func TestParseObjective(t *testing.T) {
	for text, want := range map[string]Objective{
		"p999=1ms": {"p999", 99.9, time.Millisecond}, "p50=2s": {"p50", 50, 2 * time.Second}, "p9999=500us": {"p9999", 99.99, 500 * time.Microsecond}, "max=1s": {"max", 100, time.Second},
	} {
		got, err := ParseObjective(text)
		if err != nil || got.Limit != want.Limit || got.Name != want.Name || got.Percentile-want.Percentile > 1e-9 || want.Percentile-got.Percentile > 1e-9 {
			t.Errorf("%q: %+v, %v", text, got, err)
		}
	}
	if s := (Objective{"p999", 99.9, time.Millisecond}).String(); s != "p999 <= 1ms" {
		t.Errorf("got %q", s)
	}
	for _, bad := range []string{"", "p99", "p99=", "p99=0s", "p99=-1s", "99=1s", "p=1s", "p0=1s", "px=1s", "p1e2=1s", "avg=1s", "p1234567=1s"} {
		if _, err := ParseObjective(bad); err == nil {
			t.Errorf("%q must be refused", bad)
		}
	}
}
