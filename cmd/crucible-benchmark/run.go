package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"time"

	"github.com/crucible-cache/crucible/internal/bench/driver"
	"github.com/crucible-cache/crucible/internal/bench/load"
	"github.com/crucible-cache/crucible/internal/bench/machine"
	"github.com/crucible-cache/crucible/internal/bench/procstat"
	"github.com/crucible-cache/crucible/internal/bench/profile"
	"github.com/crucible-cache/crucible/internal/bench/report"
	"github.com/crucible-cache/crucible/internal/bench/search"
)

// runCommand loads one server. Flags that aren't given leave the profile as it is.
type runCommand struct {
	Profile string `arg:"" optional:"" help:"Workload profile, such as benchmark/redis.toml; without one, GET of a million keys." type:"existingfile"`

	Target      string         `help:"HOST:PORT, or the path of a unix socket."`
	Protocol    string         `help:"resp, resp3, memcache, memcache-binary or ping."`
	Threads     int            `help:"Threads of the load."`
	Connections int            `help:"Connections in all." short:"c"`
	Pipeline    int            `help:"Requests in flight per connection." short:"P"`
	Rate        *float64       `help:"Requests per second, sent on schedule; 0 sends as fast as replies come back."`
	Duration    *time.Duration `help:"How long to measure." short:"d"`
	WarmUp      *time.Duration `help:"Load before the measurement." name:"warmup"`
	Requests    *uint64        `help:"End after so many requests." short:"n"`
	Keys        uint64         `help:"Number of keys."`
	ValueSize   *int           `help:"Size of all values in bytes."`
	Subscribers *int           `help:"Connections that listen to what the load publishes."`
	Churn       *int           `help:"Requests after which a connection is made again."`
	StallLimit  *time.Duration `help:"Silence of the server that is a fault; 0 for none."`
	Prefill     *bool          `help:"Store every key first." negatable:""`
	ReadThrough *bool          `help:"Store what was missed." negatable:""`
	Verify      *bool          `help:"Check every value read." negatable:""`
	Seed        *uint64        `help:"The same seed gives the same requests."`
	CPUs        []int          `help:"CPUs to pin the load's threads to." name:"cpus"`
	LoadEngine  string         `help:"What drives the sockets: auto, uring or epoll." name:"load-engine"`
	PID         int            `help:"Process of the server, to measure its CPU time and memory; on this machine it is found by the port." name:"pid"`

	SLO         string `help:"Search for the highest rate that keeps an objective, such as p999=1ms; each step lasts --duration." name:"slo"`
	TLS         *bool  `help:"Encrypt the connections." name:"tls" negatable:""`
	TLSCA       string `help:"Certificates to trust instead of the system's." name:"tls-ca"`
	TLSInsecure bool   `help:"Trust any certificate." name:"tls-insecure"`

	JSON  string `help:"Write the result to this file." name:"json"`
	CSV   string `help:"Write rate and latency, second by second, to this file." name:"csv"`
	HTML  string `help:"Write a page with charts to this file." name:"html"`
	Quiet bool   `help:"No progress." short:"q"`
}

// errFaults makes the program end with status 1 after a run that went through, but not without errors.
var errFaults = errors.New("the server answered wrong or not at all: see above")

// Run carries the load out.
func (c *runCommand) Run(ctx context.Context) error {
	p := profile.Default()
	if c.Profile != "" {
		var err error
		if p, err = profile.Read(c.Profile); err != nil {
			return err
		}
	}
	c.override(p)
	config, err := loadConfig(p)
	if err != nil {
		return err
	}
	if config.ServerPID = c.PID; c.PID == 0 {
		config.ServerPID = localServer(config.Target)
	}
	return c.load(ctx, p, config)
}

// override applies the flags that were given.
func (c *runCommand) override(p *profile.Profile) {
	given(&p.Target.Address, c.Target)
	given(&p.Target.Protocol, c.Protocol)
	given(&p.Load.Threads, c.Threads)
	given(&p.Load.Connections, c.Connections)
	given(&p.Load.Pipeline, c.Pipeline)
	given(&p.Keys.Count, c.Keys)
	set(&p.Load.Rate, c.Rate)
	set(&p.Load.Duration.Duration, c.Duration)
	set(&p.Load.WarmUp.Duration, c.WarmUp)
	set(&p.Load.Requests, c.Requests)
	set(&p.Load.Churn, c.Churn)
	set(&p.Subscribers.Connections, c.Subscribers)
	set(&p.Load.StallLimit.Duration, c.StallLimit)
	set(&p.Load.Prefill, c.Prefill)
	set(&p.Load.ReadThrough, c.ReadThrough)
	set(&p.Load.Verify, c.Verify)
	set(&p.Load.Seed, c.Seed)
	set(&p.Target.TLS.Enabled, c.TLS)
	given(&p.Load.Engine, c.LoadEngine)
	given(&p.Target.TLS.CA, c.TLSCA)
	given(&p.Target.TLS.Insecure, c.TLSInsecure)
	if c.ValueSize != nil {
		p.Values.Sizes, p.Values.Size = "fixed", *c.ValueSize
	}
	if len(c.CPUs) > 0 {
		p.Load.CPUs = c.CPUs
	}
	// Asked for a number of requests and no duration, a person means the number.
	if c.Requests != nil && c.Duration == nil {
		p.Load.Duration.Duration = 0
	}
}

// given sets what a flag names unless the flag has its zero value; set, unless it wasn't given.
func given[T comparable](to *T, flag T) {
	var zero T
	if flag != zero {
		*to = flag
	}
}

func set[T any](to, flag *T) {
	if flag != nil {
		*to = *flag
	}
}

// loadConfig turns a profile into what the load wants.
func loadConfig(p *profile.Profile) (load.Config, error) {
	w, err := p.Workload()
	if err != nil {
		return load.Config{}, err
	}
	protocol, err := p.Protocol()
	if err != nil {
		return load.Config{}, err
	}
	target, err := driver.ParseEndpoint(p.Target.Address)
	if err != nil {
		return load.Config{}, err
	}
	encryption, err := p.Encryption()
	if err != nil {
		return load.Config{}, err
	}
	l, s := &p.Load, &p.Subscribers
	return load.Config{
		Target: target, TLS: encryption, Protocol: protocol, Workload: w, Greeting: p.Greeting(), Credentials: p.Credentials(),
		Subscribers: load.Subscribers{Connections: s.Connections, Prefix: s.Prefix, Channels: s.Channels, Pattern: s.Pattern},
		Engine:      l.Engine, Threads: l.Threads, Connections: l.Connections, Pipeline: l.Pipeline, CPUs: l.CPUs, Rate: l.Rate,
		WarmUp: l.WarmUp.Duration, Duration: l.Duration.Duration, Requests: l.Requests, Churn: l.Churn, StallLimit: l.StallLimit.Duration,
		ReadThrough: l.ReadThrough, Verify: l.Verify, Seed: l.Seed,
	}, nil
}

// localServer finds the process behind a target on this machine, 0 when it can't.
func localServer(target driver.Endpoint) int {
	host, port, err := net.SplitHostPort(target.Address)
	if err != nil || !net.ParseIP(host).IsLoopback() {
		return 0
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		return 0
	}
	pid, err := procstat.ListenerOf(number)
	if err != nil {
		return 0
	}
	return pid
}

// load goes through the phases and publishes the result, of a run that broke off too.
func (c *runCommand) load(ctx context.Context, p *profile.Profile, config load.Config) error {
	out := &report.Run{Started: time.Now(), Machine: machine.Describe(), Command: calledAs(), Target: p.Target.Address, Asked: p.Load.Rate}
	identity, err := load.Precheck(ctx, config)
	if err != nil {
		return err
	}
	progress := newProgressLine(c.Quiet)
	config.Progress = progress.show
	config.Began = func(phase string) { progress.say("%s", phase) }
	out.Server = identity
	progress.say("precheck: %s at %s answers, %s", config.Protocol, config.Target, describe(identity))
	if err := c.prepare(ctx, p, config, progress); err != nil {
		return err
	}
	if p.Load.Prefill {
		began := time.Now()
		if err := load.Prefill(ctx, config); err != nil {
			return err
		}
		progress.say("prefill: %d keys stored in %v", p.Keys.Count, time.Since(began).Round(time.Millisecond))
	}
	var result *load.Result
	if c.SLO == "" {
		result, err = load.Run(ctx, config)
	} else {
		result, err = c.search(ctx, config, out, progress)
	}
	progress.end()
	if result == nil {
		return err
	}
	out.Fill(result)
	if err != nil {
		out.Failure = err.Error()
	}
	if err := errors.Join(err, c.publish(out)); err != nil {
		return err
	}
	if out.Faulty() {
		return errFaults
	}
	return nil
}

// prepare sends what the profile says the server needs.
func (c *runCommand) prepare(ctx context.Context, p *profile.Profile, config load.Config, progress *progressLine) error {
	setup, err := p.Setup()
	if err != nil || len(setup) == 0 {
		return err
	}
	progress.say("setup: %d commands", len(setup))
	return load.Prepare(ctx, config, setup)
}

// searchStart is the first rate of a search that is given none.
const searchStart = 10_000

// search looks for the highest rate that keeps the objective, and returns the measurement at it.
func (c *runCommand) search(ctx context.Context, config load.Config, out *report.Run, progress *progressLine) (*load.Result, error) {
	objective, err := search.ParseObjective(c.SLO)
	if err != nil {
		return nil, err
	}
	out.Objective, config.Began = objective.String(), nil // a line for each step tells enough
	start := config.Rate
	if start == 0 {
		start = searchStart
	}
	var kept *load.Result
	_, out.Search, err = search.Search(start, func(rate float64) (search.Step, error) {
		config.Rate = rate
		result, err := load.Run(ctx, config)
		if err != nil {
			return search.Step{}, err
		}
		step := search.Step{Rate: rate, Reached: result.Throughput(), Latency: time.Duration(result.Latency.ValueAtQuantile(objective.Percentile))}
		step.Judge(objective)
		progress.say("search: %.0f/s asked, %.0f/s reached, %s %v: %s", rate, step.Reached, objective.Name, step.Latency.Round(time.Microsecond), verdict(step, result))
		if step.Kept && (kept == nil || rate > kept.Asked) {
			kept, out.Asked = result, rate
		}
		return step, nil
	})
	return kept, err
}

// verdict is what a step of a search comes to, in words.
func verdict(step search.Step, result *load.Result) string {
	switch {
	case step.Kept:
		return "kept"
	case result.LoadWasBottleneck():
		return "missed, by the generator and not the server"
	}
	return "missed"
}

func describe(identity string) string {
	if identity == "" {
		return "without saying what it is"
	}
	return "it is " + identity
}

func (c *runCommand) publish(r *report.Run) error {
	if err := r.Text(os.Stdout); err != nil {
		return err
	}
	for _, file := range []struct {
		path  string
		write func(io.Writer) error
	}{{c.JSON, r.JSON}, {c.CSV, r.CSV}, {c.HTML, r.HTML}} {
		if file.path == "" {
			continue
		}
		if err := report.WriteFile(file.path, file.write); err != nil {
			return err
		}
		fmt.Fprintln(os.Stderr, "written:", file.path)
	}
	return nil
}
