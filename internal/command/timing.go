package command

import (
	"math"

	"github.com/crucible-cache/crucible/internal/metrics"
	"github.com/crucible-cache/crucible/internal/ticks"
)

// How commands are timed: each by itself, with two readings of the processor's
// counter, except for those of a pipeline that take about the same short time
// whatever they find (Spec.brief): what is O(1), and what is fast when it asks
// for a single element of a collection. Two readings are a tenth of a GET. Of such
// commands, as many as are parsed ahead, the time is taken once and divided.
// Should they have taken longer than somebody wants to hear of, something held
// the thread up, and the last of them is put down for it.

// pipelined are the brief commands of a pipeline that are timed together.
type pipelined struct {
	open   bool
	began  uint64 // ticks
	apart  uint64 // ticks that commands which were timed by themselves took
	waited uint64 // Worker.Waited at the beginning
	counts []groupCount
	n      uint64
}

// groupCount is how often a command was carried out in a row.
type groupCount struct {
	stats *CommandStats
	n     uint64
}

// add notes that a command was carried out.
func (g *pipelined) add(stats *CommandStats) {
	stats.Calls.Add(1)
	g.n++
	if last := len(g.counts) - 1; last >= 0 && g.counts[last].stats == stats {
		g.counts[last].n++
		return
	}
	g.counts = append(g.counts, groupCount{stats, 1})
}

// BeginGroup says that requests of a pipeline follow, up to EndGroup, which may
// be timed together.
func (c *Client) BeginGroup() {
	w := c.W
	if w.Server.Params.noticed.Load() < groupNS {
		return
	}
	g := &w.group
	g.open, g.apart, g.n, g.counts = true, 0, 0, g.counts[:0]
	g.waited = w.Waited
	g.began = ticks.Now()
}

// groupNS is the least duration that a group of brief commands can be told from:
// whoever wants to hear of shorter ones has each command timed.
const groupNS = 1e6

// EndGroup ends what BeginGroup began. last is the last request that was
// carried out.
func (c *Client) EndGroup(last [][]byte) {
	w := c.W
	g := &w.group
	if !g.open {
		return
	}
	g.open = false
	if g.n == 0 {
		return
	}
	ns := ticks.Nanoseconds(ticks.Now() - g.began - g.apart - (w.Waited - g.waited))
	each := ns / int64(g.n) //nolint:gosec // sixteen at most
	tracking := w.Server.Params.tracking.Load() != 0
	for _, x := range g.counts {
		x.stats.took(each, x.n, tracking)
	}
	if ns >= w.Server.Params.noticed.Load() && len(last) > 0 {
		if s := w.Server.Table.resolve(last); s != nil {
			c.notice(s, last, ns)
		}
	}
}

// runTimed calls the handler and takes the time.
func (c *Client) runTimed(s *Spec, args [][]byte, stats *CommandStats) {
	w := c.W
	p := w.Server.Params
	begin, apart := ticks.Now(), w.group.apart
	s.Run(c, args)
	passed := ticks.Now() - begin
	w.group.apart = apart + passed // with what it ran itself
	if c.aside && s == w.aside.spec {
		args = w.aside.args // the ones it came with are gone
	}
	ns := ticks.Nanoseconds(passed)
	if s.Flags&Blocking != 0 {
		if x := c.waiter.Load(); x != nil {
			x.ns = ns // it counts when the wait is over
			return
		}
	}
	c.count(s, args, ns, stats, p)
}

// count puts down a call that took so long.
func (c *Client) count(s *Spec, args [][]byte, ns int64, stats *CommandStats, p *Params) {
	stats.Calls.Add(1)
	stats.took(ns, 1, p.tracking.Load() != 0)
	if ns >= p.noticed.Load() {
		c.notice(s, args, ns)
	}
}

// countWaited is count for a request whose client had to wait, with the time that it
// took to find that out and to serve it.
func (c *Client) countWaited(x *waiter) {
	w := c.W
	if s := w.Server.Table.resolve(x.args); s != nil && s.Flags&Blocking != 0 {
		c.count(s, x.args, x.ns, &w.Stats.PerCommand[s.index], w.Server.Params)
	}
}

// took counts n calls of ns nanoseconds each.
func (s *CommandStats) took(ns int64, n uint64, tracking bool) {
	s.NS.Add(uint64(ns) * n) //nolint:gosec // not negative
	if !tracking {
		return
	}
	h := s.latency.Load()
	if h == nil {
		h = &metrics.Histogram{}
		s.latency.Store(h)
	}
	h.Record(ns, n)
}

// notice tells whoever wants to hear of commands that took so long.
func (c *Client) notice(s *Spec, args [][]byte, ns int64) {
	p := c.W.Server.Params
	if least := p.slowerThan.Load(); least >= 0 && ns/1000 >= least && s.Flags&SkipSlowlog == 0 {
		c.W.Server.slowlog.add(c, s, args, ns/1000)
	}
	event := "command"
	if s.Flags&Fast != 0 {
		event = "fast-command"
	}
	c.W.noteSpike(event, ns)
}

// noteSpike hands a duration to the latency monitor if it is long enough.
func (w *Worker) noteSpike(event string, ns int64) {
	ms := ns / 1e6
	if least := w.Server.Params.monitorMS.Load(); least > 0 && ms >= least {
		w.Server.spikes.add(event, w.NowMS/1000, ms)
	}
}

// tickKeyspace lets keys expire, which may hold the loop up like a command.
func (w *Worker) tickKeyspace() {
	begin := ticks.Now()
	w.Worker.Tick()
	ns := ticks.Nanoseconds(ticks.Now() - begin)
	w.Stats.ExpireNS.Add(uint64(ns)) //nolint:gosec // not negative
	w.noteSpike("expire-cycle", ns)
}

// nobody is a duration that nothing takes.
const nobody = math.MaxInt64
