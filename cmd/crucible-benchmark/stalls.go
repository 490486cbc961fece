package main

import (
	"context"
	"fmt"
	"os"
	"text/tabwriter"
	"time"

	"github.com/crucible-cache/crucible/internal/bench/collection"
	"github.com/crucible-cache/crucible/internal/bench/contender"
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
	say := c.sayer("stalls")
	stalls, err := collection.Stalls(ctx, contenders, c.settings(1, contender.TCP), c.Kind, c.Way, c.Elements, func(s collection.Stall) {
		say(fmt.Sprintf("%s, %s, %s: %v", s.Contender, s.Kind, s.Way, s.Longest))
	})
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "server\tcollection\tway\tlongest read\tp999\tlongest at rest\trequest")
	for _, s := range stalls {
		fmt.Fprintf(w, "%s\t%s of %d\t%s\t%v\t%v\t%v\t%v\n", s.Contender, s.Kind, s.Elements, s.Way,
			s.Longest.Round(time.Microsecond), s.P999.Round(time.Microsecond), s.Resting.Round(time.Microsecond), s.Took.Round(time.Microsecond))
	}
	if flushed := w.Flush(); err == nil {
		err = flushed
	}
	return err
}
