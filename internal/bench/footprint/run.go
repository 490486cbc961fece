package footprint

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/crucible-cache/crucible/internal/bench/contender"
	"github.com/crucible-cache/crucible/internal/bench/load"
	"github.com/crucible-cache/crucible/internal/bench/procstat"
	"github.com/crucible-cache/crucible/internal/bench/wire"
	"github.com/crucible-cache/crucible/internal/bench/workload"
)

const fillConnections = 4

// Run carries the plan out. A contender that fails is noted and the others go on; the error says at the end who failed.
func Run(ctx context.Context, p *Plan) (*Outcome, error) {
	if err := p.validate(); err != nil {
		return nil, err
	}
	o := &Outcome{Contenders: p.Contenders, CommandLines: make([]string, len(p.Contenders))}
	var failures []error
	for f, fill := range p.Fills {
		o.Fills = append(o.Fills, FillOutcome{Fill: fill, Rows: make([]Row, len(p.Contenders))})
		for i := range p.Contenders {
			row := &o.Fills[f].Rows[i]
			row.Contender = p.Contenders[i].Name
			err := p.measure(ctx, o, fill, i, row)
			if ctx.Err() != nil {
				return o, ctx.Err()
			}
			if err != nil {
				failures = append(failures, fmt.Errorf("%s, %v: %w", row.Contender, fill, err))
				o.Notes = append(o.Notes, "FAILED: "+failures[len(failures)-1].Error())
			}
		}
	}
	o.judge(p.Goals)
	return o, errors.Join(failures...)
}

// measure starts one contender, fills it, and reads its memory before and after.
func (p *Plan) measure(ctx context.Context, o *Outcome, fill Fill, index int, row *Row) error {
	c := &p.Contenders[index]
	server, err := c.Start(ctx, p.Settings)
	if err != nil {
		return err
	}
	defer server.Stop()
	if o.CommandLines[index] == "" {
		o.CommandLines[index] = server.CommandLine
	}
	empty, err := procstat.ReadMemory(server.PID)
	if err != nil {
		return err
	}
	began := time.Now()
	if err := p.store(ctx, c, server, fill); err != nil {
		return server.Explain(err)
	}
	took := time.Since(began)
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(p.Settle):
	}
	filled, err := procstat.ReadMemory(server.PID)
	if err != nil {
		return server.Explain(err)
	}
	row.Empty, row.Filled = empty.Resident, filled.Resident
	row.PerItem = float64(filled.Resident) / float64(fill.Keys)
	p.say("%s: %v in %v: %.1f bytes of RSS per item", c.Name, fill, took.Round(time.Millisecond), row.PerItem)
	return nil
}

// store stores the items, and fails unless the server has all of them.
func (p *Plan) store(ctx context.Context, c *contender.Contender, server *contender.Process, fill Fill) error {
	err := load.Prefill(ctx, load.Config{
		Target: server.Endpoint, Protocol: c.Protocol, Workload: workload.Uniform(fill.Keys, fill.ValueSize, c.Protocol.Store()),
		Threads: 1, Connections: fillConnections, CPUs: p.LoadCPUs,
	})
	if err != nil {
		return err
	}
	conn, err := server.Dial()
	if err != nil {
		return err
	}
	defer conn.Close()
	held, err := wire.Items(conn, c.Protocol)
	if err == nil && held != fill.Keys {
		err = fmt.Errorf("it holds %d of %d items: raise the memory limit", held, fill.Keys)
	}
	return err
}
