package segment

import (
	"sync/atomic"

	"github.com/crucible-cache/crucible/internal/metrics"
	"github.com/crucible-cache/crucible/internal/spinlock"
	"github.com/crucible-cache/crucible/internal/store"
)

// state is where a segment is in its life.
type state uint8

const (
	free       state = iota // in the arena
	open                    // a writer appends to it
	sealed                  // full, in the queue
	reclaiming              // taken out of the queue by whoever empties it
)

// segment is the bookkeeping of one segment, or of a run of them under its
// first one's number. state, prev, next, size and run are guarded by Log.mu.
type segment struct {
	live       atomic.Int64 // bytes of items still in the index
	state      state
	run        bool   // one item in a run of segments
	size       uint32 // bytes written
	prev, next uint32 // neighbours in the queue, 0 = none
}

// Keys is the keyspace as the log sees it: it knows which items are live.
type Keys interface {
	// Evict takes the item at loc out of the index if it is still there, and
	// reports whether it was.
	Evict(loc store.Loc) bool
	// Move gives the item at loc a new place, made by place under the lock of
	// the item's shard, if it is still in the index.
	Move(loc store.Loc, place func(size int) store.Loc)
}

// Log is the set of all segments of an arena.
type Log struct {
	arena    *store.Arena
	segments []segment
	maxItem  int // bytes; a larger item has a run of its own

	mu             spinlock.Lock
	oldest, newest uint32
	queued         int
	top            uint32 // highest segment ever used
	cursor         uint32 // where the search for a segment worth cleaning goes on
}

// runShare is the share of a segment above which an item gets a run of its
// own: the space lost at a segment's end stays below it.
const runShare = 8

// NewLog returns an empty log over arena.
func NewLog(arena *store.Arena) *Log {
	return &Log{
		arena:    arena,
		segments: make([]segment, arena.Segments()),
		maxItem:  arena.SegmentSize() / runShare,
	}
}

// Writer appends for one loop and is used by its thread only.
type Writer struct {
	log      *Log
	seg      uint32 // open segment, 0 = none
	off, end int

	Evicted metrics.Counter // items evicted to make room
	Moved   metrics.Counter // items moved by cleaning
	Cleaned metrics.Counter // segments cleaned
	Dropped metrics.Counter // segments evicted
}

// NewWriter returns a writer with no segment yet.
func (l *Log) NewWriter() *Writer { return &Writer{log: l} }

// Alloc places an item of size bytes, a multiple of 8, and returns where. It
// never fails and never evicts, so it may be called under shard locks; whether
// memory allows was Prepare's question. The bytes count as live.
func (w *Writer) Alloc(size int) store.Loc {
	if size > w.log.maxItem {
		return w.log.allocRun(size)
	}
	if w.off+size > w.end {
		w.roll()
	}
	loc := w.log.arena.Loc(w.seg, w.off)
	w.off += size
	w.log.segments[w.seg].live.Add(int64(size))
	return loc
}

// Fits reports whether an item of size bytes goes into the open segment.
func (w *Writer) Fits(size int) bool { return w.off+size <= w.end }

// roll seals the open segment and opens another.
func (w *Writer) roll() {
	w.Seal()
	seg := w.log.arena.TakeOne()
	w.log.mu.Lock()
	w.log.segments[seg].state = open
	w.log.top = max(w.log.top, seg)
	w.log.mu.Unlock()
	w.seg, w.off, w.end = seg, 0, w.log.arena.SegmentSize()
}

// Seal gives up the open segment, if there is one.
func (w *Writer) Seal() {
	if w.seg == 0 {
		return
	}
	w.log.seal(w.seg, w.off, false)
	w.seg, w.off, w.end = 0, 0, 0
}

func (l *Log) allocRun(size int) store.Loc {
	seg := l.arena.TakeRun(size)
	l.segments[seg].live.Store(int64(size))
	l.seal(seg, size, true)
	return l.arena.Loc(seg, 0)
}

func (l *Log) seal(seg uint32, size int, run bool) {
	l.mu.Lock()
	l.top = max(l.top, seg)
	s := &l.segments[seg]
	s.state, s.size = sealed, uint32(size)
	s.run = run
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

// Free tells that the item of size bytes at loc left the index. The shard of
// its key is locked, so its memory is not yet used again by others.
func (l *Log) Free(loc store.Loc, size int) {
	seg := l.arena.Segment(loc)
	s := &l.segments[seg]
	if s.live.Add(int64(-size)) != 0 {
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

// Shrink tells that the live item at loc lost unused bytes at its end.
func (l *Log) Shrink(loc store.Loc, unused int) {
	l.segments[l.arena.Segment(loc)].live.Add(int64(-unused))
}

// give returns a segment that is out of the queue and empty to the arena.
func (l *Log) give(seg uint32) {
	s := &l.segments[seg]
	run, size := s.run, int(s.size)
	s.state, s.run, s.size = free, false, 0
	if run {
		l.arena.GiveRun(seg, size)
	} else {
		l.arena.GiveOne(seg)
	}
}

func (l *Log) push(seg uint32) {
	s := &l.segments[seg]
	s.prev, s.next = l.newest, 0
	if l.newest != 0 {
		l.segments[l.newest].next = seg
	} else {
		l.oldest = seg
	}
	l.newest = seg
	l.queued++
}

// remove takes a sealed segment out of the queue. It is the remover's then.
func (l *Log) remove(seg uint32) {
	s := &l.segments[seg]
	if s.prev != 0 {
		l.segments[s.prev].next = s.next
	} else {
		l.oldest = s.next
	}
	if s.next != 0 {
		l.segments[s.next].prev = s.prev
	} else {
		l.newest = s.prev
	}
	if l.cursor == seg {
		l.cursor = s.next
	}
	s.prev, s.next, s.state = 0, 0, reclaiming
	l.queued--
}
