package segment

import "github.com/crucible-cache/crucible/internal/store"

// stream is an open segment that a writer appends to.
type stream struct {
	seg      uint32 // 0 = none
	off, end int
	idle     bool // nothing was appended since the last look
}

// Writer appends for one loop and is used by its thread only.
type Writer struct {
	log     *Log
	keys    store.Keys
	nowMS   int64
	coarse  uint // see coarseness
	streams [layers][buckets]stream
	last    *stream // that was appended to last
	written int     // bytes since Ahead was last called
	skip    int     // calls of Ahead to let pass, for the last found nothing
	ticks   int
	rand    uint64
	pass    pass
	lean    int // ranked passes in a row that yielded little
	counts  store.Counts
}

// NewWriter implements store.Backend: the writer has no segment yet.
func (l *Log) NewWriter(keys store.Keys) store.Writer {
	w := &Writer{log: l, keys: keys, rand: uint64(l.writers.Add(1)) * 0x9e3779b97f4a7c15}
	w.last = &w.streams[main][noTTL]
	w.coarse = l.coarseness()
	return w
}

// Alloc implements store.Writer.
func (w *Writer) Alloc(size int, h store.Hint) store.Loc {
	w.nowMS = h.NowMS
	w.written += size
	to := main
	if w.log.plan.Load().layered && !h.Ghost {
		to = admission
	}
	return w.alloc(size, to, h.ExpireAt)
}

// alloc appends to the stream of a layer and the bucket of a time to live.
func (w *Writer) alloc(size int, to layer, expireAt int64) store.Loc {
	b := w.bucketOf(expireAt)
	if size > w.log.maxItem {
		return w.log.allocRun(size, to, b, expireAt)
	}
	st := &w.streams[to][b]
	if st.off+size > st.end {
		w.roll(st, to, b)
	}
	loc := w.log.arena.Loc(st.seg, st.off)
	st.off += size
	st.idle = false
	w.last = st
	s := &w.log.segments[st.seg]
	s.expireAt = max(s.expireAt, expireAt)
	s.live.Add(int64(size))
	return loc
}

// roll seals the open segment of a stream and opens another.
func (w *Writer) roll(st *stream, to layer, b bucket) {
	l := w.log
	w.seal(st)
	w.coarse = l.coarseness()
	seg := l.arena.TakeOne()
	l.mu.Lock()
	s := &l.segments[seg]
	s.state, s.layer, s.bucket, s.expireAt = open, to, b, 0
	l.top = max(l.top, seg)
	l.mu.Unlock()
	*st = stream{seg: seg, end: l.arena.SegmentSize()}
}

func (w *Writer) seal(st *stream) {
	if st.seg == 0 {
		return
	}
	w.log.segments[st.seg].size = uint32(st.off)
	w.log.seal(st.seg)
	*st = stream{}
}

// Fits implements store.Writer.
func (w *Writer) Fits(n int) bool { return w.last.off+n <= w.last.end }

// Counts implements store.Writer.
func (w *Writer) Counts() *store.Counts { return &w.counts }

// Seal implements store.Writer: it finishes what Reclaim began and gives up the
// open segments.
func (w *Writer) Seal() {
	w.finish()
	w.eachOpen(w.seal)
}

func (w *Writer) eachOpen(do func(*stream)) {
	for y := range w.streams {
		for b := range w.streams[y] {
			if st := &w.streams[y][b]; st.seg != 0 {
				do(st)
			}
		}
	}
}

// random returns the next number of a xorshift generator.
func (w *Writer) random() uint64 {
	w.rand ^= w.rand << 13
	w.rand ^= w.rand >> 7
	w.rand ^= w.rand << 17
	return w.rand
}
