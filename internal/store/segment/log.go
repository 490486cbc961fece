package segment

import (
	"sync/atomic"

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

// Log is the set of all segments of an arena.
type Log struct {
	arena    *store.Arena
	segments []segment
	maxItem  int // bytes; a larger item has a run of its own
	evicts   atomic.Bool

	mu             spinlock.Lock
	oldest, newest uint32
	queued         int
	top            uint32 // highest segment ever used
	cursor         uint32 // where the search for a segment worth cleaning goes on
}

// runShare is the share of a segment above which an item gets a run of its
// own: the space lost at a segment's end stays below it.
const runShare = 8

// New returns an empty log over arena, a store.Backend.
func New(arena *store.Arena) *Log {
	return &Log{
		arena:    arena,
		segments: make([]segment, arena.Segments()),
		maxItem:  arena.SegmentSize() / runShare,
	}
}

// Writer appends for one loop and is used by its thread only.
type Writer struct {
	log      *Log
	keys     store.Keys
	seg      uint32 // open segment, 0 = none
	off, end int
	counts   store.Counts
}

// NewWriter implements store.Backend: the writer has no segment yet.
func (l *Log) NewWriter(keys store.Keys) store.Writer { return &Writer{log: l, keys: keys} }

// Alloc implements store.Writer.
func (w *Writer) Alloc(size int, _ store.Hint) store.Loc {
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

// Spare implements store.Writer.
func (w *Writer) Spare() int { return w.end - w.off }

// Counts implements store.Writer.
func (w *Writer) Counts() *store.Counts { return &w.counts }

// Tick implements store.Writer. There is nothing to do.
func (w *Writer) Tick(int64) {}

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

// Seal implements store.Writer: it gives up the open segment, if there is one.
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

// Free implements store.Backend. The shard of the key is locked, so its memory
// is not yet used again by others.
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
