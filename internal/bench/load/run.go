package load

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/crucible-cache/crucible/internal/bench/wire"
	"github.com/crucible-cache/crucible/internal/bench/workload"
)

// phase is what a run is doing. Phases only go forward.
type phase int32

const (
	connecting phase = iota
	warming
	measuring
	draining // no new request; outstanding replies are awaited
	stopped
)

// run is one load in progress.
type run struct {
	config   Config
	encoder  *wire.Encoder
	effects  []workload.Effect // by command
	keys     []uint16          // by command
	usesCAS  []bool            // by command
	store    int               // the command a read-through stores with
	ledger   *ledger           // nil without verification
	audience *audience         // nil without subscribers
	threads  []*thread
	timeline *timeline     // from the beginning of the measured window
	idle     chan struct{} // closed when the last thread has ended
	base     time.Time
	current  atomic.Int32

	// Silences of the measured window; see noteSilence.
	stalls       int
	longestStall time.Duration

	running  sync.WaitGroup // the threads
	alive    atomic.Int32   // how many of them
	failure  atomic.Pointer[loss]
	lastLoss atomic.Pointer[loss]
}

// loss is why a connection, or a thread, ended.
type loss struct{ err error }

func (r *run) phase() phase { return phase(r.current.Load()) }

// now is the run's clock in nanoseconds; monotonic.
func (r *run) now() int64 { return int64(time.Since(r.base)) }

// Run connects, warms up, measures, drains, and returns what was measured. When the run breaks down in the middle, the
// server gone or silent, it returns the error and what was measured until then.
func Run(ctx context.Context, c Config) (*Result, error) {
	if err := c.validate(); err != nil {
		return nil, err
	}
	store := c.addStore()
	r, err := newRun(c, func(t *thread, index int) {
		g := workload.NewGenerator(c.Workload, c.Seed, uint64(index))
		t.source = g.Endless()
		if c.ReadThrough {
			t.refill = g
		}
		t.makeAlike(g)
	})
	if err != nil {
		return nil, err
	}
	defer r.stop()
	r.store = store
	r.began("connect: %d connections to %s, %d threads", c.Connections, c.Target, c.Threads)
	if err := r.connect(ctx); err != nil {
		return nil, err
	}
	if err := r.seat(ctx); err != nil {
		return nil, err
	}
	if c.WarmUp > 0 {
		r.current.Store(int32(warming))
		r.began("warm-up: %v", c.WarmUp)
		if err := r.watch(ctx, "warm-up", c.WarmUp); err != nil {
			return nil, err
		}
	}
	r.began("run: %s", c.extent())
	before := r.sample() // first, or what is answered meanwhile would be missing in a run by count
	r.current.Store(int32(measuring))
	r.timeline = newTimeline(r, before)
	err = r.watch(ctx, "run", c.Duration)
	after := r.sample()
	r.current.Store(int32(draining))
	drained := r.drain()
	r.audience.dismiss()
	r.stop()
	r.began("drain: over after %v", time.Since(after.at).Round(time.Microsecond))
	r.timeline.close(after)
	result := r.result(before, after)
	if err == nil {
		err = drained
	}
	return result, err
}

// began tells of a phase.
func (r *run) began(format string, args ...any) {
	if r.config.Began != nil {
		r.config.Began(fmt.Sprintf(format, args...))
	}
}

// extent is how long the measured window is, in words.
func (c *Config) extent() string {
	switch {
	case c.Requests == 0:
		return c.Duration.String()
	case c.Duration == 0:
		return fmt.Sprintf("%d requests", c.Requests)
	}
	return fmt.Sprintf("%d requests, at most %v", c.Requests, c.Duration)
}

// addStore makes sure that a read-through has a command to store with, and returns its index: the first write of the
// workload, or one that is added with no weight of its own.
func (c *Config) addStore() int {
	for i := range c.Workload.Commands {
		if command := &c.Workload.Commands[i]; command.Effect == workload.Write && command.HasValue() && command.Keys() == 1 {
			return i
		}
	}
	if !c.ReadThrough {
		return 0
	}
	extended := *c.Workload
	store := c.Protocol.Store()
	store.Weight = 0
	extended.Commands = append(slices.Clone(extended.Commands), store)
	c.Workload = &extended
	return len(extended.Commands) - 1
}

// newRun makes a run whose threads connect at once. equip gives each thread its source of requests.
func newRun(c Config, equip func(t *thread, index int)) (*run, error) {
	encoder, err := wire.NewEncoder(c.Protocol, c.Workload)
	if err != nil {
		return nil, err
	}
	r := &run{config: c, encoder: encoder, idle: make(chan struct{}), base: time.Now()}
	r.audience = newAudience(r)
	if c.Verify {
		r.ledger = newLedger(c.Workload.Keys.Count)
	}
	for i := range c.Workload.Commands {
		command := &c.Workload.Commands[i]
		r.effects = append(r.effects, command.Effect)
		r.keys = append(r.keys, uint16(command.Keys()))
		r.usesCAS = append(r.usesCAS, command.UsesCAS())
	}
	for i := range c.Threads {
		t := r.newThread(i)
		equip(t, i)
		r.threads = append(r.threads, t)
	}
	r.alive.Store(int32(len(r.threads)))
	// A load thread holds its processor while it waits for a moment: the others need some of their own.
	runtime.GOMAXPROCS(max(runtime.GOMAXPROCS(0), len(r.threads)+3))
	for _, t := range r.threads {
		r.running.Go(func() {
			if err := t.loop(); err != nil {
				r.failure.CompareAndSwap(nil, &loss{err})
			}
			if r.alive.Add(-1) == 0 {
				close(r.idle)
			}
		})
	}
	return r, nil
}

func (r *run) newThread(index int) *thread {
	c := &r.config
	share := c.Connections / c.Threads
	if index < c.Connections%c.Threads {
		share++
	}
	t := &thread{run: r, conns: make([]conn, share), errors: ErrorCounts{}}
	for i := range t.conns {
		t.conns[i] = newConn(c.Protocol, c.Pipeline)
		if c.Verify {
			own := &t.conns[i]
			own.parser.Keep(func(value []byte) { t.verify(own, value) })
		}
	}
	t.pages.filling = newPage(len(c.Workload.Commands))
	if len(c.CPUs) > 0 {
		t.cpus = c.CPUs[index%len(c.CPUs):][:1]
	}
	if c.Rate > 0 {
		t.pace = newPace(c.Rate, index, c.Threads)
	}
	return t
}

// makeAlike has whole pipelines encoded at once, if the requests of the source g are alike and all that is to be known of one
// that is in flight is when it was sent.
func (t *thread) makeAlike(g *workload.Generator) {
	r := t.run
	if len(r.effects) != 1 || r.effects[0] != workload.Read || !r.encoder.Alike(0) || r.ledger != nil || t.refill != nil || r.config.Churn > 0 {
		return
	}
	t.alike, t.keys = g, make([]uint64, r.config.Pipeline)
}

// countFor divides the requests of a run with an end by count among its threads.
func (r *run) countFor(t *thread) uint64 {
	n, all := uint64(len(r.threads)), r.config.Requests
	count := all / n
	if uint64(slices.Index(r.threads, t)) < all%n {
		count++
	}
	return count
}

// stop ends the threads that still run, and closes their connections. Afterwards what they counted may be read.
func (r *run) stop() {
	r.current.Store(int32(stopped))
	r.running.Wait()
	r.audience.stop()
}
