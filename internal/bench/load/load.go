// Package load drives a workload against a server and measures what comes back.
//
// A run has one locked OS thread per Config.Threads, each with its own driver, connections, generator, histograms and
// counters; nothing is shared on the way of a request but the workload, which doesn't change. The goroutine that calls
// Run turns the phases (connect, warm-up, measure, drain) by storing one atomic, reads the threads' published counters,
// and samples the CPU time of the server and of the load itself at the same two moments. Memory is fixed when a run starts:
// per connection one ring of in-flight requests and one parser, per thread one histogram per command (about 100 KiB).
package load

import (
	"crypto/tls"
	"errors"
	"fmt"
	"time"

	"github.com/crucible-cache/crucible/internal/bench/driver"
	"github.com/crucible-cache/crucible/internal/bench/wire"
	"github.com/crucible-cache/crucible/internal/bench/workload"
)

// Limits of a run.
const (
	threadsMax     = 256
	connectionsMax = 1 << 16
	pipelineMax    = 1 << 14

	connectTimeout = 10 * time.Second
	// stallTimeout is how long a server may answer nothing at all before the run is given up.
	stallTimeout = 10 * time.Second
	// drainTimeout is how long the last replies are waited for.
	drainTimeout = 5 * time.Second
	// idleWait is the longest a thread sleeps without looking at the phase.
	idleWait = 20 * time.Millisecond
)

// Config describes one run.
type Config struct {
	Target driver.Endpoint
	// TLS encrypts the connections; nil leaves them in the clear.
	TLS      *tls.Config
	Protocol wire.Protocol
	Workload *workload.Workload

	// Threads drive Connections, which are divided among them. Each connection has up to Pipeline requests in flight.
	Threads, Connections, Pipeline int
	// Engine is what drives the sockets: "uring", "epoll", or "auto" or nothing for the best this machine has.
	Engine string
	// CPUs pins the threads, one CPU each, round robin. Empty leaves them to the scheduler.
	CPUs []int
	// Rate is the number of requests per second in all, sent on schedule whatever the server does (open loop): latency
	// then counts from the moment a request was due. 0 sends as fast as replies come back (closed loop), whole pipelines
	// at a time.
	Rate float64
	// WarmUp is run but not measured; Duration is measured. With Requests the run ends after so many, whichever is first;
	// a Duration of 0 then sets no other end.
	WarmUp, Duration time.Duration
	Requests         uint64
	// ReadThrough follows a miss of a command that reads one key by storing that key, as an application in front of a
	// database does.
	ReadThrough bool
	// Verify checks every value read: whose it is, that it is whole, and that it isn't older than a write acknowledged
	// before the read was sent.
	Verify bool
	// Churn is the number of requests after which a connection is closed and made again, 0 for never.
	Churn int
	// Subscribers are connections that hear what the load publishes.
	Subscribers Subscribers
	// Credentials are the lines of the greeting that a subscriber sends, too.
	Credentials [][]byte
	// StallLimit is the silence that counts as a stall when replies come again, 0 for none.
	StallLimit time.Duration
	// Greeting is sent on every new connection and its replies, one per element, are awaited before any load.
	Greeting [][]byte
	// ServerPID is the process whose CPU time and memory are measured, 0 for none. ServerCPUs are the CPUs it is pinned to.
	ServerPID  int
	ServerCPUs []int
	// Seed makes runs repeat.
	Seed uint64
	// Began, when set, is told of every phase that begins, in words for a person, from the goroutine that called Run.
	Began func(phase string)
	// Progress, when set, is called about once per second from the goroutine that called Run.
	Progress func(Progress)
}

// Progress is how far a run is.
type Progress struct {
	Phase   string
	Elapsed time.Duration // in this phase
	Left    time.Duration // of this phase, 0 when it has no fixed end
	Done    uint64        // requests answered in this phase
	Rate    float64       // requests per second, lately
	P99     time.Duration // latency, lately; 0 outside the measured window
}

func (c *Config) validate() error {
	switch {
	case c.Threads < 1 || c.Threads > threadsMax:
		return fmt.Errorf("threads %d: between 1 and %d", c.Threads, threadsMax)
	case c.Connections < c.Threads || c.Connections > connectionsMax:
		return fmt.Errorf("connections %d: at least one per thread, at most %d", c.Connections, connectionsMax)
	case c.Pipeline < 1 || c.Pipeline > pipelineMax:
		return fmt.Errorf("pipeline %d: between 1 and %d", c.Pipeline, pipelineMax)
	case c.Rate < 0:
		return fmt.Errorf("rate %v: not negative", c.Rate)
	case c.Churn < 0:
		return fmt.Errorf("churn %d: not negative", c.Churn)
	case c.Duration < 0 || c.Duration == 0 && c.Requests == 0:
		return errors.New("the duration must be positive")
	}
	if err := c.Subscribers.validate(c.Protocol); err != nil {
		return err
	}
	return c.Workload.Validate()
}
