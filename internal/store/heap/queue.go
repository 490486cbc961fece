package heap

import "unsafe"

// layer is one of the queues.
type layer uint8

const (
	small layer = iota
	main
	queues
)

// entryBytes is the size of an entry.
const entryBytes = int(unsafe.Sizeof(entry(0)))

// queue is a FIFO of entries in segments, guarded by Heap.mu.
type queue struct {
	blocks     []uint32 // segments, that which is read from first
	head, tail int      // entry read next, of the first; written next, of the last
	length     int
	bytes      int64 // of the items
}

// block returns the entries of a segment.
func (h *Heap) block(seg uint32) []entry {
	a := h.Arena()
	return unsafe.Slice((*entry)(a.Item(a.Loc(seg, 0)).Pointer()), a.SegmentSize()/entryBytes)
}

// push appends entries.
func (h *Heap) push(y layer, entries []entry) {
	h.mu.Lock()
	defer h.mu.Unlock()
	q := &h.queues[y]
	each := h.Arena().SegmentSize() / entryBytes
	for _, e := range entries {
		if len(q.blocks) == 0 || q.tail == each {
			q.blocks = append(q.blocks, h.Arena().TakeOne())
			q.tail = 0
			h.grown.Store(true)
		}
		h.block(q.blocks[len(q.blocks)-1])[q.tail] = e
		q.tail++
		q.length++
		q.bytes += e.bytes()
	}
}

// pop takes entries from the head of a queue into dst and returns how many. The
// queues are locked.
func (h *Heap) pop(y layer, dst []entry) (n int) {
	q := &h.queues[y]
	each := h.Arena().SegmentSize() / entryBytes
	for ; n < len(dst) && q.length > 0; n++ {
		dst[n] = h.block(q.blocks[0])[q.head]
		q.head++
		q.length--
		q.bytes -= dst[n].bytes()
		if q.length == 0 || q.head == each {
			h.Arena().GiveOne(q.blocks[0])
			q.blocks, q.head = q.blocks[1:], 0
		}
	}
	return n
}

// next says which queue an item is to be evicted from: the small one while it has
// more than its share. The queues are locked.
func (h *Heap) next() layer {
	s, m := &h.queues[small], &h.queues[main]
	if s.length > 0 && (m.length == 0 || float64(s.bytes) > h.smallShare*float64(s.bytes+m.bytes)) {
		return small
	}
	return main
}
