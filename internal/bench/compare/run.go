package compare

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/crucible-cache/crucible/internal/bench/contender"
	"github.com/crucible-cache/crucible/internal/bench/load"
)

// Run carries the plan out. A contender that fails is noted, and not tried again; the others go on, and the error says at
// the end who failed. The outcome holds what was measured, whatever the error.
func Run(ctx context.Context, p *Plan) (*Outcome, error) {
	if err := p.validate(); err != nil {
		return nil, err
	}
	o := newOutcome(p)
	if p.Optional {
		if err := p.dropUnable(ctx, o); err != nil {
			return nil, err
		}
	}
	if p.Beside {
		err := p.beside(ctx, o)
		o.compareRows()
		return o, err
	}
	failures := make([]error, len(p.Contenders))
	for repetition := range p.Repetitions {
		for _, i := range order(len(p.Contenders), repetition) {
			if failures[i] != nil {
				continue
			}
			err := p.measure(ctx, o, repetition, i)
			if ctx.Err() != nil {
				o.compareRows()
				return o, ctx.Err()
			}
			if err != nil {
				failures[i] = fmt.Errorf("%s: %w", p.Contenders[i].Name, err)
				o.Notes = append(o.Notes, fmt.Sprintf("FAILED in repetition %d: %v", repetition+1, failures[i]))
				p.say("%s", o.Notes[len(o.Notes)-1])
			}
		}
	}
	o.compareRows()
	return o, errors.Join(failures...)
}

func newOutcome(p *Plan) *Outcome {
	o := &Outcome{Title: p.Title, Protocol: p.Contenders[0].Protocol, Contenders: p.Contenders, CommandLines: make([]string, len(p.Contenders))}
	for _, cell := range p.Cells {
		c := CellOutcome{Cell: cell, Rows: make([]Row, len(p.Contenders))}
		for i := range c.Rows {
			c.Rows[i].Contender = p.Contenders[i].Name
		}
		o.Cells = append(o.Cells, c)
	}
	return o
}

// dropUnable leaves out the contenders that don't start, and notes why.
func (p *Plan) dropUnable(ctx context.Context, o *Outcome) error {
	var able []contender.Contender
	var notes []string
	for _, c := range p.Contenders {
		server, err := c.Start(ctx, p.Settings)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			reason, _, _ := strings.Cut(err.Error(), "\n")
			notes = append(notes, c.Name+" is left out: "+reason)
			p.say("%s", notes[len(notes)-1])
			continue
		}
		server.Stop()
		able = append(able, c)
	}
	if len(able) == 0 {
		return fmt.Errorf("no server starts like this: %s", strings.Join(notes, "; "))
	}
	p.Contenders = able
	*o = *newOutcome(p)
	o.Notes = notes
	return nil
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
		return server.Explain(err)
	}
	p.say("repetition %d of %d, %s: filled with %d keys in %v", repetition+1, p.Repetitions, p.Contenders[index].Name,
		p.Cells[0].Workload.Keys.Count, time.Since(began).Round(time.Millisecond))
	for i := range p.Cells {
		result, err := load.Run(ctx, p.config(server, &p.Cells[i]))
		if err != nil {
			return fmt.Errorf("%s: %w", p.Cells[i].Name, server.Explain(err))
		}
		o.Cells[i].Rows[index].add(result)
		p.say("repetition %d of %d, %s, %s: %.0f/s, CPU %.3f us each", repetition+1, p.Repetitions, p.Contenders[index].Name,
			p.Cells[i].Name, result.Throughput(), microseconds(int64(result.CPUPerRequest())))
	}
	return nil
}

func (p *Plan) config(server *contender.Process, cell *Cell) load.Config {
	return load.Config{
		Target: server.Endpoint, TLS: server.TLS, Protocol: p.Contenders[0].Protocol, Workload: cell.Workload,
		Threads: p.LoadThreads, Connections: p.Connections, Pipeline: cell.Pipeline, CPUs: p.LoadCPUs,
		Rate: cell.Rate, Churn: cell.Churn, WarmUp: p.WarmUp, Duration: p.Window,
		ServerPID: server.PID, ServerCPUs: p.Settings.CPUs, Seed: p.Seed,
	}
}

func (p *Plan) say(format string, args ...any) {
	if p.Progress != nil {
		p.Progress(fmt.Sprintf(format, args...))
	}
}
