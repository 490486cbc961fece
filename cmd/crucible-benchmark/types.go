package main

import (
	"context"
	"errors"
	"time"

	"github.com/crucible-cache/crucible/internal/bench/collection"
	"github.com/crucible-cache/crucible/internal/bench/compare"
	"github.com/crucible-cache/crucible/internal/bench/contender"
	"github.com/crucible-cache/crucible/internal/bench/machine"
	"github.com/crucible-cache/crucible/internal/bench/report"
	"github.com/crucible-cache/crucible/internal/bench/wire"
)

// typesCommand compares servers on the collection types: CPU time of requests, memory of elements.
type typesCommand struct {
	contest

	Requests []string          `arg:"" optional:"" help:"Requests to measure, such as ZADD; all without one."`
	Form     []collection.Form `help:"Collections: small (50 elements) or large (100000)." enum:"small,large" default:"small,large"`
	Pipeline []int             `help:"Requests in flight per connection." default:"1,16"`
	Measure  []string          `help:"What is measured: cpu, memory." enum:"cpu,memory" default:"cpu,memory"`
}

// Run carries the comparison out.
func (t *typesCommand) Run(ctx context.Context) error {
	t.defaults(5, 500*time.Millisecond, "newest")
	cells, err := collection.Cells(t.Requests, t.Form, t.Pipeline)
	if err != nil {
		return err
	}
	incumbents, err := t.enter(ctx)
	if err != nil {
		return err
	}
	contenders, err := t.contenders(ctx, wire.RESP, incumbents)
	if err != nil {
		return err
	}
	out := &report.Comparison{Started: time.Now(), Machine: machine.Describe(), Command: calledAs(), Setup: t.setup()}
	settings := t.settings(1, contender.TCP)
	var failed error
	for _, what := range t.Measure {
		if what == "cpu" {
			failed = errors.Join(failed, t.requests(ctx, out, contenders, settings, cells))
			continue
		}
		weights, err := collection.Weigh(ctx, contenders, settings, t.Form, t.sayer("memory"))
		out.Weights, failed = weights, errors.Join(failed, err)
	}
	out.Took = time.Since(out.Started).Seconds()
	return errors.Join(failed, t.publish(out))
}

func (t *typesCommand) requests(ctx context.Context, out *report.Comparison, contenders []contender.Contender, s contender.Settings, cells []compare.Cell) error {
	outcome, err := compare.Run(ctx, &compare.Plan{
		Title: "collections: one server thread", Contenders: contenders, Settings: s, Cells: cells,
		Repetitions: t.Repetitions, WarmUp: t.WarmUp, Window: t.Window,
		Connections: t.Connections, LoadThreads: t.LoadThreads, LoadCPUs: t.LoadCPUs, Progress: t.sayer("cpu"),
	})
	if outcome != nil {
		out.Outcomes = append(out.Outcomes, outcome)
	}
	return err
}
