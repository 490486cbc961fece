package main

import (
	"context"
	"time"

	"github.com/crucible-cache/crucible/internal/bench/compare"
	"github.com/crucible-cache/crucible/internal/bench/contender"
)

// benchCommand compares servers in measurements put together by flags.
type benchCommand struct {
	contest

	Mix       []string `help:"Requests: get, set, mixed (9:1), multi-get (10 keys)." enum:"get,set,mixed,multi-get" default:"get,set"`
	Pipeline  []int    `help:"Requests in flight per connection." default:"1,16,64"`
	Keys      uint64   `help:"Number of keys, all stored beforehand." default:"1000000"`
	ValueSize int      `help:"Size of a value in bytes." default:"64"`
	Theta     float64  `help:"Skew of Zipf's law by which keys are chosen; 0 chooses uniformly."`
	Transport string   `help:"How servers are reached." enum:"tcp,unix,tls" default:"tcp"`
	Threads   int      `help:"Threads of a server." default:"1"`
	Churn     int      `help:"Requests after which a connection is made again."`
}

// Run carries the comparison out.
func (b *benchCommand) Run(ctx context.Context) error {
	stage := compare.Stage{
		Name: compare.PlainStage, Transport: contender.Transport(b.Transport), Threads: b.Threads,
		Keys: b.Keys, ValueSize: b.ValueSize, Theta: b.Theta,
	}
	for _, mix := range b.Mix {
		for _, depth := range b.Pipeline {
			stage.Specs = append(stage.Specs, compare.Spec{Mix: compare.Mix(mix), Pipeline: depth, Churn: b.Churn})
		}
	}
	b.defaults(5, 500*time.Millisecond, "newest")
	return b.compare(ctx, []compare.Stage{stage})
}

// compareCommand compares servers in a ready-made suite.
type compareCommand struct {
	contest

	Suite string `help:"quick ends within five minutes, full, within forty, goes through everything." enum:"quick,full" default:"quick"`
	Keys  uint64 `help:"Most keys that are stored, for a trial of the suite; 0 for as many as it is made for."`
}

// Run carries the suite out.
func (c *compareCommand) Run(ctx context.Context) error {
	stages, err := compare.Suite(c.Suite)
	if err != nil {
		return err
	}
	for i := range stages {
		if c.Keys > 0 {
			stages[i].Keys = min(stages[i].Keys, c.Keys)
		}
	}
	if c.Suite == "full" {
		c.defaults(7, 400*time.Millisecond, "newest", "redis-7.0?")
	}
	c.defaults(5, 400*time.Millisecond, "newest")
	return c.compare(ctx, stages)
}
