// Package resident tells how much memory of this process is resident, and whose
// it is where package offheap, which meters its own, does not know: the pages of
// the executable and what the Go runtime took.
//
// It owns nothing and may be used from any thread. A reading costs some
// microseconds; nothing on the path of a request asks.
package resident

import (
	"runtime/metrics"

	"github.com/crucible-cache/crucible/internal/offheap"
)

// Memory is one reading, in bytes.
type Memory struct {
	Total   int64 // the resident set; 0 where the system does not tell
	Program int64 // of it: pages of files, which are those of the executable

	GoHeap    int64 // heap of the Go runtime, free parts that it keeps included
	GoStacks  int64 // stacks of goroutines and threads
	GoRuntime int64 // its own bookkeeping
}

// Go returns what the Go runtime took and did not give back.
func (m Memory) Go() int64 { return m.GoHeap + m.GoStacks + m.GoRuntime }

// classes are the runtime's figures that make up each part. Memory that it
// released, or reserved and never touched, is in none of them.
var classes = []string{
	"/memory/classes/heap/objects:bytes",
	"/memory/classes/heap/unused:bytes",
	"/memory/classes/heap/free:bytes",
	"/memory/classes/heap/stacks:bytes",
	"/memory/classes/os-stacks:bytes",
	"/memory/classes/metadata/mcache/free:bytes",
	"/memory/classes/metadata/mcache/inuse:bytes",
	"/memory/classes/metadata/mspan/free:bytes",
	"/memory/classes/metadata/mspan/inuse:bytes",
	"/memory/classes/metadata/other:bytes",
	"/memory/classes/other:bytes",
	"/memory/classes/profiling/buckets:bytes",
}

// Where in classes the stacks and the bookkeeping begin.
const (
	firstStack   = 3
	firstRuntime = 5
)

// Read takes a reading.
func Read() Memory {
	m := ofSystem()
	samples := make([]metrics.Sample, len(classes))
	for i, name := range classes {
		samples[i].Name = name
	}
	metrics.Read(samples)
	for i, s := range samples {
		n := int64(s.Value.Uint64()) //nolint:gosec // sizes of one process
		switch {
		case i < firstStack:
			m.GoHeap += n
		case i < firstRuntime:
			m.GoStacks += n
		default:
			m.GoRuntime += n
		}
	}
	return m
}

// Total returns the resident set alone; where the system does not tell, the sum of
// what package offheap and the Go runtime hold.
func Total() int64 {
	if n := ofSystem().Total; n != 0 {
		return n
	}
	return offheap.Total() + Read().Go()
}
