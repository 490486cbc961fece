package heap

// There may be staleFactor entries to an item before stale ones are sorted out,
// and staleSlack in any case.
const (
	staleFactor = 2
	staleSlack  = 4096
)

// weigh finds out whether there are too many entries. It walks all spans, so it is
// for ticks and for when a queue took a segment.
func (h *Heap) weigh() {
	h.grown.Store(false)
	most := staleFactor*h.Items() + staleSlack
	h.mu.Lock()
	if h.sort == [queues]int{} && h.queues[small].length+h.queues[main].length > most {
		h.sortAll()
	}
	h.mu.Unlock()
}

// sortAll has every entry looked at. The queues are locked.
func (h *Heap) sortAll() {
	for y := range h.queues {
		h.sort[y] = h.queues[y].length
	}
	h.stale.Store(true)
}

// toSort takes entries to look at from the head of a queue into dst.
func (h *Heap) toSort(dst []entry) (from layer, n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for y := small; y < queues; y++ {
		if n = h.pop(y, dst[:min(len(dst), h.sort[y])]); n > 0 {
			h.sort[y] -= n
			return y, n
		}
		h.sort[y] = 0
	}
	h.stale.Store(false)
	return small, 0
}

// sortOut looks at up to n entries while there are too many stale ones. Those that
// are not stale go to the end of their queue: when all have gone round they are in
// order again.
func (w *Writer) sortOut(n int) {
	var some [batch]entry
	for n > 0 && w.heap.stale.Load() {
		from, k := w.heap.toSort(some[:])
		kept := some[:0]
		for _, e := range some[:k] {
			if w.hand.Pin(e.loc(), e.turn()) {
				w.hand.Unpin(e.loc())
				kept = append(kept, e)
			}
		}
		w.heap.push(from, kept)
		n -= batch
	}
}
