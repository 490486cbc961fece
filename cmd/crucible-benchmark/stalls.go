package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/crucible-cache/crucible/internal/bench/collection"
	"github.com/crucible-cache/crucible/internal/bench/contender"
	"github.com/crucible-cache/crucible/internal/bench/report"
	"github.com/crucible-cache/crucible/internal/bench/wire"
)

// stallsCommand shows how long other clients wait while a large collection goes.
type stallsCommand struct {
	contest

	Elements int               `help:"Elements of the collection." default:"10000000"`
	Kind     []collection.Kind `help:"Kinds of collections." enum:"list,hash,set,zset,stream" default:"list,hash,set,zset,stream"`
	Way      []collection.Way  `help:"How they go." enum:"unlink,del,expire,evict" default:"unlink,del,expire,evict"`
}

// Run carries the measurement out.
func (c *stallsCommand) Run(ctx context.Context) error {
	incumbents, err := c.enter(ctx)
	if err != nil {
		return err
	}
	contenders, err := c.contenders(ctx, wire.RESP, incumbents)
	if err != nil {
		return err
	}
	say, started := c.sayer("stalls"), time.Now()
	stalls, err := collection.Stalls(ctx, contenders, c.settings(1, contender.TCP), c.Kind, c.Way, c.Elements, func(s collection.Stall) {
		say(fmt.Sprintf("%s, %s, %s: %v", s.Contender, s.Kind, s.Way, s.Longest))
	})
	out := &report.Listing{
		Started: started, Name: "stalls", Title: "Reads of others while a collection goes", Results: stalls,
		Table: [][]string{{"server, collection and how it goes", "longest read", "p999", "longest at rest", "the request itself"}},
	}
	for _, s := range stalls {
		row := []string{fmt.Sprintf("%s, %s of %d, %s", s.Contender, s.Kind, s.Elements, s.Way)}
		for _, took := range []time.Duration{s.Longest, s.P999, s.Resting, s.Took} {
			row = append(row, took.Round(time.Microsecond).String())
		}
		out.Table = append(out.Table, row)
	}
	return errors.Join(err, list(out, c.Out))
}
