package compare

import (
	"context"
	"fmt"
	"time"

	"github.com/crucible-cache/crucible/internal/bench/contender"
	"github.com/crucible-cache/crucible/internal/bench/load"
)

// beside measures contenders that run at the same time: cell by cell, repetition by repetition, one after the other.
func (p *Plan) beside(ctx context.Context, o *Outcome) error {
	servers := make([]*contender.Process, len(p.Contenders))
	defer func() {
		for _, s := range servers {
			if s != nil {
				s.Stop()
			}
		}
	}()
	for i := range p.Contenders {
		server, err := p.Contenders[i].Start(ctx, p.Settings)
		if err != nil {
			return err
		}
		servers[i], o.CommandLines[i] = server, server.CommandLine
	}
	for c := range p.Cells {
		for i, server := range servers {
			if err := p.fill(ctx, server, &p.Cells[c]); err != nil {
				return fmt.Errorf("%s, %s: %w", p.Contenders[i].Name, p.Cells[c].Name, server.Explain(err))
			}
		}
		for repetition := range p.Repetitions {
			for _, i := range order(len(servers), repetition) {
				result, err := load.Run(ctx, p.config(servers[i], &p.Cells[c]))
				if err != nil {
					return fmt.Errorf("%s, %s: %w", p.Contenders[i].Name, p.Cells[c].Name, servers[i].Explain(err))
				}
				o.Cells[c].Rows[i].add(result)
			}
		}
		p.sayCell(&o.Cells[c])
	}
	return nil
}

// fill empties and fills one server for a cell, and lets it settle: what it does in the background for what it has just
// dropped would be charged to the requests.
func (p *Plan) fill(ctx context.Context, server *contender.Process, cell *Cell) error {
	if cell.Fill == nil {
		return nil
	}
	err := cell.Fill(ctx, server)
	time.Sleep(settle)
	return err
}

const settle = 50 * time.Millisecond

func (p *Plan) sayCell(c *CellOutcome) {
	text := c.Name
	for i := range c.Rows {
		text += fmt.Sprintf("; %s %.3f us", c.Rows[i].Contender, c.Rows[i].CPU.Median())
	}
	p.say("%s", text)
}
