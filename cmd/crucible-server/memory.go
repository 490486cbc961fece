package main

import (
	"os"
	"runtime/metrics"
	"strconv"
	"strings"

	"github.com/crucible-cache/crucible/internal/keyspace"
	"github.com/crucible-cache/crucible/internal/offheap"
)

// watchMemory tells the keyspace what the process holds besides the mappings
// that package offheap meters: the Go runtime's memory and the pages of the
// executable. maxmemory bounds the sum, so the items get what that leaves.
func watchMemory(ks *keyspace.Keyspace) {
	sample := []metrics.Sample{
		{Name: "/memory/classes/total:bytes"},
		{Name: "/memory/classes/heap/released:bytes"},
	}
	metrics.Read(sample)
	ks.SetForeign(int64(sample[0].Value.Uint64()-sample[1].Value.Uint64()) + sharedPages()) //nolint:gosec // sizes of one process
}

// sharedPages returns the resident bytes that are backed by files, mostly the
// executable itself; 0 where the system does not tell.
func sharedPages() int64 {
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(text))
	if len(fields) < 3 {
		return 0
	}
	pages, _ := strconv.ParseInt(fields[2], 10, 64)
	return pages * offheap.PageSize
}
