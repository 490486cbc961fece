package object

import (
	"unsafe"

	"github.com/crucible-cache/crucible/internal/prefetch"
)

// Lead says where in a heap a request to one end of a collection will go: two places,
// for whoever looks ahead without a lock. It is a number, so that it may lie where the
// collector doesn't look and be read while it is written; a wrong one costs useless
// loads. The zero value leads nowhere. Those of a Table are of another kind, see
// Table.Leads.
type Lead uint64

// The ends of a collection.
const (
	Front = iota
	Back
)

// leadLines is how much is loaded at each place, in cache lines.
const leadLines = 2

// Follow starts to load what a lead leads to.
func (h *Heap) Follow(lead Lead) {
	for ; lead != 0; lead >>= 32 {
		if line := uint32(lead); line != 0 {
			prefetch.Lines(unsafe.Add(h.base, uintptr(line)*prefetch.LineSize), leadLines)
		}
	}
}

// lead returns what leads to an offset in a block and, unless other is negative, to
// another one in the same.
func (h *Heap) lead(b []byte, off, other int) Lead {
	place := int(h.Place(b))
	lead := Lead(uint32((place + off) / prefetch.LineSize)) //nolint:gosec // of 256 GiB; beyond it leads astray
	if other >= 0 {
		lead |= Lead(uint32((place+other)/prefetch.LineSize)) << 32 //nolint:gosec // likewise
	}
	return lead
}

// Lead tells where the next request to an end of the list will go.
func (l *List) Lead(end int) Lead {
	switch {
	case l.head == l.tail:
		return 0
	case end == Front:
		// The header, behind it what may be popped, in front what may be pushed.
		nd := &l.front
		return l.heap.lead(nd.block(), max(int(nd.off)-prefetch.LineSize/2, 0), -1)
	}
	nd := l.node(l.tail - 1)
	return l.heap.lead(nd.block(), int(nd.off)+max(nd.size()-prefetch.LineSize, 0), int(nd.off))
}

// Lead tells where the next entry will be added, 0 if that has to be looked up: the end
// and the head of the last node.
func (s *Stream) Lead() Lead {
	if s.top.room == 0 {
		return 0
	}
	n := openNode(s.mem.view(s.top))
	return s.mem.heap.lead(n.b, max(n.size()-prefetch.LineSize/2, 0), 0)
}
