package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/crucible-cache/crucible/internal/bench/contender"
	"github.com/crucible-cache/crucible/internal/bench/footprint"
	"github.com/crucible-cache/crucible/internal/bench/machine"
	"github.com/crucible-cache/crucible/internal/bench/report"
	"github.com/crucible-cache/crucible/internal/bench/wire"
)

// memoryCommand measures what memory each server takes for an item.
type memoryCommand struct {
	Server   string   `help:"Crucible's executable." default:"bin/crucible-server"`
	Profiles string   `help:"Directory of Crucible's compat profiles." default:"compat"`
	Backend  []string `help:"Backends to run Crucible with, each with its policy and as a contender of its own; none leaves Crucible out." default:"segment/s3fifo,slab/lra,heap/s3fifo"`
	Against  []string `help:"Incumbents: newest, all, none, a family (redis) or a version (redis-7.0, memcached-1.6.18)." default:"redis,memcached"`
	Root     []string `help:"Root file systems to look for more incumbents in (needs root)." default:".tools/trixie" type:"path"`

	Keys      []uint64 `help:"Numbers of items, one fill each." default:"10000000,1000000"`
	ValueSize []int    `help:"Sizes of the values of each fill in bytes." default:"64,1024"`
	MemoryMiB int      `help:"Memory limit of a server in MiB; everything must fit." name:"memory-mib" default:"8192"`

	ServerCPUs []int  `help:"CPUs of the server." name:"server-cpus"`
	LoadCPUs   []int  `help:"CPUs of the load." name:"load-cpus"`
	Out        string `help:"Directory to write JSON and Markdown to, such as benchmark/results." type:"path"`
	Quiet      bool   `help:"No word about what is being done." short:"q"`
}

// memorySettle is enough for the largest of hash tables to be moved to its next size.
const memorySettle = 2 * time.Second

// The goals for small items: the default backend against the incumbents.
var memoryGoals = []footprint.Goal{
	{Contender: "crucible segment/s3fifo", Over: contender.Redis, AtMost: 0.60},
	{Contender: "crucible segment/s3fifo", Over: contender.Memcached, AtMost: 0.75},
}

var errGoal = errors.New("a goal was missed: see above")

// Run carries the measurement out and publishes it, also one that broke off.
func (m *memoryCommand) Run(ctx context.Context) error {
	plan, err := m.plan(ctx)
	if err != nil {
		return err
	}
	out := &report.Footprint{Started: time.Now(), Machine: machine.Describe(), Command: calledAs()}
	outcome, failed := footprint.Run(ctx, plan)
	if outcome == nil {
		return failed
	}
	out.Outcome, out.Took = outcome, time.Since(out.Started).Seconds()
	if !outcome.Met() {
		failed = errors.Join(failed, errGoal)
	}
	return errors.Join(failed, m.publish(out))
}

func (m *memoryCommand) plan(ctx context.Context) (*footprint.Plan, error) {
	if len(m.Keys) != len(m.ValueSize) {
		return nil, fmt.Errorf("%d numbers of keys and %d sizes of values: one of each for every fill", len(m.Keys), len(m.ValueSize))
	}
	p := &footprint.Plan{
		Settings: contender.Settings{Threads: 1, MemoryMiB: m.MemoryMiB, CPUs: m.ServerCPUs, AsRoot: os.Geteuid() == 0},
		LoadCPUs: m.LoadCPUs, Goals: memoryGoals, Settle: memorySettle,
	}
	for i, keys := range m.Keys {
		p.Fills = append(p.Fills, footprint.Fill{Keys: keys, ValueSize: m.ValueSize[i]})
	}
	if !m.Quiet {
		p.Progress = func(said string) { fmt.Fprintln(os.Stderr, said) }
	}
	incumbents, err := contender.Select(contender.Incumbents(ctx, m.Root), m.Against)
	if err != nil {
		return nil, err
	}
	p.Contenders, err = contender.OurBackends(ctx, m.Server, m.Profiles, wire.RESP, chosen(m.Backend))
	p.Contenders = append(p.Contenders, incumbents...)
	return p, err
}

func (m *memoryCommand) publish(out *report.Footprint) error {
	if err := out.Text(os.Stdout); err != nil || m.Out == "" {
		return err
	}
	written, err := out.Files(m.Out)
	tell(written)
	return err
}
