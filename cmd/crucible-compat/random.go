package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/crucible-cache/crucible/internal/compat"
	"github.com/crucible-cache/crucible/internal/compat/script"
)

type randomCommand struct {
	serverFlags
	Seed     uint64        `default:"1" help:"The same seed makes the same requests; 0 takes one from the clock."`
	Time     time.Duration `default:"10m" help:"How long to go on."`
	Group    []string      `help:"Groups of commands, such as list or sorted-set, instead of all that can be compared."`
	Commands []string      `name:"command" help:"Only these commands."`
	Except   []string      `help:"Not these commands."`
	Quiet    bool          `short:"q" help:"No word before the result."`
}

// Run compares both servers on requests that are made up. Both are ended before it returns.
func (c *randomCommand) Run(ctx context.Context) (err error) {
	if p, err := c.protocol(); err != nil {
		return err
	} else if p != script.Redis {
		return errors.New("requests can be made up for Redis only: it is the one that describes its commands")
	}
	servers, err := c.start(ctx, script.Debug)
	defer func() { err = errors.Join(err, servers.stop()) }()
	if err != nil {
		return err
	}
	if c.Seed == 0 {
		c.Seed = uint64(time.Now().UnixNano())
	}
	fmt.Printf("reference  %s\ntarget     %s\nseed       %d\n\n", servers.reference.Title, servers.target.Title, c.Seed)
	random := compat.Random{Reference: servers.reference, Target: servers.target, Seed: c.Seed, Groups: c.Group, Commands: c.Commands, Except: c.Except}
	if !c.Quiet {
		random.Progress = progressEvery(10 * time.Second)
	}
	requests, found, err := random.Run(ctx, c.Time)
	switch {
	case err != nil:
		return errors.Join(err, servers.outputs())
	case found == nil:
		fmt.Printf("%d requests, every reply equal\n", requests)
		return nil
	}
	if err := found.Write(os.Stdout); err != nil {
		return err
	}
	fmt.Printf("\nfound after %d requests\n", requests)
	return errors.Join(errDifferent, servers.outputs())
}

// progressEvery prints how far it is, now and then.
func progressEvery(interval time.Duration) func(int) {
	last := time.Now()
	return func(requests int) {
		if time.Since(last) > interval {
			last = time.Now()
			fmt.Fprintf(os.Stderr, "%d requests\n", requests)
		}
	}
}
