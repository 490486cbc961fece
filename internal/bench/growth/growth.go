// Package growth measures how long reads of a server take while it is busy with its own memory: while its index grows to
// many keys, and while it is full and evicts for every write, against the same reads of a server that rests. A garbage
// collector's pauses in the meantime are counted where the server tells of them.
//
// The reads come at a fixed rate from a thread of their own, and count from when they were due; the writes come from
// another, at a fixed rate too, for reads behind writes that take all the CPU would measure the CPU. One goroutine
// coordinates; servers are started and ended one at a time.
package growth

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/crucible-cache/crucible/internal/bench/contender"
	"github.com/crucible-cache/crucible/internal/bench/load"
	"github.com/crucible-cache/crucible/internal/bench/workload"
)

// Plan is a whole measurement.
type Plan struct {
	Contenders []contender.Contender
	Settings   contender.Settings
	// ReadRate and WriteRate are in requests per second.
	ReadRate, WriteRate float64
	// Keys is how many there are at the end of the growth; ValueSize is of each of them, in bytes.
	Keys      uint64
	ValueSize int
	// FullMiB is the memory limit of the server that is full, FullValueSize the size of a value that it is filled with.
	FullMiB       int
	FullValueSize int
	// Window is how long the resting server and the full one are read.
	Window   time.Duration
	LoadCPUs []int
	// Progress, when set, is told what happens, in words for a person.
	Progress func(string)
}

// Outcome is what a plan found out.
type Outcome struct {
	CommandLines []string `json:"command_lines"`
	Rows         []Row    `json:"rows"`
	Notes        []string `json:"notes,omitempty"`
}

// Row is one server in one state. Latencies are in microseconds.
type Row struct {
	Contender string  `json:"contender"`
	State     string  `json:"state"`
	Reads     uint64  `json:"reads"`
	Writes    uint64  `json:"writes"`
	P50       float64 `json:"p50_us"`
	P99       float64 `json:"p99_us"`
	P999      float64 `json:"p999_us"`
	Max       float64 `json:"max_us"`
	// SlipMax is how late the latest read left by the load's own fault.
	SlipMax float64 `json:"slip_max_us"`
	// Collections and LongestPause are of the server's garbage collector in the meantime; nil where it tells nothing.
	Collections  *int     `json:"collections,omitempty"`
	LongestPause *float64 `json:"longest_pause_us,omitempty"`
}

const (
	// readKeys are stored first and are what is read.
	readKeys = 100_000
	// connections of each of the two threads.
	connections = 8
	// overfill is how many times what fits is written before the server counts as full.
	overfill = 1.3
)

// Run carries the plan out. A contender that fails is noted and the others go on.
func Run(ctx context.Context, p *Plan) (*Outcome, error) {
	if len(p.Contenders) == 0 {
		return nil, errors.New("there is no server to measure")
	}
	o := &Outcome{}
	var failures []error
	for i := range p.Contenders {
		c := &p.Contenders[i]
		for _, state := range []func(context.Context, *Outcome, *contender.Contender) error{p.grow, p.evict} {
			err := state(ctx, o, c)
			if ctx.Err() != nil {
				return o, ctx.Err()
			}
			if err != nil {
				failures = append(failures, fmt.Errorf("%s: %w", c.Name, err))
				o.Notes = append(o.Notes, "FAILED: "+failures[len(failures)-1].Error())
			}
		}
	}
	return o, errors.Join(failures...)
}

// grow reads a server that rests, then one whose index grows.
func (p *Plan) grow(ctx context.Context, o *Outcome, c *contender.Contender) error {
	s, err := p.start(ctx, o, c, p.Settings.MemoryMiB)
	if err != nil {
		return err
	}
	defer s.process.Stop()
	if err := s.prefill(ctx, readKeys, p.ValueSize); err != nil {
		return err
	}
	if err := s.observe(ctx, o, "rests", p.ValueSize, nil, p.Window); err != nil {
		return err
	}
	return s.observe(ctx, o, fmt.Sprintf("grows to %d keys", p.Keys), p.ValueSize, s.writer(p.Keys, p.ValueSize), 0)
}

// evict reads a server that is full and evicts for every write.
func (p *Plan) evict(ctx context.Context, o *Outcome, c *contender.Contender) error {
	s, err := p.start(ctx, o, c, p.FullMiB)
	if err != nil {
		return err
	}
	defer s.process.Stop()
	fits := uint64(p.FullMiB) << 20 / uint64(p.FullValueSize)
	if err := s.prefill(ctx, uint64(float64(fits)*overfill), p.FullValueSize); err != nil {
		return err
	}
	w := s.writer(uint64(p.WriteRate*p.Window.Seconds()), p.FullValueSize)
	return s.observe(ctx, o, fmt.Sprintf("%d MiB full, evicts", p.FullMiB), p.FullValueSize, w, 0)
}

// subject is a server that is measured.
type subject struct {
	plan    *Plan
	name    string
	process *contender.Process
	config  load.Config // what all loads on it have in common
	metrics string      // where it tells of itself, empty where it doesn't
}

func (p *Plan) start(ctx context.Context, o *Outcome, c *contender.Contender, mib int) (*subject, error) {
	settings := p.Settings
	settings.MemoryMiB = mib
	s := &subject{plan: p, name: c.Name}
	if !c.Incumbent() {
		address, err := contender.FreeAddress()
		if err != nil {
			return nil, err
		}
		settings.Metrics, s.metrics = address, address
	}
	var err error
	if s.process, err = c.Start(ctx, settings); err != nil {
		return nil, err
	}
	o.CommandLines = append(o.CommandLines, s.process.CommandLine)
	s.config = load.Config{
		Target: s.process.Endpoint, Protocol: c.Protocol, Threads: 1, Connections: connections, CPUs: p.LoadCPUs, ServerPID: s.process.PID,
	}
	return s, nil
}

func (s *subject) say(format string, args ...any) {
	if s.plan.Progress != nil {
		s.plan.Progress(s.name + ": " + fmt.Sprintf(format, args...))
	}
}

// named makes a workload over keys of its own.
func named(prefix string, count uint64, size int, command workload.Command) *workload.Workload {
	w := workload.Uniform(count, size, command)
	w.Keys = workload.Keys{Prefix: prefix, Length: 16, Count: count}
	return w
}

func (s *subject) prefill(ctx context.Context, keys uint64, size int) error {
	began, config := time.Now(), s.config
	config.Workload = named("key:", keys, size, config.Protocol.Store())
	if err := load.Prefill(ctx, config); err != nil {
		return s.process.Explain(err)
	}
	s.say("%d keys stored in %v", keys, time.Since(began).Round(time.Millisecond))
	return nil
}

// writer is the load that stores so many new keys, one after another.
func (s *subject) writer(keys uint64, size int) *load.Config {
	config := s.config
	config.Workload = named("new:", keys, size, config.Protocol.Store())
	config.Workload.Access = workload.SequentialAccess{Count: keys}
	config.Pipeline, config.Rate, config.Requests = 16, s.plan.WriteRate, keys
	return &config
}

// observe reads the server for a time, or as long as a writer writes, and adds a row.
func (s *subject) observe(ctx context.Context, o *Outcome, state string, size int, writer *load.Config, length time.Duration) error {
	config := s.config
	config.Workload = named("key:", readKeys, size, config.Protocol.Fetch())
	config.Pipeline, config.Rate, config.Duration, config.WarmUp = 1, s.plan.ReadRate, length, s.plan.Window/warmUpShare
	reading, enough := context.WithCancel(ctx)
	defer enough()
	row := Row{Contender: s.name, State: state}
	before, err := s.pauses(ctx)
	if err != nil {
		return err
	}
	written := make(chan error, 1)
	if writer == nil {
		written <- nil
	} else {
		config.Duration = endless
		go func() {
			result, err := load.Run(ctx, *writer)
			if result != nil {
				row.Writes = result.Requests
			}
			enough()
			written <- err
		}()
	}
	result, err := load.Run(reading, config)
	if writer != nil && errors.Is(err, context.Canceled) {
		if err = nil; result == nil {
			err = errTooShort
		}
	}
	if err = errors.Join(err, <-written); err != nil {
		return s.process.Explain(err)
	}
	row.fill(result)
	after, err := s.pauses(ctx)
	if err != nil {
		return err
	}
	row.collected(before, after)
	o.Rows = append(o.Rows, row)
	s.say("%s: p50 %.0f us, p999 %.0f us, at most %.0f us", state, row.P50, row.P999, row.Max)
	return nil
}

// warmUpShare of the window is read before it.
const warmUpShare = 10

var errTooShort = errors.New("the writes were over before reads were measured")

// endless is longer than any writer writes.
const endless = time.Hour

func (r *Row) fill(m *load.Result) {
	us := func(ns int64) float64 { return float64(ns) / 1000 }
	r.Reads = m.Requests
	r.P50, r.P99 = us(m.Latency.ValueAtQuantile(50)), us(m.Latency.ValueAtQuantile(99))
	r.P999, r.Max = us(m.Latency.ValueAtQuantile(99.9)), us(m.Latency.Max())
	r.SlipMax = us(int64(m.SlipMax))
}
