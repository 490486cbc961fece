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
)

// contest is what every comparison of servers has in common: who takes part, where they run, and what is written down.
type contest struct {
	Server   string   `help:"Crucible's executable." default:"bin/crucible-server"`
	Profiles string   `help:"Directory of Crucible's compat profiles." default:"compat"`
	Engine   []string `help:"Engines to run Crucible with, each as a contender of its own; none leaves Crucible out." default:"auto"`
	Against  []string `help:"Incumbents: newest, all, none, a family (redis) or a version (redis-7.0, memcached-1.6.18); newest without, and in the full suite redis-7.0 as well."`
	Root     []string `help:"Root file systems to look for more incumbents in (needs root)." default:".tools/trixie" type:"path"`
	Protocol []string `help:"Protocols." enum:"resp,memcache" default:"resp,memcache"`

	Connections int           `help:"Connections." default:"50"`
	Repetitions int           `help:"Windows of every server in every measurement, in alternation (5; suite full: 7). Fewer than 5 call no winner." short:"n"`
	WarmUp      time.Duration `help:"Load before each window." name:"warmup" default:"100ms"`
	Window      time.Duration `help:"Length of each window (500ms; suites: 400ms)."`
	MemoryMiB   int           `help:"Memory limit of a server in MiB." name:"memory-mib" default:"1024"`
	ServerCPUs  []int         `help:"CPUs of the server." name:"server-cpus" default:"0"`
	LoadThreads int           `help:"Threads of the load." default:"1"`
	LoadCPUs    []int         `help:"CPUs of the load." name:"load-cpus" default:"1"`

	Out   string `help:"Directory to write JSON, Markdown and HTML to, such as benchmark/results." type:"path"`
	Quiet bool   `help:"No word about what is being done." short:"q"`
}

// compare takes the contenders of every protocol through the stages and publishes what came out, also of a comparison
// that broke off.
func (c *contest) compare(ctx context.Context, stages []compare.Stage) error {
	incumbents, err := c.enter(ctx)
	if err != nil {
		return err
	}
	out := &report.Comparison{Started: time.Now(), Machine: machine.Describe(), Command: calledAs(), Setup: c.setup()}
	var failed error
	for _, name := range c.Protocol {
		p := wire.Protocol(name)
		contenders, err := c.contenders(ctx, p, incumbents)
		if err == nil && len(contenders) > 0 {
			err = c.stages(ctx, out, p, contenders, stages)
		}
		if failed = errors.Join(failed, err); ctx.Err() != nil {
			break
		}
	}
	out.Took = time.Since(out.Started).Seconds()
	return errors.Join(failed, c.publish(out))
}

// enter finds the incumbents that take part and puts this process on its CPUs.
func (c *contest) enter(ctx context.Context) ([]contender.Contender, error) {
	incumbents, err := contender.Select(contender.Incumbents(ctx, c.Root), c.Against)
	if err != nil {
		return nil, err
	}
	c.fitCPUs()
	return incumbents, procstat.PinProcess(c.LoadCPUs)
}

// defaults sets what no flag did: how often and how long is measured, and against whom.
func (c *contest) defaults(repetitions int, window time.Duration, against ...string) {
	given(&repetitions, c.Repetitions)
	given(&window, c.Window)
	c.Repetitions, c.Window = repetitions, window
	if len(c.Against) == 0 {
		c.Against = against
	}
}

// contenders returns ours, then the incumbents of the protocol.
func (c *contest) contenders(ctx context.Context, p wire.Protocol, incumbents []contender.Contender) ([]contender.Contender, error) {
	ours, err := contender.Ours(ctx, c.Server, c.Profiles, p, chosen(c.Engine))
	if err != nil {
		return nil, err
	}
	theirs := slices.DeleteFunc(slices.Clone(incumbents), func(i contender.Contender) bool { return i.Protocol != p })
	return append(ours, theirs...), nil
}

// stages runs one protocol's stages and adds their outcomes.
func (c *contest) stages(ctx context.Context, out *report.Comparison, p wire.Protocol, contenders []contender.Contender, stages []compare.Stage) error {
	saturation := map[string]float64{}
	var failures []error
	for i := range stages {
		s := &stages[i]
		if s.ShareOf != "" && saturation[s.ShareOf] == 0 {
			continue // without an incumbent there is nothing to take a share of
		}
		cells, err := s.Cells(p, saturation[s.ShareOf])
		if err != nil {
			return err
		}
		outcome, err := compare.Run(ctx, c.plan(s, contenders, cells))
		if outcome != nil {
			out.Outcomes = append(out.Outcomes, outcome)
			saturation[s.Name] = outcome.Saturation()
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			failures = append(failures, fmt.Errorf("%s, %s: %w", p, s.Name, err))
		}
	}
	return errors.Join(failures...)
}

func (c *contest) plan(s *compare.Stage, contenders []contender.Contender, cells []compare.Cell) *compare.Plan {
	plan := &compare.Plan{
		Title: s.Name + ": " + s.Setup(), Contenders: contenders, Cells: cells, Optional: s.Transport == contender.TLS,
		Settings:    c.settings(s.Threads, s.Transport),
		Repetitions: c.Repetitions, WarmUp: c.WarmUp, Window: c.Window,
		Connections: c.Connections, LoadThreads: c.LoadThreads, LoadCPUs: c.LoadCPUs,
	}
	plan.Progress = c.sayer(s.Name)
	return plan
}

func (c *contest) settings(threads int, t contender.Transport) contender.Settings {
	return contender.Settings{Threads: threads, MemoryMiB: c.MemoryMiB, CPUs: c.ServerCPUs, Transport: t, AsRoot: os.Geteuid() == 0}
}

// sayer tells a person what is being done, unless asked to be quiet.
func (c *contest) sayer(stage string) func(string) {
	if c.Quiet {
		return func(string) {}
	}
	return func(said string) { fmt.Fprintf(os.Stderr, "%s: %s\n", stage, said) }
}

// fitCPUs drops CPUs this machine hasn't got. With a single one, server and load share it, and the report shows it.
func (c *contest) fitCPUs() {
	online, err := procstat.OnlineCPUs()
	missing := func(cpu int) bool { return err != nil || !slices.Contains(online, cpu) }
	c.ServerCPUs = slices.DeleteFunc(c.ServerCPUs, missing)
	c.LoadCPUs = slices.DeleteFunc(c.LoadCPUs, missing)
}

func (c *contest) setup() string {
	return fmt.Sprintf("every server started and filled once, then %d windows of %v after %v of warm-up in each measurement, the servers "+
		"taking turns window by window, there and back, those that wait stopped by a signal; %d connections, a closed loop unless a rate is named; "+
		"server on CPU %v, load on CPU %v",
		c.Repetitions, c.Window, c.WarmUp, c.Connections, c.ServerCPUs, c.LoadCPUs)
}

func (c *contest) publish(out *report.Comparison) error {
	if len(out.Outcomes)+len(out.Weights) == 0 {
		return nil
	}
	if err := out.Text(os.Stdout); err != nil || c.Out == "" {
		return err
	}
	written, err := out.Files(c.Out)
	tell(written)
	return err
}

// list publishes results that are one table, in a directory as well if it is named.
func list(out *report.Listing, directory string) error {
	out.Machine, out.Command, out.Took = machine.Describe(), calledAs(), time.Since(out.Started).Seconds()
	if err := out.Text(os.Stdout); err != nil || directory == "" {
		return err
	}
	written, err := out.Files(directory)
	tell(written)
	return err
}

// tell names the files that were written.
func tell(written []string) {
	for _, path := range written {
		fmt.Fprintln(os.Stderr, "written:", path)
	}
}

// chosen returns the names of a list; "none" is how a flag says that it has none.
func chosen(names []string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(n string) bool { return n == "none" })
}
