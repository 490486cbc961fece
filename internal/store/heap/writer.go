package heap

import (
	"math"

	"github.com/crucible-cache/crucible/internal/store"
	"github.com/crucible-cache/crucible/internal/store/chunk"
)

// batch is how many entries change hands at a time.
const batch = 32

// entries are some that a writer holds.
type entries struct {
	of [batch]entry
	n  int
}

// Writer places items for one loop and is used by its thread only.
type Writer struct {
	heap   *Heap
	hand   *chunk.Hand
	keys   store.Keys
	fresh  [queues]entries // not yet handed over
	taken  entries         // from the head of a queue, still to be visited
	from   layer           // which queue
	asked  entry           // of the item that decide is asked about
	decide func(store.Entry) store.Fate
	pass   chunk.Pass // over a span that is being emptied
	rand   uint64
	counts store.Counts
}

// NewWriter implements store.Backend.
func (h *Heap) NewWriter(keys store.Keys) store.Writer {
	w := &Writer{
		heap: h, hand: h.NewHand(), keys: keys,
		rand: uint64(h.writers.Add(1)) * 0x9e3779b97f4a7c15,
	}
	w.decide = w.judge // once, for it is allocated
	return w
}

// Alloc implements store.Writer.
func (w *Writer) Alloc(size int, h store.Hint) store.Loc {
	if h.Ghost {
		return w.alloc(size, main)
	}
	return w.alloc(size, small)
}

// alloc takes memory for an item that enters a queue. What was entered before is
// formatted by now, so that it may be handed over.
func (w *Writer) alloc(size int, to layer) store.Loc {
	if w.fresh[to].n == batch {
		w.flush(to)
	}
	loc := w.hand.Take(size)
	w.enter(to, newEntry(loc, w.heap.Turn(loc), size))
	return loc
}

// enter appends to a queue; there is room in fresh.
func (w *Writer) enter(to layer, e entry) {
	f := &w.fresh[to]
	f.of[f.n] = e
	f.n++
}

// flush hands over what is new.
func (w *Writer) flush(to layer) {
	f := &w.fresh[to]
	if f.n > 0 {
		w.heap.push(to, f.of[:f.n])
		f.n = 0
	}
}

func (w *Writer) flushAll() {
	w.flush(small)
	w.flush(main)
}

// Fits implements store.Writer.
func (w *Writer) Fits(n int) bool { return w.hand.Fits(n) }

// Counts implements store.Writer.
func (w *Writer) Counts() *store.Counts { return &w.counts }

// Ahead implements store.Writer. Room is made item by item as it is needed.
func (w *Writer) Ahead() {}

// Seal implements store.Writer: it finishes what was begun, hands everything over
// and sorts out what is stale.
func (w *Writer) Seal() {
	w.finish()
	w.hand.Close()
	w.heap.mu.Lock()
	w.heap.sortAll()
	w.heap.mu.Unlock()
	w.sortOut(math.MaxInt)
}

// sortAtOnce is how many entries are looked at for being stale by one tick, or one
// step of making room: some tenths of a millisecond.
const sortAtOnce = 4096

// Tick implements store.Writer.
func (w *Writer) Tick(int64) {
	w.finish()
	w.heap.weigh()
	w.sortOut(sortAtOnce)
}

func (w *Writer) finish() {
	w.pass.Finish(w.keys)
	w.visitTaken(math.MaxInt)
	w.flushAll()
}

// random returns the next number of a xorshift generator.
func (w *Writer) random() uint64 {
	w.rand ^= w.rand << 13
	w.rand ^= w.rand >> 7
	w.rand ^= w.rand << 17
	return w.rand
}
