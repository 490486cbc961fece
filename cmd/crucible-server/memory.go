package main

import (
	"context"
	"os"
	"runtime/metrics"
	"strconv"
	"strings"
	"time"

	"github.com/crucible-cache/crucible/internal/keyspace"
	"github.com/crucible-cache/crucible/internal/offheap"
)

// measureEvery is the time between two measurements: reading the figure costs
// a few microseconds, and what the process can take meanwhile, at some hundred
// megabytes a second, is a fraction of any cache.
const measureEvery = 200 * time.Millisecond

// measure keeps the keyspace informed of what the process holds elsewhere.
func (a *appliance) measure(ctx context.Context) {
	every := time.NewTicker(measureEvery)
	defer every.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-every.C:
			watchMemory(a.keyspace)
		}
	}
}

// watchMemory tells the keyspace what the process holds besides the mappings
// that package offheap meters: the Go runtime, stacks, the pages of the
// executable. maxmemory bounds the sum, so the items get what that leaves.
//
// It is what the system says is resident, less what is metered. Some of what is
// metered was never written to (buffers of a ring that was not used to its
// end, the rest of an open segment) and so is no more resident than what the
// Go runtime reserved. The difference takes that into account: when such pages
// are written to, the next measurement finds more and the items give way.
func watchMemory(ks *keyspace.Keyspace) {
	resident := residentBytes()
	if resident == 0 {
		ks.SetForeign(runtimeBytes())
		return
	}
	ks.SetForeign(max(0, resident-offheap.Total()))
}

// residentBytes returns the resident set of the process, 0 where the system
// does not tell.
func residentBytes() int64 {
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(text))
	if len(fields) < 2 {
		return 0
	}
	pages, _ := strconv.ParseInt(fields[1], 10, 64)
	return pages * int64(os.Getpagesize())
}

// runtimeBytes returns what the Go runtime took and did not give back, whether
// it has written to it or not.
func runtimeBytes() int64 {
	sample := []metrics.Sample{
		{Name: "/memory/classes/total:bytes"},
		{Name: "/memory/classes/heap/released:bytes"},
	}
	metrics.Read(sample)
	return int64(sample[0].Value.Uint64() - sample[1].Value.Uint64()) //nolint:gosec // sizes of one process
}
