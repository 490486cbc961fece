package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/crucible-cache/crucible/internal/bench/compare"
	"github.com/crucible-cache/crucible/internal/bench/contender"
	"github.com/crucible-cache/crucible/internal/bench/machine"
	"github.com/crucible-cache/crucible/internal/bench/procstat"
	"github.com/crucible-cache/crucible/internal/bench/report"
	"github.com/crucible-cache/crucible/internal/bench/wire"
	"github.com/crucible-cache/crucible/internal/bench/workload"
)

// benchCommand is the plain comparison: GET and SET of small values at several pipeline depths.
type benchCommand struct {
	Server   string   `help:"Crucible's executable." default:"bin/crucible-server"`
	Profiles string   `help:"Directory of Crucible's compat profiles." default:"compat"`
	Engine   []string `help:"Engines to run Crucible with, each as a contender of its own; none leaves Crucible out." default:"auto"`
	Against  []string `help:"Incumbents: newest, all, none, a family (redis) or a version (redis-7.0, memcached-1.6.18)." default:"newest"`
	Root     []string `help:"Root file systems to look for more incumbents in (needs root)." default:".tools/trixie" type:"path"`
	Protocol []string `help:"Protocols." enum:"resp,memcache" default:"resp,memcache"`

	Command     []string      `help:"Commands." enum:"get,set" default:"get,set"`
	Pipeline    []int         `help:"Requests in flight per connection." default:"1,16,64"`
	Keys        uint64        `help:"Number of keys, all stored beforehand, read and written uniformly." default:"1000000"`
	ValueSize   int           `help:"Size of a value in bytes." default:"64"`
	Connections int           `help:"Connections." default:"50"`
	Repetitions int           `help:"How often everything is measured." default:"3" short:"n"`
	WarmUp      time.Duration `help:"Load before each measurement." default:"300ms"`
	Window      time.Duration `help:"Length of each measurement." default:"1s"`

	Threads     int   `help:"Threads of a server." default:"1"`
	MemoryMiB   int   `help:"Memory limit of a server in MiB." name:"memory-mib" default:"1024"`
	ServerCPUs  []int `help:"CPUs of the server." name:"server-cpus" default:"0"`
	LoadThreads int   `help:"Threads of the load." default:"1"`
	LoadCPUs    []int `help:"CPUs of the load." name:"load-cpus" default:"1"`

	Out   string `help:"Directory to write JSON and Markdown to, such as benchmark/results." type:"path"`
	Quiet bool   `help:"No word about what is being done." short:"q"`
}

// Run carries the comparison out.
func (b *benchCommand) Run(ctx context.Context) error {
	found := contender.Incumbents(ctx, b.Root)
	incumbents, err := contender.Select(found, b.Against)
	if err != nil {
		return err
	}
	b.fitCPUs()
	if err := procstat.PinProcess(b.LoadCPUs); err != nil {
		return err
	}
	c := &report.Comparison{Started: time.Now(), Machine: machine.Describe(), Command: calledAs(), Setup: b.setup()}
	for _, name := range b.Protocol {
		outcome, failed := b.protocol(ctx, wire.Protocol(name), incumbents)
		if outcome != nil {
			c.Outcomes = append(c.Outcomes, outcome)
		}
		if err = failed; err != nil {
			break
		}
	}
	c.Took = time.Since(c.Started).Seconds()
	return errors.Join(err, b.publish(c))
}

// protocol compares the servers of one protocol; nil without any.
func (b *benchCommand) protocol(ctx context.Context, p wire.Protocol, incumbents []contender.Contender) (*compare.Outcome, error) {
	contenders := slices.DeleteFunc(slices.Clone(incumbents), func(c contender.Contender) bool { return c.Protocol != p })
	ours, err := contender.Ours(ctx, b.Server, b.Profiles, p, b.engines())
	if err != nil {
		return nil, err
	}
	contenders = append(ours, contenders...)
	if len(contenders) == 0 {
		return nil, nil
	}
	return compare.Run(ctx, b.plan(p, contenders))
}

// engines is the list of engines, empty for "none".
func (b *benchCommand) engines() []string {
	return slices.DeleteFunc(slices.Clone(b.Engine), func(e string) bool { return e == "none" })
}

func (b *benchCommand) plan(p wire.Protocol, contenders []contender.Contender) *compare.Plan {
	plan := &compare.Plan{
		Contenders: contenders,
		Settings: contender.Settings{
			Threads: b.Threads, MemoryMiB: b.MemoryMiB, CPUs: b.ServerCPUs, AsRoot: os.Geteuid() == 0,
		},
		Repetitions: b.Repetitions, WarmUp: b.WarmUp, Window: b.Window,
		Connections: b.Connections, LoadThreads: b.LoadThreads, LoadCPUs: b.LoadCPUs,
	}
	if !b.Quiet {
		plan.Progress = func(s string) { fmt.Fprintln(os.Stderr, s) }
	}
	for _, name := range b.Command {
		command := p.Fetch()
		if name == "set" {
			command = p.Store()
		}
		for _, depth := range b.Pipeline {
			plan.Cells = append(plan.Cells, compare.Cell{
				Name: fmt.Sprintf("%s, pipeline %d", command.Name, depth), Pipeline: depth,
				Workload: workload.Uniform(b.Keys, b.ValueSize, command),
			})
		}
	}
	return plan
}

// fitCPUs drops CPUs this machine hasn't got. With a single one, server and load share it, and the report shows it.
func (b *benchCommand) fitCPUs() {
	online, err := procstat.OnlineCPUs()
	missing := func(cpu int) bool { return err != nil || !slices.Contains(online, cpu) }
	b.ServerCPUs = slices.DeleteFunc(b.ServerCPUs, missing)
	b.LoadCPUs = slices.DeleteFunc(b.LoadCPUs, missing)
}

func (b *benchCommand) setup() string {
	return fmt.Sprintf("%d repetitions of %v after %v, every server started and filled afresh in alternating order; closed loop, %d connections, "+
		"%d keys of 16 bytes chosen uniformly, values of %d bytes; server on CPU %v, load on CPU %v",
		b.Repetitions, b.Window, b.WarmUp, b.Connections, b.Keys, b.ValueSize, b.ServerCPUs, b.LoadCPUs)
}

func (b *benchCommand) publish(c *report.Comparison) error {
	if len(c.Outcomes) == 0 {
		return nil
	}
	if err := c.Text(os.Stdout); err != nil || b.Out == "" {
		return err
	}
	written, err := c.Files(b.Out)
	for _, path := range written {
		fmt.Fprintln(os.Stderr, "written:", path)
	}
	return err
}
