// Package compare runs several servers through the same measurements and sets the results side by side.
//
// All servers of a plan are started and filled once. In every cell they take turns, window by window, forwards and then
// backwards; who hasn't got the turn is stopped by a signal, and costs nothing. So the windows that are set against each
// other lie within seconds, and what disturbs the machine for longer than that disturbs all of them. One goroutine does
// it all, and ends the servers at the end or when anything fails. Memory is a few numbers per measurement.
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
	// Fill, when set, empties a server and stores what the cell needs. Without it the first cell's workload fills the
	// servers for all cells.
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
	Cells    []Cell
	// Repetitions is how many windows a contender has in a cell; WarmUp and Window are of each.
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
