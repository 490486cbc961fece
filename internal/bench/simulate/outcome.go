package simulate

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/crucible-cache/crucible/internal/bench/trace"
)

// Outcome is what a plan found out.
type Outcome struct {
	// Caches are the names of the columns, Ours tells which of them are our stores.
	Caches  []string `json:"caches"`
	Ours    []bool   `json:"ours"`
	Subject string   `json:"subject"`
	Rows    []Row    `json:"rows"`
	Notes   []string `json:"notes,omitempty"`
}

// Row is one trace in caches of one size. A cache that failed has a result without reads.
type Row struct {
	Trace   string        `json:"trace"`
	Summary trace.Summary `json:"summary"`
	Share   float64       `json:"share"`
	Limit   int64         `json:"limit_bytes"`
	Results []Result      `json:"results"`
}

// limitUnit is what the limits of all caches are multiples of: the servers of others take theirs in MiB.
const limitUnit = 1 << 20

// Run carries the plan out. A cache that fails on a row is noted, and the others go on; the error says at the end who failed.
// The outcome holds what was found out, whatever the error.
func Run(ctx context.Context, p *Plan) (*Outcome, error) {
	if err := p.validate(); err != nil {
		return nil, err
	}
	o := &Outcome{Subject: p.Subject}
	for _, c := range p.Caches {
		o.Caches = append(o.Caches, c.Name())
		o.Ours = append(o.Ours, c.Ours())
	}
	var failures []error
	for _, source := range p.Traces {
		t, err := source()
		if err != nil {
			return o, err
		}
		s := t.Summarize()
		p.say("%s: %v", t.Name, s)
		for _, share := range p.Shares {
			limit := max(int64(math.Round(float64(s.Bytes)*share/limitUnit)), 1) * limitUnit
			row := Row{Trace: t.Name, Summary: s, Share: share, Limit: limit}
			failures = append(failures, p.replay(ctx, t, &row)...)
			if ctx.Err() != nil {
				return o, ctx.Err()
			}
			o.Rows = append(o.Rows, row)
		}
	}
	for _, err := range failures {
		o.Notes = append(o.Notes, "FAILED: "+err.Error())
	}
	return o, errors.Join(failures...)
}

func (p *Plan) replay(ctx context.Context, t *trace.Trace, row *Row) (failures []error) {
	for _, c := range p.Caches {
		r, err := c.Replay(ctx, t, row.Limit)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			failures = append(failures, fmt.Errorf("%s, %s in %d MiB: %w", c.Name(), t.Name, row.Limit>>20, err))
		}
		row.Results = append(row.Results, r)
		p.say("%s, %d MiB, %s: misses %.4f, %.0f MiB resident, %.1f s", t.Name, row.Limit>>20, c.Name(), r.MissRatio(), float64(r.Resident)/(1<<20), r.Seconds)
	}
	return failures
}

// Losses lists, for one row, the caches of others that the subject doesn't miss less than, by their columns.
func (o *Outcome) Losses(row *Row) (to []int) {
	for i, name := range o.Caches {
		if name != o.Subject || row.Results[i].Reads == 0 {
			continue
		}
		for j, other := range row.Results {
			if !o.Ours[j] && other.Reads > 0 && other.MissRatio() <= row.Results[i].MissRatio() {
				to = append(to, j)
			}
		}
	}
	return to
}
