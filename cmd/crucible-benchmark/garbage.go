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

// garbageCommand shows what collecting garbage costs our server beside many elements of collections, and beside as many
// strings.
type garbageCommand struct {
	contest

	Elements int `help:"Elements in all." default:"20000000"`
}

// Run carries the measurement out.
func (c *garbageCommand) Run(ctx context.Context) error {
	c.Against = []string{"none"}
	if _, err := c.enter(ctx); err != nil {
		return err
	}
	ours, err := c.contenders(ctx, wire.RESP, nil)
	if err != nil {
		return err
	}
	if len(ours) == 0 {
		return errors.New("only our server has a collector: it must not be left out")
	}
	say := c.sayer("garbage")
	out := &report.Listing{Started: time.Now(), Name: "garbage", Title: "Garbage collection beside many elements"}
	all, err := collection.CollectGarbage(ctx, &ours[0], c.settings(1, contender.TCP), c.Elements, say)
	out.Results = all
	out.Table = [][]string{{"holding", "elements", "resident MiB", "CPU of a collection", "p999 of reads meanwhile", "longest", "p999 of reads at rest"}}
	for _, g := range all {
		row := []string{g.Holding, fmt.Sprint(g.Elements), fmt.Sprint(g.Resident >> 20)}
		for _, took := range []time.Duration{g.Cycle, g.P999, g.Longest, g.RestingP999} {
			row = append(row, took.Round(time.Microsecond).String())
		}
		out.Table = append(out.Table, row)
	}
	if len(all) == 2 {
		strings, collections := all[0], all[1]
		out.Notes = append(out.Notes, fmt.Sprintf("collections over strings: CPU of a collection %.2f, p999 %.2f",
			float64(collections.Cycle)/float64(strings.Cycle), float64(collections.P999)/float64(strings.P999)))
	}
	return errors.Join(err, list(out, c.Out))
}
