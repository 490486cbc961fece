package chunk

import (
	"sync/atomic"

	"github.com/crucible-cache/crucible/internal/store"
)

// Hand takes chunks for one writer and is used by its thread only.
type Hand struct {
	set    *Set
	pin    atomic.Uint64 // place of the chunk that it looks at, 0 = none
	spans  []uint32      // open spans by class, 0 = none
	opened int
	clock  int // class from which on an open span is closed for another
}

// openShare bounds what open spans may take: one in openShare of memory, if
// every hand had as many open as it may.
const openShare = 16

// NewHand returns a hand that has nothing open.
func (s *Set) NewHand() *Hand {
	h := &Hand{set: s, spans: make([]uint32, s.sizes.Len())}
	s.mu.Lock()
	hands := append([]*Hand{h}, *s.hands.Load()...)
	s.hands.Store(&hands)
	s.mu.Unlock()
	return h
}

// Take returns memory for an item of size bytes. It never fails: memory beyond
// the arena's limit is borrowed.
func (h *Hand) Take(size int) store.Loc {
	s := h.set
	if size > s.sizes.Largest() {
		return s.newRun(size)
	}
	c := s.sizes.classOf(size)
	seg := h.spans[c]
	for fresh := false; ; fresh = true {
		if seg != 0 {
			if loc, ok := s.take(seg); ok {
				s.spans[seg].live.Add(int64(size))
				return loc
			}
			// With a free chunk it is one that is pinned, and would be found
			// again.
			fresh = fresh || int(s.spans[seg].used.Load()) < s.sizes.classes[c].chunks
			h.close(c)
		} else {
			fresh = false
		}
		seg = h.open(c, fresh)
	}
}

// open opens a span of a class: one that has free chunks, or a fresh one.
func (h *Hand) open(c int, fresh bool) uint32 {
	s := h.set
	if h.opened >= h.most() {
		h.closeOne()
	}
	seg := uint32(0)
	if !fresh {
		s.mu.Lock()
		if seg = s.partial[c].first.Load(); seg != 0 {
			s.unlist(seg)
			s.spans[seg].state.Store(open)
			s.idle--
		}
		s.mu.Unlock()
	}
	if seg == 0 {
		seg = s.arena.TakeOne()
		s.clean(seg, &s.sizes.classes[c])
		sp := &s.spans[seg]
		sp.class, sp.run, sp.cursor = uint8(c), 0, 0
		s.mu.Lock()
		s.enter(seg, open)
		s.mu.Unlock()
	}
	h.spans[c] = seg
	h.opened++
	return seg
}

// most returns how many spans the hand may have open.
func (h *Hand) most() int {
	a := h.set.arena
	return max(1, int(a.Limit()/int64(a.SegmentSize())/openShare)/len(*h.set.hands.Load()))
}

// close puts the open span of a class back in the set.
func (h *Hand) close(c int) {
	s, seg := h.set, h.spans[c]
	h.spans[c] = 0
	h.opened--
	s.mu.Lock()
	s.spans[seg].state.Store(queued)
	s.idle++
	empty := s.place(seg)
	s.mu.Unlock()
	if empty {
		s.give(seg)
	}
}

func (h *Hand) closeOne() {
	for range h.spans {
		if h.clock++; h.clock >= len(h.spans) {
			h.clock = 0
		}
		if h.spans[h.clock] != 0 {
			h.close(h.clock)
			return
		}
	}
}

// Close closes all that is open, and reports whether anything was.
func (h *Hand) Close() bool {
	was := h.opened
	for c, seg := range h.spans {
		if seg != 0 {
			h.close(c)
		}
	}
	return was > 0
}

// Fits reports whether Take finds a free chunk for size bytes in a span that is
// there.
func (h *Hand) Fits(size int) bool {
	s := h.set
	if size > s.sizes.Largest() {
		return false
	}
	c := s.sizes.classOf(size)
	if s.partial[c].first.Load() != 0 {
		return true
	}
	seg := h.spans[c]
	return seg != 0 && int(s.spans[seg].used.Load()) < s.sizes.classes[c].chunks
}
