package heap

import (
	"testing"

	"github.com/crucible-cache/crucible/internal/store"
)

// used has all items indexed and used once.
type used struct{ visits int }

func (u *used) Visit(_ store.Loc, decide func(store.Entry) store.Fate) {
	u.visits++
	decide(store.Entry{Size: 64, Frequency: 1})
}

func (u *used) Sample(func(store.Entry)) {}

// Items that stay enter the main queue while the writer's entries for it are full to
// the last: those are handed over first, and none is lost.
func TestStayingBehindFullBatch(t *testing.T) {
	arena, err := store.NewArena(64<<20, store.MinSegmentSize)
	if err != nil {
		t.Fatal(err)
	}
	defer arena.Close()
	h, keys := New(arena, Options{}), &used{}
	if _, err := h.SetPolicy("s3fifo"); err != nil {
		t.Fatal(err)
	}
	w := h.NewWriter(keys).(*Writer)
	for range batch {
		w.Alloc(64, store.Hint{})
	}
	// A small step leaves most of what it took from the small queue to be visited.
	if !w.Reclaim(1) || keys.visits != 1 || w.taken.n != batch-1 {
		t.Fatalf("%d visits, %d entries left", keys.visits, w.taken.n)
	}
	w.flushAll()
	for range batch {
		w.Alloc(64, store.Hint{Ghost: true})
	}
	if n := w.fresh[main].n; n != batch {
		t.Fatalf("%d entries wait to be handed over, not a full batch", n)
	}
	w.Tick(0)
	if keys.visits != batch {
		t.Errorf("%d visits", keys.visits)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if s, m := h.queues[small].length, h.queues[main].length; s != 0 || m != 2*batch {
		t.Errorf("%d items in the small queue and %d in the main one", s, m)
	}
}
