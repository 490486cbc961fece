package store

import (
	"fmt"
	"math/bits"
	"sync/atomic"
	"unsafe"

	"github.com/crucible-cache/crucible/internal/offheap"
	"github.com/crucible-cache/crucible/internal/spinlock"
)

// Arena is one stretch of reserved address space cut into segments of equal
// size. Backends take runs of segments and carve items from them; a Loc is the
// same thing in all of them. Address space is reserved far beyond what may be
// resident, so a run of any length is found without moving anything; what is
// resident is bounded by Limit, which the keyspace sets from maxmemory.
//
// All methods may be called from any thread. Single segments that come back
// keep their pages for the next taker; longer runs give them back at once.
type Arena struct {
	region   *offheap.Region
	base     unsafe.Pointer
	segShift uint
	books    *offheap.Region // what PerSegment returns

	limit atomic.Int64 // bytes that may be resident
	used  atomic.Int64 // bytes that are taken

	mu   spinlock.Lock
	busy []uint64 // a bit a segment: taken, or free with pages
	low  int      // no free segment lies before this word of busy
	top  int      // how many segments were ever taken
	free []uint32 // single segments that kept their pages, last used first

	given []givenRun  // runs to be released
	some  atomic.Bool // given is not empty
}

// givenRun is a run that came back while shards were locked.
type givenRun struct {
	seg  uint32
	size int
}

// releaseAtOnce is the size in bytes up to which the pages of a run are given back
// at once: for larger ones that takes longer than a lock may be held.
const releaseAtOnce = 256 << 10

// bookBytes is how much a backend may remember of each segment, bytes.
const bookBytes = 64

// SegmentSize limits, in bytes. A segment is the unit of eviction, so small
// ones evict precisely and large ones cost less bookkeeping.
const (
	MinSegmentSize = 64 << 10
	MaxSegmentSize = 32 << 20
)

// reserveFactor is how many times the memory that may be resident is reserved
// as address space: an item that has a run of segments to itself leaves up to
// seven eighths of its last one untouched.
const reserveFactor = 16

// NewArena reserves space for ceiling resident bytes in segments of
// segmentSize bytes, a power of two. Its limit starts at ceiling.
func NewArena(ceiling int64, segmentSize int) (*Arena, error) {
	if segmentSize < MinSegmentSize || segmentSize > MaxSegmentSize || segmentSize&(segmentSize-1) != 0 {
		return nil, fmt.Errorf("segment size %d: want a power of two from %d to %d", segmentSize, MinSegmentSize, MaxSegmentSize)
	}
	segments := max(ceiling*reserveFactor/int64(segmentSize), 1024)
	segments = min(segments, int64(1)<<(LocBits+alignShift)/int64(segmentSize))
	region, err := offheap.Reserve(offheap.Items, int(segments)*segmentSize)
	if err != nil {
		return nil, err
	}
	books, err := offheap.Reserve(offheap.Books, int(segments+63)/64*64*bookBytes)
	if err != nil {
		region.Close(0)
		return nil, err
	}
	a := &Arena{
		region:   region,
		base:     region.Base(),
		books:    books,
		segShift: uint(bits.TrailingZeros(uint(segmentSize))),
		busy:     make([]uint64, (segments+63)/64),
	}
	a.busy[0] = 1 // no item lies in segment 0: Loc 0 is nowhere
	if tail := segments % 64; tail != 0 {
		a.busy[len(a.busy)-1] |= ^uint64(0) << tail
	}
	a.limit.Store(ceiling)
	return a, nil
}

// Close unmaps the arena.
func (a *Arena) Close() {
	a.region.Close(int(a.used.Load()) + len(a.free)<<a.segShift)
	a.books.Close(offheap.RoundPage(a.top * bookBytes))
}

// PerSegment returns what the backend of an arena remembers of its segments, by
// their numbers. It is zero at first, outside the Go heap (T has no pointers), and
// resident as far as segments were ever taken. An arena has one backend.
func PerSegment[T any](a *Arena) []T {
	var one T
	if unsafe.Sizeof(one) > bookBytes {
		panic(fmt.Sprintf("store: %d bytes of bookkeeping for a segment", unsafe.Sizeof(one)))
	}
	return unsafe.Slice((*T)(a.books.Base()), a.Segments())
}

// reached tells that segments up to, not including, n are in use. The arena is
// locked.
func (a *Arena) reached(n int) {
	if n > a.top {
		a.books.Commit(offheap.RoundPage(n*bookBytes) - offheap.RoundPage(a.top*bookBytes))
		a.top = n
	}
}

// SegmentSize returns the size of a segment in bytes.
func (a *Arena) SegmentSize() int { return 1 << a.segShift }

// Segments returns how many segments the address space has.
func (a *Arena) Segments() int { return len(a.busy) * 64 }

// Item returns the item at loc.
func (a *Arena) Item(loc Loc) Item { return Item{unsafe.Add(a.base, loc<<alignShift)} }

// Segment returns the number of the segment in which loc lies.
func (a *Arena) Segment(loc Loc) uint32 { return uint32(loc << alignShift >> a.segShift) }

// Loc returns the place off bytes into segment seg.
func (a *Arena) Loc(seg uint32, off int) Loc {
	return Loc((uint64(seg)<<a.segShift + uint64(off)) >> alignShift)
}

// Limit returns how many bytes may be resident.
func (a *Arena) Limit() int64 { return a.limit.Load() }

// SetLimit changes how many bytes may be resident. Nothing is evicted here:
// backends look at Room.
func (a *Arena) SetLimit(n int64) { a.limit.Store(n) }

// Used returns the bytes that are taken.
func (a *Arena) Used() int64 { return a.used.Load() }

// Room returns how many more bytes may be taken; negative when more is taken
// than the limit allows.
func (a *Arena) Room() int64 { return a.limit.Load() - a.used.Load() }

// TakeOne returns a segment. It does not look at the limit: whoever takes
// under a shard lock may not fail, and pays back afterwards.
func (a *Arena) TakeOne() uint32 {
	size := int64(1) << a.segShift
	a.used.Add(size)
	a.mu.Lock()
	if n := len(a.free); n > 0 {
		seg := a.free[n-1]
		a.free = a.free[:n-1]
		a.mu.Unlock()
		return seg
	}
	seg := a.find(1)
	a.mu.Unlock()
	a.region.Take(int(seg)<<a.segShift, int(size))
	return seg
}

// TakeRun returns the first of as many consecutive segments as size bytes
// need, of which only size bytes, rounded up to pages, will be touched.
func (a *Arena) TakeRun(size int) uint32 {
	size = offheap.RoundPage(size)
	a.mu.Lock()
	seg := a.find(a.runLength(size))
	a.mu.Unlock()
	a.used.Add(int64(size))
	a.region.Take(int(seg)<<a.segShift, size)
	return seg
}

// GiveOne returns a segment. Its pages are kept for the next taker while they
// fit under the limit.
func (a *Arena) GiveOne(seg uint32) {
	size := int64(1) << a.segShift
	if a.used.Add(-size) > a.limit.Load()-size {
		a.release(seg, 1, int(size))
		return
	}
	a.mu.Lock()
	a.free = append(a.free, seg)
	a.mu.Unlock()
}

// GiveRun returns what TakeRun returned for size bytes. A large one counts as
// taken until Drain, which is to be called when no shard is locked.
func (a *Arena) GiveRun(seg uint32, size int) {
	size = offheap.RoundPage(size)
	if size > releaseAtOnce {
		a.mu.Lock()
		a.given = append(a.given, givenRun{seg, size})
		a.some.Store(true)
		a.mu.Unlock()
		return
	}
	a.giveBack(givenRun{seg, size})
}

func (a *Arena) giveBack(r givenRun) {
	a.used.Add(int64(-r.size))
	a.release(r.seg, a.runLength(r.size), r.size)
}

// Drain gives back the pages of large runs. It may take milliseconds: no shard is
// locked.
func (a *Arena) Drain() {
	for a.some.Load() {
		a.mu.Lock()
		n := len(a.given)
		if n == 0 {
			a.some.Store(false)
			a.mu.Unlock()
			return
		}
		r := a.given[n-1]
		a.given = a.given[:n-1]
		a.mu.Unlock()
		a.giveBack(r)
	}
}

// Trim gives back the pages of free segments until at most keep bytes of them
// are left, and returns how many bytes went.
func (a *Arena) Trim(keep int64) int64 {
	a.Drain()
	var freed int64
	for {
		a.mu.Lock()
		n := len(a.free)
		if int64(n)<<a.segShift <= keep {
			a.mu.Unlock()
			return freed
		}
		seg := a.free[n-1]
		a.free = a.free[:n-1]
		a.mu.Unlock()
		a.release(seg, 1, 1<<a.segShift)
		freed += 1 << a.segShift
	}
}

// Spare returns the bytes of free segments that kept their pages.
func (a *Arena) Spare() int64 {
	a.mu.Lock()
	defer a.mu.Unlock()
	return int64(len(a.free)) << a.segShift
}

func (a *Arena) release(seg uint32, n, size int) {
	a.region.Release(int(seg)<<a.segShift, size)
	a.mu.Lock()
	for s := int(seg); s < int(seg)+n; s++ {
		a.busy[s/64] &^= 1 << (s % 64)
	}
	a.low = min(a.low, int(seg)/64)
	a.mu.Unlock()
}

func (a *Arena) runLength(size int) int {
	return (size + 1<<a.segShift - 1) >> a.segShift
}

// find marks n consecutive segments as busy and returns the first. The address
// space is many times what the limit lets be resident, so running out of it
// means that the accounting is broken.
func (a *Arena) find(n int) uint32 {
	for a.low < len(a.busy) && a.busy[a.low] == ^uint64(0) {
		a.low++
	}
	run := 0
	for s := a.low * 64; s < len(a.busy)*64; s++ {
		if run == 0 && a.busy[s/64] == ^uint64(0) {
			s |= 63
			continue
		}
		if a.busy[s/64]>>(s%64)&1 != 0 {
			run = 0
			continue
		}
		if run++; run == n {
			first := s - n + 1
			for t := first; t <= s; t++ {
				a.busy[t/64] |= 1 << (t % 64)
			}
			a.reached(s + 1)
			return uint32(first)
		}
	}
	panic(fmt.Sprintf("store: no %d consecutive segments in the arena", n))
}

// Short reports whether more is taken than the limit allows.
func (a *Arena) Short() bool { return a.used.Load() > a.limit.Load() }
