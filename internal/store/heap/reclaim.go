package heap

import (
	"github.com/crucible-cache/crucible/internal/store"
)

// packShare is the share of a span's chunks up to which it is emptied into others
// of its class: nearly all, for that is only done when no free chunk fits.
const packShare = 0.97

// Reclaim implements store.Writer. When nothing is to be had it looks again with
// the writer's own spans closed.
func (w *Writer) Reclaim(budget int) bool {
	w.flushAll()
	if budget <= 0 {
		budget = w.heap.Arena().SegmentSize()
	}
	if w.heap.grown.Load() {
		w.heap.weigh()
	}
	if w.heap.stale.Load() {
		w.sortOut(sortAtOnce)
		return true
	}
	return w.reclaim(budget) || w.hand.Close() && w.reclaim(budget)
}

func (w *Writer) reclaim(budget int) bool {
	p := w.heap.plan.Load()
	switch {
	case !w.pass.Done() || w.pass.Begin(w.heap.Set, w.heap.HoldSparse(packShare), w.move):
		if w.pass.Step(w.keys, budget); w.pass.Done() {
			w.counts.Cleaned.Add(1)
		}
		return true
	case p.Evicts:
		return w.evict(p, budget)
	}
	return false
}

// evictRounds is how many times as much is evicted at once when memory is beyond
// its limit: there a chunk that becomes free is not enough, it takes whole spans.
const evictRounds = 32

func (w *Writer) evict(p *plan, budget int) bool {
	for round := 0; ; round++ {
		var found bool
		if p.score != nil {
			found = w.evictSampled(p)
		} else {
			found = w.evictQueued(budget)
		}
		if !found {
			return round > 0
		}
		if round == evictRounds || !w.heap.Arena().Short() {
			return true
		}
	}
}

// move gives an item another chunk. It enters the queues anew: the small one if
// it was not used.
func (w *Writer) move(e store.Entry) store.Fate {
	to := small
	if e.Frequency > 0 {
		to = main
	}
	w.counts.Moved.Add(1)
	return store.Fate{Do: store.Move, To: w.alloc(e.Size, to), Frequency: e.Frequency}
}

// evictQueued visits the next items of a queue.
func (w *Writer) evictQueued(budget int) bool {
	if t := &w.taken; t.n == 0 {
		w.heap.mu.Lock()
		w.from = w.heap.next()
		t.n = w.heap.pop(w.from, t.of[:])
		w.heap.mu.Unlock()
	}
	if w.taken.n == 0 {
		return false
	}
	w.visitTaken(budget)
	return true
}

// visitTaken visits items that were taken from a queue, about budget bytes of
// them.
func (w *Writer) visitTaken(budget int) {
	t := &w.taken
	i := 0
	for ; i < t.n && budget > 0; i++ {
		e := t.of[i]
		if !w.hand.Pin(e.loc(), e.turn()) {
			continue
		}
		if w.fresh[main].n == batch {
			w.flush(main)
		}
		w.asked = e
		w.keys.Visit(e.loc(), w.decide)
		w.hand.Unpin(e.loc())
		budget -= int(e.bytes())
	}
	t.n = copy(t.of[:], t.of[i:t.n])
}

// judge is S3-FIFO: what was used goes on to the main queue, there at the price of
// one use, and what was not is evicted; from the small queue it leaves a ghost.
func (w *Writer) judge(x store.Entry) store.Fate {
	// The policy may be another since the entry was taken.
	if p := w.heap.plan.Load(); x.Frequency > 0 || !p.Evicts || p.score != nil {
		w.enter(main, w.asked)
		left := x.Frequency
		switch {
		case p.Track != store.TrackFew:
		case w.from == small:
			left = 0
		default:
			left--
		}
		return store.Fate{Do: store.Keep, Frequency: left}
	}
	w.counts.Evicted.Add(1)
	return store.Fate{Do: store.Evict, Ghost: w.from == small}
}
