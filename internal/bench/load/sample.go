package load

import (
	"time"

	"github.com/crucible-cache/crucible/internal/bench/procstat"
)

// sample is everything read at one end of the measured window. The counters come first and last in time with the CPU
// clocks between, but all within some microseconds.
type sample struct {
	at       time.Time
	counters counters
	server   procstat.CPU
	serverOK bool
	busy     time.Duration
	stolen   time.Duration
	busyOK   bool
	threads  []time.Duration // CPU time of each load thread
}

func (r *run) sample() sample {
	s := sample{at: time.Now(), counters: r.counters()}
	if pid := r.config.ServerPID; pid != 0 {
		var err error
		s.server, err = procstat.ReadCPU(pid)
		s.serverOK = err == nil
	}
	if cpus := r.config.ServerCPUs; len(cpus) > 0 {
		var err error
		s.busy, s.stolen, err = procstat.ReadBusy(cpus)
		s.busyOK = err == nil
	}
	for _, t := range r.threads {
		spent, err := procstat.ReadThreadCPU(int(t.public.threadID.Load()))
		if err != nil {
			spent = time.Duration(t.public.spent.Load())
		}
		s.threads = append(s.threads, spent)
	}
	return s
}

// counters sums what the threads have published.
func (r *run) counters() (c counters) {
	for _, t := range r.threads {
		p := &t.public
		c.requests += p.requests.Load()
		c.hits += p.hits.Load()
		c.misses += p.misses.Load()
		c.errors += p.errors.Load()
		c.bytesIn += p.bytesIn.Load()
		c.bytesOut += p.bytesOut.Load()
		c.reconnects += p.reconnects.Load()
	}
	return c
}

// result makes the result of what lies between two samples. The threads have ended.
func (r *run) result(before, after sample) *Result {
	c := &r.config
	out := &Result{
		Elapsed:    after.at.Sub(before.at),
		Requests:   after.counters.requests - before.counters.requests,
		Hits:       after.counters.hits - before.counters.hits,
		Misses:     after.counters.misses - before.counters.misses,
		BytesIn:    after.counters.bytesIn - before.counters.bytesIn,
		BytesOut:   after.counters.bytesOut - before.counters.bytesOut,
		Reconnects: after.counters.reconnects - before.counters.reconnects,
		Errors:     ErrorCounts{},
		Asked:      c.Rate,
		Stalls:     r.stalls,
		Latency:    newHistogram(),
		Timeline:   r.timeline.intervals,
	}
	for i := range c.Workload.Commands {
		command := CommandResult{Name: c.Workload.Commands[i].Name, Latency: r.timeline.totals[i]}
		command.Requests = uint64(command.Latency.TotalCount())
		out.Latency.Merge(command.Latency)
		out.Commands = append(out.Commands, command)
	}
	slip := newHistogram()
	for i, t := range r.threads {
		out.Errors.merge(t.errors)
		out.LoadCPU = max(out.LoadCPU, share(after.threads[i]-before.threads[i], out.Elapsed))
		if t.pace != nil {
			slip.Merge(t.pace.slip)
		}
	}
	out.SlipP99, out.SlipMax = time.Duration(slip.ValueAtQuantile(99)), time.Duration(slip.Max())
	if r.audience != nil {
		out.Delivery = r.audience.delivery(out)
	}
	out.LongestStall = r.longestStall
	out.Server = r.serverCost(before, after)
	return out
}

func (r *run) serverCost(before, after sample) *ServerCost {
	if !before.serverOK || !after.serverOK {
		return nil
	}
	spent := after.server.Sub(before.server)
	cost := &ServerCost{CPU: spent.Total, User: spent.User, System: spent.System}
	if before.busyOK && after.busyOK {
		window := after.at.Sub(before.at) * time.Duration(len(r.config.ServerCPUs))
		cost.Foreign = max(0, share(after.busy-before.busy-spent.Total, window))
		cost.Stolen = share(after.stolen-before.stolen, window)
	}
	if m, err := procstat.ReadMemory(r.config.ServerPID); err == nil {
		cost.Resident, cost.Peak = m.Resident, m.Peak
	}
	return cost
}

func share(part, whole time.Duration) float64 {
	if whole <= 0 {
		return 0
	}
	return float64(part) / float64(whole)
}
