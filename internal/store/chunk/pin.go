package chunk

import "github.com/crucible-cache/crucible/internal/store"

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
	return *s.turns(seg, c, i)
}
