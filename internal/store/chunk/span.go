package chunk

import (
	"math/bits"
	"sync/atomic"
	"unsafe"

	"github.com/crucible-cache/crucible/internal/store"
)

// state is where a span is in its life.
type state = uint32

const (
	free   state = iota // in the arena
	open                // a hand takes from it
	queued              // nobody does; it may be opened or held
	held                // by whoever looks at its items or empties it
)

// span is the bookkeeping of a segment, or of a run under its first one's number.
// What is not atomic is guarded by Set.mu, but for cursor, which is the hand's
// that has it open.
type span struct {
	live   atomic.Int64  // bytes of items still in the index
	used   atomic.Int32  // chunks that are handed out; 1 for a run
	pins   atomic.Int32  // hands that look at a chunk of it
	state  atomic.Uint32 // written with Set.mu locked
	cursor uint32        // word of the bitmap at which the search for a free chunk begins
	run    uint32        // bytes of the only item; 0 if it is not a run
	class  uint8
	listed bool // among the partial spans of its class

	made         uint64 // order of being taken from the arena
	older, newer uint32 // neighbours in that order, 0 = none
	prev, next   uint32 // neighbours among the partial spans, 0 = none
}

// bitmap returns the free bits of a span that is not a run.
func (s *Set) bitmap(seg uint32, c *class) []uint64 {
	return unsafe.Slice((*uint64)(s.arena.Item(s.arena.Loc(seg, 0)).Pointer()), words(c.chunks))
}

// turn returns the word that has the count of how often chunk i was handed out,
// and by how many bits it is shifted in it.
func (s *Set) turn(seg uint32, c *class, i int) (word *uint32, shift int) {
	base := s.arena.Item(s.arena.Loc(seg, 0)).Pointer()
	return (*uint32)(unsafe.Add(base, words(c.chunks)*wordBits/8+i&^3)), i % 4 * 8
}

// count counts that chunk i was handed out. Only the hand that has the span open
// writes to its counts.
func (s *Set) count(seg uint32, c *class, i int) {
	word, shift := s.turn(seg, c, i)
	n := atomic.LoadUint32(word)
	atomic.StoreUint32(word, n&^(0xff<<shift)|uint32(uint8(n>>shift)+1)<<shift)
}

// clean marks every chunk as free.
func (s *Set) clean(seg uint32, c *class) {
	m := s.bitmap(seg, c)
	for i := range m {
		m[i] = ^uint64(0)
	}
	if tail := c.chunks % wordBits; tail != 0 {
		m[len(m)-1] = 1<<tail - 1
	}
}

// take hands out a chunk of an open span. It fails if none is free, or those that
// are are pinned.
func (s *Set) take(seg uint32) (store.Loc, bool) {
	sp := &s.spans[seg]
	c := &s.sizes.classes[sp.class]
	if int(sp.used.Load()) == c.chunks {
		return 0, false
	}
	m := s.bitmap(seg, c)
	for range m {
		at := sp.cursor
		for w := atomic.LoadUint64(&m[at]); w != 0; w &= w - 1 {
			bit := w & -w
			i := int(at)*wordBits + bits.TrailingZeros64(bit)
			loc := c.loc(s.arena, seg, i)
			atomic.AndUint64(&m[at], ^bit)
			// Only now: a pin that came before the chunk was freed is seen.
			if sp.pins.Load() != 0 && s.pinned(loc) {
				atomic.OrUint64(&m[at], bit)
				continue
			}
			s.count(seg, c, i)
			sp.used.Add(1)
			return loc, true
		}
		if sp.cursor++; int(sp.cursor) == len(m) {
			sp.cursor = 0
		}
	}
	return 0, false
}

// number returns which chunk of its span loc is.
func (s *Set) number(seg uint32, c *class, loc store.Loc) (i int, ok bool) {
	off := int(loc-s.arena.Loc(seg, 0))*store.Align - c.first
	return off / c.size, off >= 0 && off%c.size == 0 && off/c.size < c.chunks
}

// isFree reports whether chunk i is free.
func (s *Set) isFree(seg uint32, c *class, i int) bool {
	return atomic.LoadUint64(&s.bitmap(seg, c)[i/wordBits])>>(i%wordBits)&1 != 0
}
