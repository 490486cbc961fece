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
	Each     int `help:"Elements of each collection." default:"100000"`
	Cycles   int `help:"Collections of which the CPU time is taken." default:"200"`
	Rounds   int `help:"Seconds of reading during collections." default:"30"`
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
	all, err := collection.CollectGarbage(ctx, &ours[0], c.settings(1, contender.TCP), collection.GarbageLoad{
		Elements: c.Elements, Each: c.Each, Cycles: c.Cycles, Rounds: c.Rounds,
	}, say)
	out.Results = all
	out.Table = [][]string{{"holding", "elements", "resident MiB", "CPU of a collection", "reads during collections", "p999 of those", "longest", "p999 of reads at rest"}}
	for _, g := range all {
		row := []string{g.Holding, fmt.Sprint(g.Elements), fmt.Sprint(g.Resident >> 20)}
		row = append(row, g.Cycle.Round(time.Microsecond).String(), fmt.Sprintf("%d, %d", g.Reads, g.Cycles))
		for _, took := range []time.Duration{g.P999, g.Longest, g.RestingP999} {
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
