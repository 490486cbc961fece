package chunk

import (
	"sync/atomic"

	"github.com/crucible-cache/crucible/internal/offheap"
	"github.com/crucible-cache/crucible/internal/spinlock"
	"github.com/crucible-cache/crucible/internal/store"
)

// Set is the set of all spans of an arena.
type Set struct {
	arena *store.Arena
	sizes *Sizes
	spans []span // by the number of their first segment
	hands atomic.Pointer[[]*Hand]

	mu             spinlock.Lock
	partial        []list // by class: queued spans that have free chunks
	oldest, newest uint32 // of all spans, in order of being made
	made           uint64 // spans ever made
	idle           int    // spans that are not open
	top            uint32 // highest segment ever used
	sparse         int    // class at which the search for a sparse span goes on
}

// list is a queue of spans, by their links prev and next.
type list struct {
	first atomic.Uint32 // written with Set.mu locked
	last  uint32
}

// NewSet returns an empty set over arena.
func NewSet(arena *store.Arena, sizes *Sizes) *Set {
	s := &Set{
		arena: arena, sizes: sizes,
		spans:   store.PerSegment[span](arena),
		partial: make([]list, sizes.Len()),
	}
	s.hands.Store(&[]*Hand{})
	return s
}

// Arena returns the arena that the spans are in.
func (s *Set) Arena() *store.Arena { return s.arena }

// Free frees the memory of an item of size bytes that left the index. Its shard
// is locked.
func (s *Set) Free(loc store.Loc, size int) {
	seg := s.arena.Segment(loc)
	sp := &s.spans[seg]
	sp.live.Add(int64(-size))
	chunks := 1
	if sp.run == 0 {
		c := &s.sizes.classes[sp.class]
		chunks = c.chunks
		i, _ := s.number(seg, c, loc)
		atomic.OrUint64(&s.bitmap(seg, c)[i/wordBits], 1<<(i%wordBits))
	}
	if left := int(sp.used.Add(-1)); left == 0 || left == chunks-1 {
		s.settle(seg)
	}
}

// Resize lets an item be anything that its chunk is the best for.
func (s *Set) Resize(loc store.Loc, from, to int) bool {
	sp := &s.spans[s.arena.Segment(loc)]
	switch run := int(sp.run); {
	case run != 0 && (to > offheap.RoundPage(run) || to <= s.sizes.Largest() || to <= run/2):
		return false
	case run == 0 && (to > s.sizes.Largest() || s.sizes.classOf(to) != int(sp.class)):
		return false
	}
	sp.live.Add(int64(to - from))
	return true
}

// settle puts a span where it belongs after chunks of it were freed.
func (s *Set) settle(seg uint32) {
	s.mu.Lock()
	empty := s.spans[seg].state.Load() == queued && s.place(seg)
	s.mu.Unlock()
	if empty {
		s.give(seg)
	}
}

// place lists a queued span if it has free chunks. If it has nothing else it is
// taken out of the set instead, and the caller gives it back to the arena.
func (s *Set) place(seg uint32) (empty bool) {
	sp := &s.spans[seg]
	used := sp.used.Load()
	if used == 0 {
		// Whoever pins a chunk looks at the state next, and settles when it is
		// unpinned.
		if sp.state.Store(free); sp.pins.Load() == 0 {
			s.unlist(seg)
			s.forget(seg)
			return true
		}
		sp.state.Store(queued)
	}
	if sp.run == 0 && int(used) < s.sizes.classes[sp.class].chunks && !sp.listed {
		s.enlist(seg)
	}
	return false
}

// give returns a span that is out of the set to the arena.
func (s *Set) give(seg uint32) {
	if run := int(s.spans[seg].run); run != 0 {
		s.arena.GiveRun(seg, run)
	} else {
		s.arena.GiveOne(seg)
	}
}

func (s *Set) enlist(seg uint32) {
	sp := &s.spans[seg]
	l := &s.partial[sp.class]
	sp.listed, sp.prev, sp.next = true, l.last, 0
	if l.last != 0 {
		s.spans[l.last].next = seg
	} else {
		l.first.Store(seg)
	}
	l.last = seg
}

func (s *Set) unlist(seg uint32) {
	sp := &s.spans[seg]
	if !sp.listed {
		return
	}
	l := &s.partial[sp.class]
	if sp.prev != 0 {
		s.spans[sp.prev].next = sp.next
	} else {
		l.first.Store(sp.next)
	}
	if sp.next != 0 {
		s.spans[sp.next].prev = sp.prev
	} else {
		l.last = sp.prev
	}
	sp.listed, sp.prev, sp.next = false, 0, 0
}

// enter adds a span that was taken from the arena, in a state.
func (s *Set) enter(seg uint32, st state) {
	sp := &s.spans[seg]
	s.made++
	sp.made, sp.older, sp.newer = s.made, s.newest, 0
	if s.newest != 0 {
		s.spans[s.newest].newer = seg
	} else {
		s.oldest = seg
	}
	s.newest = seg
	s.top = max(s.top, seg)
	sp.state.Store(st)
	if st != open {
		s.idle++
	}
}

// forget takes out a span that is not open.
func (s *Set) forget(seg uint32) {
	sp := &s.spans[seg]
	if sp.older != 0 {
		s.spans[sp.older].newer = sp.newer
	} else {
		s.oldest = sp.newer
	}
	if sp.newer != 0 {
		s.spans[sp.newer].older = sp.older
	} else {
		s.newest = sp.older
	}
	s.idle--
}

// newRun makes a span of its own for an item of size bytes.
func (s *Set) newRun(size int) store.Loc {
	seg := s.arena.TakeRun(size)
	sp := &s.spans[seg]
	sp.run = uint32(size)
	sp.live.Store(int64(size))
	sp.used.Store(1)
	s.mu.Lock()
	s.enter(seg, queued)
	s.mu.Unlock()
	return s.arena.Loc(seg, 0)
}

// Takes returns how many bytes an item of size bytes takes.
func (s *Set) Takes(size int) int { return s.sizes.takes(size) }

// Usage returns what is stored. It walks all spans that ever were.
func (s *Set) Usage() store.Usage {
	s.mu.Lock()
	u, top := store.Usage{Segments: s.idle}, s.top
	s.mu.Unlock()
	for seg := uint32(1); seg <= top; seg++ {
		u.LiveBytes += s.spans[seg].live.Load()
	}
	return u
}

// Items returns how many items there are. It walks all spans that ever were.
func (s *Set) Items() (n int) {
	s.mu.Lock()
	top := s.top
	s.mu.Unlock()
	for seg := uint32(1); seg <= top; seg++ {
		n += int(s.spans[seg].used.Load())
	}
	return n
}
