package heap

import (
	"sync/atomic"

	"github.com/crucible-cache/crucible/internal/spinlock"
	"github.com/crucible-cache/crucible/internal/store"
	"github.com/crucible-cache/crucible/internal/store/chunk"
)

// Chunks begin with smallestChunk bytes and grow by growthFactor, so that an item
// leaves a few percent of its chunk unused.
const (
	smallestChunk = 16
	growthFactor  = 1.08
)

// Options are what the profile says besides the policy.
type Options struct {
	SmallQueuePercent int // share of the small queue; 0 is the default
}

const defaultSmallPercent = 10

// Heap is a store.Backend.
type Heap struct {
	*chunk.Set
	plan       atomic.Pointer[plan]
	writers    atomic.Int32
	smallShare float64 // of the bytes in both queues

	mu     spinlock.Lock
	queues [queues]queue
	sort   [queues]int // entries still to be looked at for being stale
	stale  atomic.Bool // sort is not zero
	grown  atomic.Bool // a queue took a segment since the last look at their length
}

// New returns an empty heap over arena.
func New(arena *store.Arena, o Options) *Heap {
	if o.SmallQueuePercent == 0 {
		o.SmallQueuePercent = defaultSmallPercent
	}
	h := &Heap{
		Set:        chunk.NewSet(arena, chunk.NewSizes(smallestChunk, growthFactor, arena.SegmentSize())),
		smallShare: float64(o.SmallQueuePercent) / 100,
	}
	h.plan.Store(&plans[0])
	return h
}
