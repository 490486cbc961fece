package load

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Histogram range: latencies from 1 ns to 60 s with three significant digits. A longer one counts as 60 s.
const (
	latencyMax    = int64(60 * time.Second)
	latencyDigits = 3
)

func newHistogram() *hdrhistogram.Histogram {
	return hdrhistogram.New(int64(time.Microsecond)/10, latencyMax, latencyDigits)
}

// Result is what one run measured.
type Result struct {
	// Elapsed is the length of the measured window; Requests were answered in it, Errors of them by refusals.
	Elapsed  time.Duration
	Requests uint64
	Errors   ErrorCounts
	// Hits and Misses count the keys of Read commands.
	Hits, Misses uint64
	// BytesOut and BytesIn are those of the window.
	BytesOut, BytesIn uint64
	// Commands are the results by command, in the workload's order; Latency is over all of them, in nanoseconds.
	Commands []CommandResult
	Latency  *hdrhistogram.Histogram
	// Timeline is the window second by second.
	Timeline []Interval
	// Delivery is what the subscribers heard; nil without any.
	Delivery *Delivery
	// Server is what the server's process cost; nil when its pid wasn't given or can't be read.
	Server *ServerCost
	// LoadCPU is the share of its CPUs the busiest load thread used, 0..1.
	LoadCPU float64
	// Asked is the rate of an open loop, 0 in a closed one. SlipP99 and SlipMax are how late its requests left by the
	// generator's own fault.
	Asked            float64
	SlipP99, SlipMax time.Duration
	// Stalls counts the silences beyond Config.StallLimit after which the server went on; LongestStall is the longest.
	Stalls       int
	LongestStall time.Duration
	// Reconnects counts connections that had to be made again.
	Reconnects uint64
}

// CommandResult is the part of one command.
type CommandResult struct {
	Name     string
	Requests uint64
	Latency  *hdrhistogram.Histogram
}

// ServerCost is what the server's process used in the window.
type ServerCost struct {
	CPU, User, System time.Duration
	// Resident and Peak are bytes of memory at the end.
	Resident, Peak uint64
	// Foreign is the share of the server's CPUs that other processes used, Stolen the share the hypervisor withheld, 0..1.
	// Both are 0 when it isn't known which CPUs are its.
	Foreign, Stolen float64
}

// Throughput is requests per second.
func (r *Result) Throughput() float64 { return float64(r.Requests) / r.Elapsed.Seconds() }

// CPUPerRequest is the server's CPU time per request, 0 when unknown.
func (r *Result) CPUPerRequest() time.Duration {
	if r.Server == nil || r.Requests == 0 {
		return 0
	}
	return time.Duration(float64(r.Server.CPU) / float64(r.Requests))
}

// ServerUse is how many CPUs the server kept busy.
func (r *Result) ServerUse() float64 {
	if r.Server == nil {
		return 0
	}
	return float64(r.Server.CPU) / float64(r.Elapsed)
}

// saturated is the share of a CPU from which it counts as full.
const saturated = 0.95

// reached is the share of its rate that an open loop must offer to have offered it.
const reached = 0.98

// LoadWasBottleneck reports whether the load had no CPU left while the server did: the throughput is then that of the load.
// The CPU time per request still holds. An open loop spins while it waits for a request to be due, so it must have missed
// its rate as well.
func (r *Result) LoadWasBottleneck() bool {
	if r.Asked > 0 && r.Throughput() >= reached*r.Asked {
		return false
	}
	return r.LoadCPU >= saturated && r.Server != nil && r.ServerUse() < saturated
}

// ErrorCounts counts errors by kind: the beginning of the server's message, or what happened to a connection.
type ErrorCounts map[string]uint64

// errorKindsMax bounds the map against a server that never says the same thing twice.
const (
	errorKindsMax     = 32
	errorKindLength   = 80
	errorKindOverflow = "other errors"
)

// add counts one error; text may be reused afterwards.
func (e ErrorCounts) add(text []byte) {
	text = text[:min(len(text), errorKindLength)]
	if n, known := e[string(text)]; known || len(e) < errorKindsMax {
		e[string(text)] = n + 1
		return
	}
	e[errorKindOverflow]++
}

// addString is add for a string.
func (e ErrorCounts) addString(text string) { e.add([]byte(text)) }

func (e ErrorCounts) merge(other ErrorCounts) {
	for kind, n := range other {
		e[kind] += n
	}
}

// Total is the number of errors of all kinds.
func (e ErrorCounts) Total() uint64 {
	var total uint64
	for _, n := range e {
		total += n
	}
	return total
}

// String lists the kinds, most frequent first.
func (e ErrorCounts) String() string {
	kinds := slices.SortedFunc(maps.Keys(e), func(a, b string) int {
		if e[a] != e[b] {
			return int(int64(e[b]) - int64(e[a]))
		}
		return strings.Compare(a, b)
	})
	var out strings.Builder
	for i, kind := range kinds {
		if i > 0 {
			out.WriteString(", ")
		}
		fmt.Fprintf(&out, "%d x %q", e[kind], kind)
	}
	return out.String()
}
