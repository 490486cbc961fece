package driver

import (
	"sync/atomic"

	"github.com/crucible-cache/crucible/internal/metrics"
	"github.com/crucible-cache/crucible/internal/ticks"
)

// Stats are the counters of one loop. The thread of the loop writes them, any
// thread may read them.
type Stats struct {
	_ [64]byte // no cache line in common with whatever is allocated before

	Connections metrics.Gauge   // open now
	Thread      metrics.Gauge   // the kernel's number of the loop's thread, 0 without one of its own
	Accepted    metrics.Counter // connections this loop took over
	Closed      metrics.Counter // connections that ended
	Unsecured   metrics.Counter // TLS handshakes that failed, or took too long
	Refused     metrics.Counter // accept failed for want of file descriptors or memory
	Wakeups     metrics.Counter // returns from waiting
	Mail        metrics.Counter // posted functions that ran
	WakesSent   metrics.Counter // wake-ups of other loops
	Receives    metrics.Counter // receives that brought data
	ReceivedB   metrics.Counter // bytes received
	Sends       metrics.Counter // sends completed, short ones included
	SentB       metrics.Counter // bytes sent
	ShortSends  metrics.Counter // sends that took less than they were given
	NoBuffers   metrics.Counter // io_uring: receive found no buffer in the ring
	Buffers     metrics.Gauge   // io_uring: buffers in the ring
	ReadStops   metrics.Counter // reading stopped: data came for a paused session
	HeldB       metrics.Gauge   // bytes held for paused sessions now
	TickNS      metrics.Counter // that what is done now and then took, nanoseconds

	longest atomic.Uint64 // wake-up, in units of package ticks
	awake   uint64        // when this one began, likewise

	_ [64]byte
}

// Awake counts a wake-up, which begins.
func (s *Stats) Awake() {
	s.Wakeups.Add(1)
	s.awake = ticks.Now()
}

// Rest ends the wake-up that Awake began: what follows is a wait.
func (s *Stats) Rest() {
	if took := ticks.Now() - s.awake; int64(took) > int64(s.longest.Load()) { //nolint:gosec // processors may be apart a little
		s.longest.Store(took)
	}
}

// Longest returns how long the longest wake-up took, in nanoseconds, since ForgetLongest.
// Any thread may call both.
func (s *Stats) Longest() int64 { return ticks.Nanoseconds(s.longest.Load()) }

// ForgetLongest has the wake-ups that are over not count any more.
func (s *Stats) ForgetLongest() { s.longest.Store(0) }
