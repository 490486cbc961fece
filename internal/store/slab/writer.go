package slab

import (
	"math"

	"github.com/crucible-cache/crucible/internal/offheap"
	"github.com/crucible-cache/crucible/internal/store"
	"github.com/crucible-cache/crucible/internal/store/chunk"
)

// Writer places items for one loop and is used by its thread only.
type Writer struct {
	slabs   *Slabs
	hand    *chunk.Hand
	keys    store.Keys
	pass    chunk.Pass // over a slab that is being emptied
	written int        // bytes since Ahead was last called
	skip    int        // calls of Ahead to let pass, for the last found nothing
	rand    uint64
	counts  store.Counts
}

// NewWriter implements store.Backend.
func (s *Slabs) NewWriter(keys store.Keys) store.Writer {
	return &Writer{
		slabs: s, hand: s.NewHand(), keys: keys,
		rand: uint64(s.writers.Add(1)) * 0x9e3779b97f4a7c15,
	}
}

// Alloc implements store.Writer.
func (w *Writer) Alloc(size int, _ store.Hint) store.Loc {
	w.written += size
	return w.hand.Take(size)
}

// Fits implements store.Writer.
func (w *Writer) Fits(n int) bool { return w.hand.Fits(n) }

// Counts implements store.Writer.
func (w *Writer) Counts() *store.Counts { return &w.counts }

// Seal implements store.Writer: it finishes what Reclaim began and closes the
// open slabs.
func (w *Writer) Seal() {
	w.pass.Finish(w.keys)
	w.hand.Close()
}

// Tick implements store.Writer.
func (w *Writer) Tick(int64) { w.pass.Finish(w.keys) }

// Where eviction is allowed, a slab is emptied into others of its class if at most
// cleanShare of its chunks are used; where nothing can be evicted, whenever the
// others have room.
const (
	cleanShare = 0.5
	packShare  = 1
)

// Reclaim implements store.Writer. When nothing is to be had it looks again with
// the writer's own slabs closed.
func (w *Writer) Reclaim(budget int) bool {
	if w.pass.Done() && !w.choose() && !(w.hand.Close() && w.choose()) {
		return false
	}
	if budget <= 0 {
		budget = math.MaxInt
	}
	w.pass.Step(w.keys, budget)
	return true
}

// choose finds a slab to empty and begins the pass over it.
func (w *Writer) choose() bool {
	p := w.slabs.plan.Load()
	switch {
	case w.begin(w.move, w.slabs.HoldSparse(cleanShare)):
		w.counts.Cleaned.Add(1)
	case p.hold != nil && w.begin(w.drop, p.hold(w)):
		w.counts.Dropped.Add(1)
	case (p.hold == nil || p.VolatileOnly) && w.begin(w.move, w.slabs.HoldSparse(packShare)):
		w.counts.Cleaned.Add(1)
	default:
		return false
	}
	return true
}

func (w *Writer) begin(decide func(store.Entry) store.Fate, seg uint32) bool {
	return w.pass.Begin(w.slabs.Set, seg, decide)
}

// move gives an item another chunk of its class, or of a smaller one if it has
// become smaller.
func (w *Writer) move(e store.Entry) store.Fate {
	w.counts.Moved.Add(1)
	return store.Fate{Do: store.Move, To: w.hand.Take(e.Size), Frequency: e.Frequency}
}

// drop evicts an item, unless it may not be.
func (w *Writer) drop(e store.Entry) store.Fate {
	if e.ExpireAt == 0 && w.slabs.plan.Load().VolatileOnly {
		return store.Fate{Do: store.Keep, Frequency: e.Frequency}
	}
	w.counts.Evicted.Add(1)
	return store.Fate{Do: store.Evict}
}

// reserveSlabs is how many slabs of room Ahead tries to keep. It costs aheadShare
// bytes of going through items for each byte that was written. When nothing was
// found it is not tried again for aheadPause calls.
const (
	reserveSlabs = 2
	aheadShare   = 4
	aheadLeast   = offheap.PageSize
	aheadPause   = 256
)

// Ahead implements store.Writer.
func (w *Writer) Ahead() {
	n := w.written
	w.written = 0
	a := w.slabs.Arena()
	if a.Room() >= reserveSlabs*int64(a.SegmentSize()) {
		return
	}
	if w.skip > 0 {
		w.skip--
		return
	}
	if !w.Reclaim(n*aheadShare + aheadLeast) {
		w.skip = aheadPause
	}
}

// random returns the next number of a xorshift generator.
func (w *Writer) random() uint64 {
	w.rand ^= w.rand << 13
	w.rand ^= w.rand >> 7
	w.rand ^= w.rand << 17
	return w.rand
}
