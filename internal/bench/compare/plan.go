// Package compare runs several servers through the same measurements, one at a time, and sets the results side by side.
//
// Unless they run beside each other, every repetition starts every contender afresh, in an order that alternates, so that a machine that warms up or is
// disturbed for a while doesn't favour one of them. One goroutine does it all; servers are ended before the next starts
// and when anything fails. Memory is a few numbers per measurement.
package compare

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/crucible-cache/crucible/internal/bench/contender"
	"github.com/crucible-cache/crucible/internal/bench/workload"
)

// Cell is one measurement that every contender of a protocol goes through.
type Cell struct {
	// Name tells it from the other cells, like "GET pipeline 16".
	Name     string `json:"name"`
	Pipeline int    `json:"pipeline"`
	// Churn is the number of requests after which a connection is made again, 0 for never.
	Churn int `json:"churn,omitempty"`
	// Rate is the requests per second of an open loop, 0 for a closed one.
	Rate     float64            `json:"rate,omitempty"`
	Workload *workload.Workload `json:"-"`
	// Fill, when set, empties a server and stores what the cell needs; only a plan whose contenders run Beside each other
	// asks for it.
	Fill func(ctx context.Context, server *contender.Process) error `json:"-"`
	// Target is the most CPU a request may cost, as a share of an incumbent's; 0 for none.
	Target float64 `json:"target,omitempty"`
}

// Plan is a whole comparison for one protocol.
type Plan struct {
	// Title heads the outcome.
	Title      string
	Contenders []contender.Contender
	Settings   contender.Settings
	// Optional leaves out a contender that doesn't start with these settings, rather than failing: not every build of a
	// server has TLS.
	Optional bool
	// Beside starts all contenders at once and has them take turns within every cell, each filled by the cell's Fill: what
	// disturbs the machine for some seconds then disturbs all of them. An idle server costs the others nothing.
	Beside bool
	Cells  []Cell
	// Repetitions is how often everything is measured; WarmUp and Window are per cell.
	Repetitions    int
	WarmUp, Window time.Duration
	Connections    int
	LoadThreads    int
	LoadCPUs       []int
	Seed           uint64
	// Progress, when set, is told what happens, in words for a person.
	Progress func(string)
}

func (p *Plan) validate() error {
	switch {
	case len(p.Contenders) == 0:
		return errors.New("there is no server to measure")
	case len(p.Cells) == 0:
		return errors.New("there is nothing to measure")
	case p.Repetitions < 1:
		return fmt.Errorf("repetitions %d: at least 1", p.Repetitions)
	}
	for i := range p.Contenders {
		if p.Contenders[i].Protocol != p.Contenders[0].Protocol {
			return errors.New("contenders of different protocols in one plan")
		}
	}
	return nil
}

// order returns the contenders' indexes for one repetition: forwards, then backwards.
func order(contenders, repetition int) []int {
	indexes := make([]int, contenders)
	for i := range indexes {
		if repetition%2 == 0 {
			indexes[i] = i
		} else {
			indexes[i] = contenders - 1 - i
		}
	}
	return indexes
}
