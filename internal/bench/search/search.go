// Package search finds the highest rate at which a server keeps a latency objective.
//
// It measures nothing itself: a function that loads the server at a rate is handed in. The search climbs geometrically
// until a step fails, then bisects; it ends after stepsMax steps, whatever the server does. One goroutine.
package search

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

const (
	// climb is the factor between steps on the way up.
	climb = 2
	// precision is the ratio of the lowest failed to the highest kept rate at which the search ends.
	precision = 1.05
	// reach is the share of its rate that a step must really offer to count.
	reach = 0.9
	// stepsMax bounds the search: from the start up or down by 2^20, and 5 % by bisection, fit in it.
	stepsMax = 30
	// attempts is how often a rate is tried before it counts as missed: one disturbance from outside would otherwise send
	// the search far below what the server can do.
	attempts = 2
	// rateMin is where a search downwards gives up, in requests per second.
	rateMin = 1
)

// Objective is a bound for one percentile of the latency.
type Objective struct {
	// Name is "p99" or the like, Percentile the same within 0..100; 100 is the maximum.
	Name       string
	Percentile float64
	Limit      time.Duration
}

// ParseObjective reads "p99=1ms", "p999=500us" or "max=20ms". The digits behind the p are those behind the decimal point
// of a percentile below 100: p9999 is 99.99.
func ParseObjective(text string) (Objective, error) {
	name, value, _ := strings.Cut(text, "=")
	limit, err := time.ParseDuration(value)
	if err != nil || limit <= 0 {
		return Objective{}, fmt.Errorf("objective %q: want a percentile and a time, such as p999=1ms", text)
	}
	if name == "max" {
		return Objective{name, 100, limit}, nil
	}
	digits, found := strings.CutPrefix(name, "p")
	share, err := strconv.ParseFloat("0."+digits, 64)
	if !found || err != nil || digits == "" || len(digits) > 6 || strings.Trim(digits, "0123456789") != "" || share == 0 {
		return Objective{}, fmt.Errorf("objective %q: want p50, p99, p999 or the like, or max", text)
	}
	return Objective{name, 100 * share, limit}, nil
}

func (o Objective) String() string { return fmt.Sprintf("%s <= %v", o.Name, o.Limit) }

// Step is one measurement.
type Step struct {
	// Rate was asked for, Reached is what came about, both in requests per second; Latency is at the objective's percentile.
	Rate    float64       `json:"rate"`
	Reached float64       `json:"reached"`
	Latency time.Duration `json:"latency_ns"`
	// Kept says that the step reached its rate and kept the objective.
	Kept bool `json:"kept"`
}

// Judge fills in Kept.
func (s *Step) Judge(o Objective) { s.Kept = s.Reached >= reach*s.Rate && s.Latency <= o.Limit }

// ErrNever is returned when not even the lowest rate kept the objective.
var ErrNever = errors.New("the objective is kept at no rate")

// Search returns the highest rate found to keep the objective, and all steps in order. measure loads the server and judges
// the step; its error ends the search.
func Search(start float64, measure func(rate float64) (Step, error)) (best float64, steps []Step, err error) {
	failed := 0.0 // the lowest rate that did
	rate := start
	for range stepsMax {
		kept, err := try(rate, measure, &steps)
		if err != nil {
			return best, steps, err
		}
		if kept {
			best = max(best, rate)
		} else if failed == 0 || rate < failed {
			failed = rate
		}
		switch {
		case failed == 0:
			rate *= climb
		case best == 0 && rate/climb < rateMin:
			return 0, steps, ErrNever
		case best == 0:
			rate /= climb
		case failed/best <= precision:
			return best, steps, nil
		default:
			rate = (best + failed) / 2
		}
	}
	if best == 0 {
		return 0, steps, ErrNever
	}
	return best, steps, nil
}

// try measures a rate until it is kept, or was missed often enough, and appends the steps.
func try(rate float64, measure func(rate float64) (Step, error), steps *[]Step) (kept bool, err error) {
	for range attempts {
		step, err := measure(rate)
		if err != nil {
			return false, err
		}
		*steps = append(*steps, step)
		if step.Kept {
			return true, nil
		}
	}
	return false, nil
}
