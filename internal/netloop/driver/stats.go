package driver

import "github.com/crucible-cache/crucible/internal/metrics"

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

	_ [64]byte
}
