package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/crucible-cache/crucible/internal/bench/collection"
	"github.com/crucible-cache/crucible/internal/bench/contender"
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
	all, err := collection.CollectGarbage(ctx, &ours[0], c.settings(1, contender.TCP), c.Elements, func(said string) { fmt.Println(said) })
	if len(all) == 2 {
		strings, collections := all[0], all[1]
		fmt.Fprintf(os.Stdout, "collections over strings: CPU of a collection %.2f, p999 %.2f\n",
			float64(collections.Cycle)/float64(strings.Cycle), float64(collections.P999)/float64(strings.P999))
	}
	return err
}
