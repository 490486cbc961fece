package slab

import (
	"sync/atomic"

	"github.com/crucible-cache/crucible/internal/store"
	"github.com/crucible-cache/crucible/internal/store/chunk"
)

// Chunk sizes begin with smallestChunk bytes and grow by growthFactor: what
// Memcached does unless told otherwise by -n and -f.
const (
	smallestChunk = 48
	growthFactor  = 1.25
)

// Slabs is a store.Backend.
type Slabs struct {
	*chunk.Set
	plan    atomic.Pointer[plan]
	writers atomic.Int32
}

// New returns an empty backend over arena, whose segments are the slabs.
func New(arena *store.Arena) *Slabs {
	s := &Slabs{Set: chunk.NewSet(arena, chunk.NewSizes(smallestChunk, growthFactor, arena.SegmentSize()))}
	s.plan.Store(&plans[0])
	return s
}
