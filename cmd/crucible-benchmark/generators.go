package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/crucible-cache/crucible/internal/bench/contender"
	"github.com/crucible-cache/crucible/internal/bench/generator"
	"github.com/crucible-cache/crucible/internal/bench/machine"
	"github.com/crucible-cache/crucible/internal/bench/report"
)

// generatorsCommand measures how much load a core makes: with this program, and with what comes with the incumbents.
type generatorsCommand struct {
	contest

	Pipeline []int   `help:"Requests in flight per connection; memcslap has one." default:"1,16,64"`
	Requests int     `help:"Requests of each turn at pipeline 1; twenty times as many beyond, or starting would count." default:"200000"`
	AtLeast  float64 `help:"Fail when a core makes less than so many times the other's load." default:"0"`
}

// errTooSlow ends a comparison that was asked to judge.
var errTooSlow = errors.New("a core makes less load than it should")

// Run carries the comparison out.
func (g *generatorsCommand) Run(ctx context.Context) error {
	g.defaults(5, 0, "newest")
	servers, err := g.enter(ctx)
	if err != nil {
		return err
	}
	var all []generator.Outcome
	var failed error
	for i := range servers {
		if servers[i].Family == contender.Valkey {
			continue // what redis-benchmark costs doesn't depend on it
		}
		outcomes, err := generator.Compare(ctx, &generator.Plan{
			Server: servers[i], Settings: g.settings(1, contender.TCP), Loads: g.loads(&servers[i]),
			Repetitions: g.Repetitions, LoadCPUs: g.LoadCPUs, Progress: g.sayer("generators"),
		})
		all, failed = append(all, outcomes...), errors.Join(failed, err)
	}
	fmt.Printf("machine: %s\n\n", machine.Describe())
	if err := errors.Join(failed, report.Generators(os.Stdout, all)); err != nil {
		return err
	}
	for _, o := range all {
		if o.Ratio.Value < g.AtLeast {
			return errTooSlow
		}
	}
	return nil
}

func (g *generatorsCommand) loads(server *contender.Contender) []generator.Load {
	var loads []generator.Load
	for _, depth := range g.Pipeline {
		l := generator.Load{Requests: g.Requests, Keys: 100_000, ValueSize: 64, Connections: g.Connections, Pipeline: depth}
		if depth > 1 {
			if server.Family == contender.Memcached {
				continue
			}
			l.Requests *= 20
		}
		loads = append(loads, l)
	}
	return loads
}
