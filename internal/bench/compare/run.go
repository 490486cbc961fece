package compare

import (
	"context"
	"fmt"
	"time"

	"github.com/crucible-cache/crucible/internal/bench/contender"
	"github.com/crucible-cache/crucible/internal/bench/load"
)

// Run carries the plan out. On an error it returns what was measured until then as well.
func Run(ctx context.Context, p *Plan) (*Outcome, error) {
	if err := p.validate(); err != nil {
		return nil, err
	}
	o := newOutcome(p)
	for repetition := range p.Repetitions {
		for _, i := range order(len(p.Contenders), repetition) {
			if err := p.measure(ctx, o, repetition, i); err != nil {
				o.compareRows()
				return o, fmt.Errorf("%s: %w", p.Contenders[i].Name, err)
			}
		}
	}
	o.compareRows()
	return o, nil
}

func newOutcome(p *Plan) *Outcome {
	o := &Outcome{Protocol: p.Contenders[0].Protocol, Contenders: p.Contenders, CommandLines: make([]string, len(p.Contenders))}
	for _, cell := range p.Cells {
		c := CellOutcome{Cell: cell, Rows: make([]Row, len(p.Contenders))}
		for i := range c.Rows {
			c.Rows[i].Contender = p.Contenders[i].Name
		}
		o.Cells = append(o.Cells, c)
	}
	return o
}

// measure starts one contender, fills it, and takes it through all cells.
func (p *Plan) measure(ctx context.Context, o *Outcome, repetition, index int) error {
	server, err := p.Contenders[index].Start(ctx, p.Settings)
	if err != nil {
		return err
	}
	defer server.Stop()
	if o.CommandLines[index] == "" {
		o.CommandLines[index] = server.CommandLine
	}
	// The cells of a plan share one keyspace; the first workload fills it for all.
	began := time.Now()
	if err := load.Prefill(ctx, p.config(server, &p.Cells[0])); err != nil {
		return err
	}
	p.say("repetition %d of %d, %s: filled with %d keys in %v", repetition+1, p.Repetitions, p.Contenders[index].Name,
		p.Cells[0].Workload.Keys.Count, time.Since(began).Round(time.Millisecond))
	for i := range p.Cells {
		result, err := load.Run(ctx, p.config(server, &p.Cells[i]))
		if err != nil {
			return fmt.Errorf("%s: %w", p.Cells[i].Name, err)
		}
		o.Cells[i].Rows[index].add(result)
		p.say("repetition %d of %d, %s, %s: %.0f/s, CPU %.3f us each", repetition+1, p.Repetitions, p.Contenders[index].Name,
			p.Cells[i].Name, result.Throughput(), microseconds(int64(result.CPUPerRequest())))
	}
	return nil
}

func (p *Plan) config(server *contender.Process, cell *Cell) load.Config {
	return load.Config{
		Target: server.Endpoint, Protocol: p.Contenders[0].Protocol, Workload: cell.Workload,
		Threads: p.LoadThreads, Connections: p.Connections, Pipeline: cell.Pipeline, CPUs: p.LoadCPUs,
		Rate: cell.Rate, WarmUp: p.WarmUp, Duration: p.Window,
		ServerPID: server.PID, ServerCPUs: p.Settings.CPUs, Seed: p.Seed,
	}
}

func (p *Plan) say(format string, args ...any) {
	if p.Progress != nil {
		p.Progress(fmt.Sprintf(format, args...))
	}
}
