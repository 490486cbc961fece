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

// settle is what a server that was filled is given to finish what it does in the background with what it has dropped.
const settle = 50 * time.Millisecond

// windowAttempts is how often a window is tried.
const windowAttempts = 5

// Run carries the plan out. A contender that fails is noted, and not tried again; the others go on, and the error says at
// the end who failed. The outcome holds what was measured, whatever the error.
func Run(ctx context.Context, p *Plan) (*Outcome, error) {
	if err := p.validate(); err != nil {
		return nil, err
	}
	s := &session{plan: p, entries: make([]entry, len(p.Contenders)), outcome: newOutcome(p)}
	defer s.stop()
	s.start(ctx)
	if len(s.outcome.Contenders) == 0 {
		return nil, fmt.Errorf("no server starts like this: %s", strings.Join(s.outcome.Notes, "; "))
	}
	for cell := range p.Cells {
		if ctx.Err() != nil {
			break
		}
		s.measure(ctx, cell)
	}
	s.outcome.compareRows()
	if ctx.Err() != nil {
		return s.outcome, ctx.Err()
	}
	return s.outcome, s.failures()
}

// session is a plan being carried out.
type session struct {
	plan    *Plan
	entries []entry // as the outcome's contenders
	outcome *Outcome
}

// entry is one contender that takes part, stopped by a signal unless it is its turn.
type entry struct {
	server *contender.Process
	failed error
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

// start starts and fills every contender. One that doesn't start is left out of an optional plan.
func (s *session) start(ctx context.Context) {
	p := s.plan
	var able []contender.Contender
	var entries []entry
	var notes []string
	for i := range p.Contenders {
		server, err := p.Contenders[i].Start(ctx, p.Settings)
		if err != nil && p.Optional && ctx.Err() == nil {
			reason, _, _ := strings.Cut(err.Error(), "\n")
			notes = append(notes, p.Contenders[i].Name+" is left out: "+reason)
			p.say("%s", notes[len(notes)-1])
			continue
		}
		able, entries = append(able, p.Contenders[i]), append(entries, entry{server, err})
		if err == nil {
			server.Pause()
		}
	}
	if len(able) == 0 {
		s.entries, s.outcome.Contenders, s.outcome.Notes = nil, nil, notes
		return
	}
	p.Contenders, s.entries = able, entries
	s.outcome = newOutcome(p)
	s.outcome.Notes = notes
	for i := range s.entries {
		if e := &s.entries[i]; e.server != nil {
			s.outcome.CommandLines[i] = e.server.CommandLine
		} else {
			s.fail(i, e.failed)
		}
	}
	if p.Cells[0].Fill == nil {
		s.prefill(ctx)
	}
}

// prefill stores the keyspace that the cells of a plan share, by the workload of the first.
func (s *session) prefill(ctx context.Context) {
	for i := range s.entries {
		began := time.Now()
		done := s.turn(ctx, i, func(e *entry) error {
			return load.Prefill(ctx, s.plan.config(e.server, &s.plan.Cells[0]))
		})
		if done {
			s.plan.say("%s: filled with %d keys in %v", s.plan.Contenders[i].Name, s.plan.Cells[0].Workload.Keys.Count, time.Since(began).Round(time.Millisecond))
		}
	}
}

// measure takes all contenders through one cell: repetition by repetition, one after the other.
func (s *session) measure(ctx context.Context, cell int) {
	p := s.plan
	if fill := p.Cells[cell].Fill; fill != nil {
		for i := range s.entries {
			s.turn(ctx, i, func(e *entry) error {
				err := fill(ctx, e.server)
				time.Sleep(settle)
				return err
			}, p.Cells[cell].Name)
		}
	}
	for repetition := range p.Repetitions {
		for _, i := range order(len(s.entries), repetition) {
			s.turn(ctx, i, func(e *entry) error {
				result, err := p.window(ctx, e.server, &p.Cells[cell])
				if err == nil {
					s.outcome.Cells[cell].Rows[i].add(result)
				}
				return err
			}, p.Cells[cell].Name)
		}
	}
	s.sayCell(&s.outcome.Cells[cell])
}

// window is one measurement. A window without any reply measured nothing but a machine that is busy otherwise, and is
// made again, twice as long.
func (p *Plan) window(ctx context.Context, server *contender.Process, cell *Cell) (*load.Result, error) {
	config := p.config(server, cell)
	for range windowAttempts {
		result, err := load.Run(ctx, config)
		if err != nil || result.Requests > 0 {
			return result, err
		}
		config.Duration *= 2
	}
	return nil, fmt.Errorf("no reply in %d windows from %v", windowAttempts, p.Window)
}

// turn lets one contender run for as long as work takes, and notes a failure, named by what was done.
func (s *session) turn(ctx context.Context, index int, work func(*entry) error, what ...string) (done bool) {
	e := &s.entries[index]
	if e.failed != nil || ctx.Err() != nil {
		return false
	}
	e.server.Continue()
	err := work(e)
	if err != nil && ctx.Err() == nil {
		err = e.server.Explain(err)
		for _, w := range what {
			err = fmt.Errorf("%s: %w", w, err)
		}
		s.fail(index, err)
	}
	e.server.Pause()
	return err == nil
}

func (s *session) fail(index int, err error) {
	name := s.plan.Contenders[index].Name
	s.entries[index].failed = fmt.Errorf("%s, %w", name, err)
	s.outcome.Notes = append(s.outcome.Notes, fmt.Sprintf("FAILED: %v", s.entries[index].failed))
	s.plan.say("%s", s.outcome.Notes[len(s.outcome.Notes)-1])
}

func (s *session) failures() error {
	var all []error
	for i := range s.entries {
		all = append(all, s.entries[i].failed)
	}
	return errors.Join(all...)
}

func (s *session) stop() {
	for i := range s.entries {
		if e := &s.entries[i]; e.server != nil {
			e.server.Stop()
		}
	}
}

func (s *session) sayCell(c *CellOutcome) {
	text := c.Name
	for i := range c.Rows {
		text += fmt.Sprintf("; %s %.0f/s, %.3f us", c.Rows[i].Contender, c.Rows[i].Throughput.Median(), c.Rows[i].CPU.Median())
	}
	s.plan.say("%s", text)
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
