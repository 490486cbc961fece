package command

import (
	"sync"
	"time"

	"github.com/crucible-cache/crucible/internal/metrics"
)

// totals are the counters of all workers, added up.
type totals struct {
	commands, connections, rejected, input, output, errors uint64
	hits, misses, expired, evicted, evictedClients         uint64
	expiredFields, expiryCut, expiryNS                     uint64
	payloads, freedLater                                   uint64
	ticking                                                time.Duration

	perCommand []commandTotals   // by Spec.index
	elsewhere  map[string]uint64 // what other rooms count, by its name in INFO
}

// commandTotals are the figures of one command.
type commandTotals struct {
	calls, rejected, failed, ns uint64
	latency                     metrics.HistogramCounts
}

// counted returns what the workers have counted since the process began.
func (s *Server) counted() *totals {
	t := &totals{perCommand: make([]commandTotals, len(s.Table.all)), elsewhere: map[string]uint64{}}
	if s.Counters != nil {
		s.Counters(func(name string, n uint64) { t.elsewhere[name] = n })
	}
	t.input, t.output = s.network()
	t.evictedClients = s.evictedClients.Load()
	if s.Threads != nil {
		for _, f := range s.Threads() {
			t.ticking += f.Ticking
		}
	}
	for _, w := range s.Workers() {
		st := &w.Stats
		t.commands += st.Commands.Load()
		t.connections += st.Connections.Load()
		t.rejected += st.Rejected.Load()
		t.errors += st.ErrorReplies.Load()
		t.hits += w.Worker.Stats.Hits.Load()
		t.misses += w.Worker.Stats.Misses.Load()
		t.expired += w.Worker.Stats.Expired.Load()
		t.evicted += w.Evicted()
		t.expiredFields += w.Worker.Stats.Fields.Load()
		t.expiryCut += w.Worker.Stats.Cut.Load()
		t.expiryNS += st.ExpireNS.Load()
		t.payloads += st.Payloads.Load()
		t.freedLater += st.FreedLater.Load()
		for i := range st.PerCommand {
			c, to := &st.PerCommand[i], &t.perCommand[i]
			to.calls += c.Calls.Load()
			to.rejected += c.Rejected.Load()
			to.failed += c.Failed.Load()
			to.ns += c.NS.Load()
			if h := c.latency.Load(); h != nil {
				to.latency.Add(h)
			}
		}
	}
	return t
}

// errorsByCode adds up the kinds of errors that there were since CONFIG RESETSTAT.
func (s *Server) errorsByCode() map[string]uint64 {
	all := map[string]uint64{}
	for _, w := range s.Workers() {
		e := &w.Stats.errors
		e.mu.Lock()
		for code, n := range e.byCode {
			all[code] += n
		}
		overflown := e.overflown
		e.mu.Unlock()
		if overflown {
			return map[string]uint64{"ERRORSTATS_DISABLED": 1}
		}
	}
	return all
}

func (s *Server) network() (received, sent uint64) {
	if s.Network == nil {
		return 0, 0
	}
	return s.Network()
}

// minus subtracts what had been counted at an earlier time; nil is the start.
func (t *totals) minus(old *totals) *totals {
	if old == nil {
		return t
	}
	t.commands -= old.commands
	t.connections -= old.connections
	t.rejected -= old.rejected
	t.input -= old.input
	t.output -= old.output
	t.errors -= old.errors
	t.hits -= old.hits
	t.misses -= old.misses
	t.expired -= old.expired
	t.evicted -= old.evicted
	t.evictedClients -= old.evictedClients
	t.expiredFields -= old.expiredFields
	t.expiryCut -= old.expiryCut
	t.expiryNS -= old.expiryNS
	t.payloads -= old.payloads
	t.freedLater -= old.freedLater
	t.ticking -= old.ticking
	for i := range old.perCommand {
		was, now := &old.perCommand[i], &t.perCommand[i]
		now.calls -= was.calls
		now.rejected -= was.rejected
		now.failed -= was.failed
		now.ns -= was.ns
		now.latency.Subtract(&was.latency)
	}
	for name, was := range old.elsewhere {
		t.elsewhere[name] -= was
	}
	return t
}

// Totals as INFO shows them are counted since the last CONFIG RESETSTAT. The
// counters themselves go on, for each has one writer, and the metrics want
// them never to fall.
func (s *Server) totals() *totals { return s.counted().minus(s.reset.Load()) }

// ResetStats makes the figures of INFO start again at zero.
func (s *Server) ResetStats() {
	s.reset.Store(s.counted())
	s.rates.forget()
	if s.ForgetPeaks != nil {
		s.ForgetPeaks()
	}
	for _, w := range s.Workers() {
		w.Stats.errors.forget()
		w.Stats.mostCommands.Store(0)
	}
}

// rateSamples and rateMinMS say how the instantaneous figures of INFO are made:
// the growth over the last samples, which are taken as often as workers tick.
const (
	rateSamples = 16
	rateMinMS   = 50
)

// rates keeps the latest samples of what is shown per second.
type rates struct {
	mu      sync.Mutex
	samples [rateSamples]rateSample
	next    int
	peak    int64 // bytes, the most memory that was in use at a sample

	over     int64 // when memory was first seen over maxmemory, 0 if it is not
	overSeen int64 // milliseconds for which it was before that
}

type rateSample struct {
	ms                              int64
	commands, input, output, cycles uint64
	busy                            time.Duration
}

// rate is the growth of the sampled counters in a second.
type rate struct{ commands, input, output, cycles, busy float64 }

// sample notes the counters of this moment.
func (s *Server) sample(nowMS int64) {
	now := rateSample{ms: nowMS}
	now.input, now.output = s.network()
	for _, w := range s.Workers() {
		now.commands += w.Stats.Commands.Load()
	}
	if s.Threads != nil {
		for _, t := range s.Threads() {
			now.cycles += t.Cycles
			now.busy += t.Busy
		}
	}
	used := s.Keyspace.Resident()
	r := &s.rates
	r.mu.Lock()
	defer r.mu.Unlock()
	r.samples[r.next] = now
	r.next = (r.next + 1) % rateSamples
	r.peak = max(r.peak, used)
	switch {
	case used > s.Keyspace.Maxmemory() && r.over == 0:
		r.over = nowMS
	case used <= s.Keyspace.Maxmemory() && r.over != 0:
		r.overSeen, r.over = r.overSeen+nowMS-r.over, 0
	}
}

// exceeding returns for how many milliseconds memory was over maxmemory, in all and
// since it last came to be.
func (r *rates) exceeding(nowMS int64) (all, now int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.over != 0 {
		now = max(nowMS-r.over, 0)
	}
	return r.overSeen + now, now
}

// forget has the time over maxmemory count from now on.
func (r *rates) forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.over, r.overSeen = 0, 0
}

// perSecond returns the growth per second of the sampled counters.
func (r *rates) perSecond() rate {
	r.mu.Lock()
	defer r.mu.Unlock()
	last := r.samples[(r.next+rateSamples-1)%rateSamples]
	first := r.samples[r.next]
	if first.ms == 0 { // the ring is not full yet
		first = r.samples[0]
	}
	ms := float64(last.ms - first.ms)
	if ms < rateMinMS {
		return rate{}
	}
	per := func(a, b uint64) float64 { return float64(b-a) * 1000 / ms }
	return rate{
		per(first.commands, last.commands), per(first.input, last.input), per(first.output, last.output),
		per(first.cycles, last.cycles), (last.busy - first.busy).Seconds() * 1000 / ms,
	}
}

func (r *rates) peakBytes(now int64) int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.peak = max(r.peak, now)
	return r.peak
}

// EachCommand visits the commands that this worker ran, with how often. Any
// thread may call it.
func (w *Worker) EachCommand(visit func(name string, calls uint64)) {
	for _, s := range w.Server.Table.all {
		if n := w.Stats.PerCommand[s.index].Calls.Load(); n > 0 {
			visit(s.fullname, n)
		}
	}
}
