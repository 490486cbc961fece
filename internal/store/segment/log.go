package segment

import (
	"fmt"
	"sync/atomic"

	"github.com/crucible-cache/crucible/internal/invariant"
	"github.com/crucible-cache/crucible/internal/offheap"
	"github.com/crucible-cache/crucible/internal/spinlock"
	"github.com/crucible-cache/crucible/internal/store"
)

// state is where a segment is in its life.
type state uint8

const (
	free       state = iota // in the arena
	open                    // a writer appends to it
	sealed                  // full, in a queue
	reclaiming              // taken out of its queue by whoever empties it
)

// segment is the bookkeeping of one segment, or of a run of them under its
// first one's number. Its writer fills it in while it is open; from then on it is
// guarded by Log.mu, but for live.
type segment struct {
	live       atomic.Int64 // bytes of items still in the index
	expireAt   int64        // when the last of its items expires, unix ms; only in TTL buckets
	sealedAt   uint64       // order of sealing
	size       uint32       // bytes written
	prev, next uint32       // neighbours in the queue, 0 = none
	state      state
	run        bool // one item in a run of segments
	layer      layer
	bucket     bucket
}

// Log is the set of all segments of an arena, a store.Backend.
type Log struct {
	arena      *store.Arena
	segments   []segment
	maxItem    int     // bytes; a larger item has a run of its own
	smallShare float64 // of memory that the admission layer may have
	plan       atomic.Pointer[plan]
	writers    atomic.Int32

	mu     spinlock.Lock
	queues [layers][buckets]queue
	queued int
	bytes  [layers]int64 // in sealed segments
	seals  uint64        // segments ever sealed
	top    uint32        // highest segment ever used
	cursor uint32        // where the search for a segment worth cleaning goes on
}

// runShare is the share of a segment above which an item gets a run of its
// own: the space lost at a segment's end stays below it.
const runShare = 8

// Options are what the profile says besides the policy.
type Options struct {
	SmallQueuePercent int // share of the admission layer; 0 is the default
}

const defaultSmallPercent = 10

// New returns an empty log over arena.
func New(arena *store.Arena, o Options) *Log {
	if o.SmallQueuePercent == 0 {
		o.SmallQueuePercent = defaultSmallPercent
	}
	l := &Log{
		arena:      arena,
		segments:   store.PerSegment[segment](arena),
		maxItem:    arena.SegmentSize() / runShare,
		smallShare: float64(o.SmallQueuePercent) / 100,
	}
	l.plan.Store(&plans[0])
	return l
}

// Takes implements store.Backend.
func (l *Log) Takes(size int) int {
	if size > l.maxItem {
		return offheap.RoundPage(size)
	}
	return size
}

func (l *Log) allocRun(size int, to layer, b bucket, expireAt int64) store.Loc {
	seg := l.arena.TakeRun(size)
	s := &l.segments[seg]
	s.live.Store(int64(size))
	s.run, s.size, s.layer, s.bucket, s.expireAt = true, uint32(size), to, b, expireAt
	l.seal(seg)
	return l.arena.Loc(seg, 0)
}

// seal queues a segment that nobody appends to any more.
func (l *Log) seal(seg uint32) {
	l.mu.Lock()
	l.top = max(l.top, seg)
	s := &l.segments[seg]
	s.state = sealed
	l.push(seg)
	dead := s.live.Load() == 0
	if dead {
		l.remove(seg)
	}
	l.mu.Unlock()
	if dead {
		l.give(seg)
	}
}

// Free implements store.Backend. The shard of the key is locked, so its memory
// is not yet used again by others.
func (l *Log) Free(loc store.Loc, size int) {
	seg := l.arena.Segment(loc)
	s := &l.segments[seg]
	left := s.live.Add(int64(-size))
	if invariant.Enabled && left < 0 {
		invariant.Check(fmt.Errorf("segment %d has %d live bytes after %d were freed", seg, left, size))
	}
	if left != 0 {
		return
	}
	l.mu.Lock()
	dead := s.state == sealed && s.live.Load() == 0
	if dead {
		l.remove(seg)
	}
	l.mu.Unlock()
	if dead {
		l.give(seg)
	}
}

// Resize implements store.Backend. An item can shrink in place; one that shrinks
// much moves, for what is behind it in place is lost until its segment is recycled.
func (l *Log) Resize(loc store.Loc, from, to int) bool {
	if to > from || to <= from/2 {
		return false
	}
	l.arena.Item(loc + store.Loc(to/store.Align)).Fill(from - to)
	l.segments[l.arena.Segment(loc)].live.Add(int64(to - from))
	return true
}

// release puts back a segment whose items were gone through: into the arena if
// nothing in it is live, else to the end of the queue of layer to.
func (l *Log) release(seg uint32, to layer) {
	s := &l.segments[seg]
	if s.live.Load() == 0 {
		l.give(seg)
		return
	}
	s.layer = to
	l.seal(seg)
}

// give returns a segment that is out of the queues and empty to the arena.
func (l *Log) give(seg uint32) {
	s := &l.segments[seg]
	run, size := s.run, int(s.size)
	l.mu.Lock()
	s.state, s.run, s.size = free, false, 0
	l.mu.Unlock()
	if run {
		l.arena.GiveRun(seg, size)
	} else {
		l.arena.GiveOne(seg)
	}
}

// Usage implements store.Backend. It walks the bookkeeping of all segments that
// were ever used, so it is for reports, not for requests.
func (l *Log) Usage() store.Usage {
	l.mu.Lock()
	u, top := store.Usage{Segments: l.queued}, l.top
	l.mu.Unlock()
	for seg := uint32(1); seg <= top; seg++ {
		u.LiveBytes += l.segments[seg].live.Load()
	}
	return u
}
