package chunk

import (
	"sync/atomic"

	"github.com/crucible-cache/crucible/internal/store"
)

// Pin keeps the chunk at loc from being handed out anew, if it still has the item
// that it had when Turn returned turn, or one that can't be told from it. If it
// reports true, Unpin is called before anything else is pinned. The chunk was
// formatted before the place became known to this thread.
func (h *Hand) Pin(loc store.Loc, turn uint8) bool {
	seg := h.set.arena.Segment(loc)
	h.pin.Store(uint64(loc))
	h.set.spans[seg].pins.Add(1)
	// Only now: a span that is pinned stays in the set, a chunk of it is not
	// handed out.
	if h.set.has(seg, loc, turn) {
		return true
	}
	h.Unpin(loc)
	return false
}

// Unpin lets go of the chunk at loc.
func (h *Hand) Unpin(loc store.Loc) {
	seg := h.set.arena.Segment(loc)
	sp := &h.set.spans[seg]
	h.pin.Store(0)
	if sp.pins.Add(-1) == 0 && sp.state.Load() == queued && sp.used.Load() == 0 {
		h.set.settle(seg)
	}
}

func (s *Set) has(seg uint32, loc store.Loc, turn uint8) bool {
	sp := &s.spans[seg]
	if sp.state.Load() == free {
		return false
	}
	if sp.run != 0 {
		return sp.used.Load() != 0 && loc == s.arena.Loc(seg, 0) && uint8(sp.made) == turn
	}
	c := &s.sizes.classes[sp.class]
	i, ok := s.number(seg, c, loc)
	return ok && !s.isFree(seg, c, i) && s.turnOf(seg, c, i) == turn
}

// pinned reports whether a hand looks at the chunk at loc.
func (s *Set) pinned(loc store.Loc) bool {
	for _, h := range *s.hands.Load() {
		if h.pin.Load() == uint64(loc) {
			return true
		}
	}
	return false
}

// Turn tells apart, for the most part, the items that have had the chunk at loc
// one after another. The shard of the item that is there is locked.
func (s *Set) Turn(loc store.Loc) uint8 {
	seg := s.arena.Segment(loc)
	sp := &s.spans[seg]
	if sp.run != 0 {
		return uint8(sp.made)
	}
	c := &s.sizes.classes[sp.class]
	i, _ := s.number(seg, c, loc)
	return s.turnOf(seg, c, i)
}

func (s *Set) turnOf(seg uint32, c *class, i int) uint8 {
	word, shift := s.turn(seg, c, i)
	return uint8(atomic.LoadUint32(word) >> shift)
}
