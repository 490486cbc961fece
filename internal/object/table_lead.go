package object

import (
	"encoding/binary"
	"math/bits"
	"unsafe"

	"github.com/crucible-cache/crucible/internal/prefetch"
)

// What a search in a large table waits for are its group and then the entry, either
// somewhere in megabytes. Whoever looks ahead has no lock and can't follow the table
// itself, so two leads say where in the heap its groups and the places of its chunks
// are, and how many. They and what they lead to may change or be gone meanwhile: what
// is read is checked to lie in the heap, and only tells what to load.

// leadCountShift is where a lead to an array of a power of two has its count: 1 + log2 of
// that above, a place in units of 16 bytes below.
const leadCountShift = 56

func leadToArray(place uint64, n int) Lead {
	return Lead(place>>4 | uint64(bits.Len(uint(n)))<<leadCountShift) //nolint:gosec // n is not negative
}

// array returns the place of an array that a lead leads to and how many elements it has,
// of that many bytes each; 0 if they don't lie in the heap.
func (h *Heap) array(lead Lead, size int) (place uint64, n int) {
	place, n = uint64(lead)<<8>>4, 1<<(lead>>leadCountShift)>>1
	if n <= 0 || n > h.region.Size()/size || place > uint64(h.region.Size()-n*size) { //nolint:gosec // not negative
		return 0, 0
	}
	return place, n
}

// Leads returns what Search goes by.
func (t *Table) Leads() (groups, chunks Lead) {
	h := t.arena.heap
	return leadToArray(h.Place(t.grid.b), t.grid.groups), leadToArray(h.Place(t.arena.places), len(t.arena.places)/placeBytes)
}

// Search is a search in a table that is looked ahead. The zero value is none.
type Search struct {
	hash   uint64
	group  uint64 // its place, 0 = none
	chunks Lead
}

// Search starts to load the group in which a table with these leads looks for a key first.
// No lock is needed.
func (h *Heap) Search(s *Search, groups, chunks Lead, key []byte) {
	s.group = 0
	place, n := h.array(groups, groupBytes)
	if n == 0 {
		return
	}
	s.hash, s.chunks = hashOf(key), chunks
	g := grid{groups: n}
	s.group = place + uint64(g.home(s.hash)*groupBytes) //nolint:gosec // not negative
	at := unsafe.Add(h.base, uintptr(s.group))
	prefetch.Lines(at, 1)
	if uintptr(at)%prefetch.LineSize > prefetch.LineSize-groupBytes {
		prefetch.Lines(unsafe.Add(at, groupBytes-1), 1)
	}
}

// Reach starts to load some lines of the entry that a search will find in its group, if
// that has arrived. No lock is needed.
func (h *Heap) Reach(s *Search, lines int) {
	if at := h.reached(s); at != 0 {
		prefetch.Lines(unsafe.Add(h.base, uintptr(at)), lines)
	}
}

// reached returns the place of the first entry that may be the one, 0 for none.
func (h *Heap) reached(s *Search) uint64 {
	if s.group == 0 {
		return 0
	}
	g := grid{b: h.View(s.group, groupBytes)}
	m := matches(g.tags(0), tagOf(s.hash))
	if m == 0 {
		return 0
	}
	ref := *g.ref(0, bits.TrailingZeros64(m)/8)
	place, n := h.array(s.chunks, placeBytes)
	num := int(ref >> offsetBits)
	if num >= n {
		return 0
	}
	chunk := h.View(place+uint64(num*placeBytes), placeBytes) //nolint:gosec // not negative
	return binary.LittleEndian.Uint64(chunk) + uint64(ref&offsetMask)*entryAlign
}
