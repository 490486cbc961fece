package chunk

import "github.com/crucible-cache/crucible/internal/store"

// Hold takes a span out of reach of all hands, so that its items can be walked,
// and reports false if it is not to be had.
func (s *Set) Hold(seg uint32) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.hold(seg)
}

func (s *Set) hold(seg uint32) bool {
	sp := &s.spans[seg]
	if sp.state.Load() != queued {
		return false
	}
	s.unlist(seg)
	sp.state.Store(held)
	return true
}

// Release puts back a span that was held.
func (s *Set) Release(seg uint32) {
	s.mu.Lock()
	s.spans[seg].state.Store(queued)
	empty := s.place(seg)
	s.mu.Unlock()
	if empty {
		s.give(seg)
	}
}

// HoldOldest holds the span that was made first of those to be had, 0 if there is
// none.
func (s *Set) HoldOldest() uint32 {
	s.mu.Lock()
	defer s.mu.Unlock()
	for seg := s.oldest; seg != 0; seg = s.spans[seg].newer {
		if s.hold(seg) {
			return seg
		}
	}
	return 0
}

// HoldAny holds a span at random, 0 if there is none.
func (s *Set) HoldAny(random uint64) uint32 {
	s.mu.Lock()
	defer s.mu.Unlock()
	seg := uint32(random % uint64(s.top+1))
	for range s.top {
		if seg++; seg > s.top {
			seg = 1
		}
		if s.hold(seg) {
			return seg
		}
	}
	return 0
}

// sparseWidth bounds how many partial spans of a class are looked at.
const sparseWidth = 32

// HoldSparse holds a span at most share of whose chunks are used and whose items
// all find room in other partial spans of its class; 0 if there is none.
func (s *Set) HoldSparse(share float64) uint32 {
	s.mu.Lock()
	defer s.mu.Unlock()
	for range s.partial {
		if s.sparse++; s.sparse >= len(s.partial) {
			s.sparse = 0
		}
		if seg := s.sparsest(s.sparse, share); seg != 0 && s.hold(seg) {
			return seg
		}
	}
	return 0
}

func (s *Set) sparsest(c int, share float64) (best uint32) {
	chunks := s.sizes.classes[c].chunks
	room, least := 0, chunks+1
	seg := s.partial[c].first.Load()
	for n := 0; seg != 0 && n < sparseWidth; n++ {
		used := int(s.spans[seg].used.Load())
		if room += chunks - used; used < least {
			best, least = seg, used
		}
		seg = s.spans[seg].next
	}
	if float64(least) > share*float64(chunks) || room-(chunks-least) < least {
		return 0
	}
	return best
}

// Sample calls visit for up to n items of a span that is held, from a place on
// that random chooses.
func (s *Set) Sample(seg uint32, random uint64, n int, visit func(store.Loc)) {
	sp := &s.spans[seg]
	if sp.run != 0 {
		s.walk(seg, 0, 1, visit)
		return
	}
	c := &s.sizes.classes[sp.class]
	start := int(random % uint64(c.chunks))
	for i := 0; i < c.chunks && n > 0; i++ {
		if at := (start + i) % c.chunks; !s.isFree(seg, c, at) {
			visit(c.loc(s.arena, seg, at))
			n--
		}
	}
}
