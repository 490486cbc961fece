package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/crucible-cache/crucible/internal/bench/contender"
	"github.com/crucible-cache/crucible/internal/bench/growth"
	"github.com/crucible-cache/crucible/internal/bench/report"
	"github.com/crucible-cache/crucible/internal/bench/wire"
)

// growthCommand measures reads while the index grows and while a full cache evicts.
type growthCommand struct {
	Server   string   `help:"Crucible's executable." default:"bin/crucible-server"`
	Profiles string   `help:"Directory of Crucible's compat profiles." default:"compat"`
	Backend  []string `help:"Backends to run Crucible with, each with its policy and as a contender of its own; none leaves Crucible out." default:"segment/s3fifo"`
	Against  []string `help:"Incumbents: newest, all, none, a family or a version." default:"redis"`
	Root     []string `help:"Root file systems to look for more incumbents in (needs root)." default:".tools/trixie" type:"path"`

	Keys          uint64        `help:"Keys at the end of the growth." default:"20000000"`
	ValueSize     int           `help:"Size of their values in bytes." default:"64"`
	FullMiB       int           `help:"Memory limit of the server that is full, in MiB." name:"full-mib" default:"4096"`
	FullValueSize int           `help:"Size of the values that it is filled with, in bytes." default:"1024"`
	ReadRate      float64       `help:"Reads per second, sent when they are due." default:"5000"`
	WriteRate     float64       `help:"Writes per second meanwhile." default:"100000"`
	Window        time.Duration `help:"How long a server that rests, and one that is full, is read." default:"20s"`
	ServerCPUs    []int         `help:"CPUs of the server." name:"server-cpus"`
	LoadCPUs      []int         `help:"CPUs of the load's threads." name:"load-cpus"`

	Out   string `help:"Directory to write JSON and Markdown to, such as benchmark/results." type:"path"`
	Quiet bool   `help:"No word about what is being done." short:"q"`
}

// growthMemory holds the keys of the growth in any server, MiB.
const growthMemory = 8192

// Run carries the measurement out and publishes it, also one that broke off.
func (g *growthCommand) Run(ctx context.Context) error {
	p := &growth.Plan{
		Settings: contender.Settings{Threads: 1, MemoryMiB: growthMemory, CPUs: g.ServerCPUs, AsRoot: os.Geteuid() == 0},
		ReadRate: g.ReadRate, WriteRate: g.WriteRate, Keys: g.Keys, ValueSize: g.ValueSize,
		FullMiB: g.FullMiB, FullValueSize: g.FullValueSize, Window: g.Window, LoadCPUs: g.LoadCPUs,
	}
	if !g.Quiet {
		p.Progress = func(said string) { fmt.Fprintln(os.Stderr, said) }
	}
	incumbents, err := contender.Select(contender.Incumbents(ctx, g.Root), g.Against)
	if err != nil {
		return err
	}
	if p.Contenders, err = contender.OurBackends(ctx, g.Server, g.Profiles, wire.RESP, chosen(g.Backend)); err != nil {
		return err
	}
	for _, c := range incumbents {
		if c.Protocol == wire.RESP {
			c.Policy = "allkeys-lru"
		}
		p.Contenders = append(p.Contenders, c)
	}
	started := time.Now()
	outcome, failed := growth.Run(ctx, p)
	if outcome == nil {
		return failed
	}
	out := report.Growth(outcome, fmt.Sprintf("%.0f reads/s of %d-byte values from one thread, counted from when they were due; "+
		"%.0f writes/s of new keys from another", g.ReadRate, g.ValueSize, g.WriteRate))
	out.Started = started
	return errors.Join(failed, list(out, g.Out))
}
