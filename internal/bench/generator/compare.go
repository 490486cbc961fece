package generator

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/crucible-cache/crucible/internal/bench/contender"
	"github.com/crucible-cache/crucible/internal/bench/load"
	"github.com/crucible-cache/crucible/internal/bench/sample"
	"github.com/crucible-cache/crucible/internal/bench/workload"
)

// Plan is a comparison of generators on one server.
type Plan struct {
	Server      contender.Contender
	Settings    contender.Settings
	Loads       []Load
	Repetitions int
	LoadCPUs    []int
	Progress    func(string)
}

// Outcome is what came of one load: ours, then the rival.
type Outcome struct {
	Server string `json:"server"`
	Load   Load   `json:"load"`
	Uses   []*Use `json:"generators"`
	// Ratio is the rival's CPU time per request over ours: how many times its load a core of ours makes.
	Ratio sample.Ratio `json:"ratio"`
}

// Compare starts and fills the server and has the generators take turns on it. Without a rival installed it is an error:
// there is nothing to compare with.
func Compare(ctx context.Context, p *Plan) ([]Outcome, error) {
	rival, ok := Rival(p.Server.Protocol)
	if !ok {
		return nil, fmt.Errorf("the usual load generator for %s isn't installed (packages redis-tools, libmemcached-tools)", p.Server.Family)
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	generators := []Generator{Self(self, p.Server.Protocol), rival}
	server, err := p.Server.Start(ctx, p.Settings)
	if err != nil {
		return nil, err
	}
	defer server.Stop()
	var outcomes []Outcome
	for _, l := range p.Loads {
		if err := p.fill(ctx, server, l); err != nil {
			return outcomes, server.Explain(err)
		}
		o, err := p.take(ctx, server, generators, l)
		if err != nil {
			return outcomes, server.Explain(err)
		}
		outcomes = append(outcomes, o)
	}
	return outcomes, nil
}

// take has the generators take turns with one load.
func (p *Plan) take(ctx context.Context, server *contender.Process, generators []Generator, l Load) (Outcome, error) {
	o := Outcome{Server: p.Server.Name, Load: l}
	for _, g := range generators {
		o.Uses = append(o.Uses, &Use{Generator: g.Name})
	}
	for repetition := range p.Repetitions {
		for i := range generators {
			at := i
			if repetition%2 == 1 {
				at = len(generators) - 1 - i
			}
			if err := o.Uses[at].measure(ctx, generators[at], server, p.Server.Protocol, l, p.LoadCPUs); err != nil {
				return o, err
			}
		}
	}
	o.Ratio, _ = sample.Compare(o.Uses[1].CPU, o.Uses[0].CPU)
	p.Progress(fmt.Sprintf("%s, pipeline %d: %s %.3f us, %s %.3f us", o.Server, l.Pipeline, o.Uses[0].Generator, o.Uses[0].CPU.Median(), o.Uses[1].Generator, o.Uses[1].CPU.Median()))
	return o, nil
}

// fill stores the keys that are read.
func (p *Plan) fill(ctx context.Context, server *contender.Process, l Load) error {
	return load.Prefill(ctx, load.Config{
		Target: server.Endpoint, Protocol: p.Server.Protocol, Workload: workload.Uniform(uint64(l.Keys), l.ValueSize, p.Server.Protocol.Fetch()),
		Threads: 1, Connections: l.Connections, Pipeline: 1, Duration: time.Second, CPUs: p.LoadCPUs,
	})
}
