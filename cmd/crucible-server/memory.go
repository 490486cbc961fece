package main

import (
	"context"
	"log/slog"
	"time"

	"github.com/crucible-cache/crucible/internal/config"
	"github.com/crucible-cache/crucible/internal/keyspace"
	"github.com/crucible-cache/crucible/internal/offheap"
	"github.com/crucible-cache/crucible/internal/resident"
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
	ks.SetForeign(max(0, resident.Total()-offheap.Total()))
}

// place decides where memory comes from, before any is mapped.
func place(c *config.Cache) error {
	huge, _ := offheap.ParseHuge(c.Hugepages)               // validated
	nodes, interleave, err := c.Nodes(config.NodesOnline()) // likewise
	if err != nil {
		return err
	}
	p, notes, err := offheap.Place(offheap.Placement{Huge: huge, Nodes: nodes, Interleave: interleave, Lock: c.Mlock})
	for _, note := range notes {
		slog.Warn(note)
	}
	if err == nil {
		slog.Info("memory", "placement", p.String())
	}
	return err
}
