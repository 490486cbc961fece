package command

import (
	"slices"
	"strings"
	"sync"
)

// spikeSamples is how many spikes of an event are kept, as in Redis.
const spikeSamples = 160

// latencyMonitor holds the latest durations of each kind of event that passed
// latency-monitor-threshold. The kinds are few and named by the program. Any
// thread may call its methods.
type latencyMonitor struct {
	mu     sync.Mutex
	events map[string]*spikes
}

// spikes are the latest of one event, oldest first, and the longest ever.
type spikes struct {
	samples []spike
	longest int64
}

// spike is the longest duration of a second.
type spike struct{ unix, ms int64 }

func (m *latencyMonitor) add(event string, unix, ms int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.events == nil {
		m.events = map[string]*spikes{}
	}
	s := m.events[event]
	if s == nil {
		s = &spikes{}
		m.events[event] = s
	}
	s.longest = max(s.longest, ms)
	if n := len(s.samples); n > 0 && s.samples[n-1].unix == unix {
		s.samples[n-1].ms = max(s.samples[n-1].ms, ms)
		return
	}
	if len(s.samples) == spikeSamples {
		s.samples = slices.Delete(s.samples, 0, 1)
	}
	s.samples = append(s.samples, spike{unix, ms})
}

// of returns a copy of what is known of an event, empty if nothing is.
func (m *latencyMonitor) of(event string) spikes {
	m.mu.Lock()
	defer m.mu.Unlock()
	if s := m.events[event]; s != nil {
		return spikes{slices.Clone(s.samples), s.longest}
	}
	return spikes{}
}

// names returns the events of which something is known, in order.
func (m *latencyMonitor) names() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	var names []string
	for name := range m.events {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// forget drops the events named, all without names, and returns how many there were.
func (m *latencyMonitor) forget(names [][]byte) (n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(names) == 0 {
		n = len(m.events)
		m.events = nil
	}
	for _, name := range names {
		if m.events[string(name)] != nil {
			n++
			delete(m.events, string(name))
		}
	}
	return n
}

func latencyLatestCommand(c *Client, _ [][]byte) {
	m := &c.W.Server.spikes
	names := m.names()
	c.Reply.ArrayLen(len(names))
	for _, name := range names {
		s := m.of(name)
		last := s.samples[len(s.samples)-1]
		c.Reply.ArrayLen(4)
		c.Reply.BulkString(name)
		c.Reply.Int(last.unix)
		c.Reply.Int(last.ms)
		c.Reply.Int(s.longest)
	}
}

func latencyHistoryCommand(c *Client, args [][]byte) {
	samples := c.W.Server.spikes.of(string(args[2])).samples
	c.Reply.ArrayLen(len(samples))
	for _, x := range samples {
		c.Reply.ArrayLen(2)
		c.Reply.Int(x.unix)
		c.Reply.Int(x.ms)
	}
}

func latencyResetCommand(c *Client, args [][]byte) {
	c.Reply.Int(int64(c.W.Server.spikes.forget(args[2:])))
}

// latencyHistogramCommand shows how long the calls of commands took, as far as
// latency-tracking was on: all that were called, or those named with their
// subcommands, as often as they are named.
func latencyHistogramCommand(c *Client, args [][]byte) {
	totals := c.W.Server.totals()
	var shown []*Spec
	add := func(named func(*Spec) bool) {
		for _, s := range c.W.Server.Table.all {
			if totals.perCommand[s.index].latency.Total() > 0 && named(s) {
				shown = append(shown, s)
			}
		}
	}
	if len(args) == 2 {
		add(func(*Spec) bool { return true })
	}
	for _, name := range args[2:] {
		add(func(s *Spec) bool { return goesBy(s, name) })
	}
	c.Reply.MapLen(len(shown))
	for _, s := range shown {
		counts := &totals.perCommand[s.index].latency
		c.Reply.BulkString(s.fullname)
		c.Reply.MapLen(2)
		c.Reply.BulkString("calls")
		c.Reply.Int(int64(counts.Total())) //nolint:gosec // calls
		c.Reply.BulkString("histogram_usec")
		var pairs []int64
		counts.Doubling(func(ns int64, n uint64) { pairs = append(pairs, ns/1000, int64(n)) }) //nolint:gosec // calls
		c.Reply.MapLen(len(pairs) / 2)
		for _, n := range pairs {
			c.Reply.Int(n)
		}
	}
}

// goesBy reports whether a name is that of the command or of its container.
func goesBy(s *Spec, name []byte) bool {
	return strings.EqualFold(string(name), s.fullname) || s.parent != nil && equalName(name, s.parent.fullname)
}
