package slab

import (
	"sync/atomic"

	"github.com/crucible-cache/crucible/internal/store"
	"github.com/crucible-cache/crucible/internal/store/chunk"
)

// Chunk sizes begin with smallestChunk bytes and grow by defaultGrowth percent: what
// Memcached does unless told otherwise by -n and -f.
const (
	smallestChunk = 48
	defaultGrowth = 25
)

// Options are what the profile says besides the policy.
type Options struct {
	GrowthPercent int // by which a chunk size exceeds the one below; 0 is the default
}

// Slabs is a store.Backend.
type Slabs struct {
	*chunk.Set
	plan    atomic.Pointer[plan]
	writers atomic.Int32
}

// New returns an empty backend over arena, whose segments are the slabs.
func New(arena *store.Arena, o Options) *Slabs {
	if o.GrowthPercent == 0 {
		o.GrowthPercent = defaultGrowth
	}
	s := &Slabs{Set: chunk.NewSet(arena, chunk.NewSizes(smallestChunk, 1+float64(o.GrowthPercent)/100, arena.SegmentSize()))}
	s.plan.Store(&plans[0])
	return s
}
