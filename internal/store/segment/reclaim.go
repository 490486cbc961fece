package segment

import (
	"math"

	"github.com/crucible-cache/crucible/internal/invariant"
	"github.com/crucible-cache/crucible/internal/store"
)

// Cleaning pays while a segment is mostly dead: moving its live items costs
// their bytes and yields the rest. Where eviction is allowed a segment with
// more than cleanShare of it live is better evicted; where nothing can be
// evicted, cleaning goes on up to packShare, beyond which memory counts as full.
const (
	cleanShare = 0.75
	packShare  = 0.94
)

// pass is a writer's way through the items of segments that it took out of
// their queues. It goes on from call to call of Reclaim.
type pass struct {
	segs   [rankWidth]uint32
	n, at  int // how many those are, and which of them is being gone through
	off    int // where in it, bytes
	decide func(store.Entry) store.Fate
	keep   layer // where a segment goes of which something is kept
	rank   *rank // of a ranked pass
}

func (p *pass) done() bool { return p.at == p.n }

// Reclaim implements store.Writer.
func (w *Writer) Reclaim(budget int) bool {
	if w.pass.done() {
		// What is open can't be chosen. Under a volatile policy it may be all
		// that can go.
		if !w.choose() && !(w.sealExpiring() && w.chooseByPolicy()) {
			return false
		}
		if w.pass.rank != nil {
			w.setBar()
		}
	}
	if budget <= 0 {
		budget = math.MaxInt
	}
	w.step(budget)
	return true
}

// choose finds something to reclaim and sets up the pass over it.
func (w *Writer) choose() bool {
	l, p := w.log, w.log.plan.Load()
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case w.begin(w.move, l.soonest(w.nowMS)):
		w.counts.Expired.Add(1)
	case w.begin(w.move, l.sparsest(cleanShare)):
		w.counts.Cleaned.Add(1)
	case p.choose != nil && p.choose(w):
		w.counts.Dropped.Add(uint64(w.pass.n))
	case (p.choose == nil || p.VolatileOnly) && w.begin(w.move, l.sparsest(packShare)):
		w.counts.Cleaned.Add(1)
	default:
		return false
	}
	return true
}

func (w *Writer) chooseByPolicy() bool {
	l := w.log
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.plan.Load().choose(w)
}

// sealExpiring gives up, under a volatile policy, the open segments whose items
// have a time to live, and reports whether there were any with some.
func (w *Writer) sealExpiring() (some bool) {
	if !w.log.plan.Load().VolatileOnly {
		return false
	}
	for y := range w.streams {
		for b := expiringBuckets; b < buckets; b++ {
			if st := &w.streams[y][b]; st.seg != 0 {
				some = some || w.log.segments[st.seg].live.Load() > 0
				w.seal(st)
			}
		}
	}
	return some
}

// begin takes a segment out of its queue for a pass over it, and reports false
// if seg is 0. The log is locked.
func (w *Writer) begin(decide func(store.Entry) store.Fate, seg uint32) bool {
	w.pass = pass{decide: decide}
	return w.extend(seg)
}

func (w *Writer) extend(seg uint32) bool {
	if seg == 0 {
		return false
	}
	w.log.remove(seg)
	w.pass.segs[w.pass.n] = seg
	w.pass.n++
	return true
}

func (w *Writer) chooseOldest() bool {
	return w.begin(w.drop, w.log.oldest(main, admission, noTTL))
}

func (w *Writer) chooseAny() bool {
	return w.begin(w.drop, w.log.any(w.random(), w.log.plan.Load().first()))
}

// chooseSoonest takes the segment whose items expire first, or if no item has a
// time to live and that need not be, the oldest.
func (w *Writer) chooseSoonest() bool {
	seg := w.log.soonest(math.MaxInt64)
	if seg == 0 && !w.log.plan.Load().VolatileOnly {
		seg = w.log.oldest(main, admission, noTTL)
	}
	return w.begin(w.drop, seg)
}

// step goes through items of the pass, about budget bytes or to the end of the
// segment.
func (w *Writer) step(budget int) {
	l, p := w.log, &w.pass
	seg := p.segs[p.at]
	s := &l.segments[seg]
	if s.run {
		w.keys.Visit(l.arena.Loc(seg, 0), p.decide)
		p.off = int(s.size)
	}
	for end := p.off + min(budget, int(s.size)); p.off < int(s.size) && p.off < end; {
		loc := l.arena.Loc(seg, p.off)
		it := l.arena.Item(loc)
		p.off += it.Size()
		if !it.IsFiller() {
			w.keys.Visit(loc, p.decide)
		}
	}
	if p.off >= int(s.size) {
		p.at, p.off = p.at+1, 0
		l.release(seg, p.keep)
		if invariant.Enabled {
			l.mu.Lock()
			invariant.Check(l.checkQueues())
			l.mu.Unlock()
		}
		if p.done() && p.rank != nil {
			w.judge(p.rank)
		}
	}
}

// finish carries a pass that was begun to its end.
func (w *Writer) finish() {
	for !w.pass.done() {
		w.step(math.MaxInt)
	}
}

// visited returns the segment whose items are being visited.
func (w *Writer) visited() *segment { return &w.log.segments[w.pass.segs[w.pass.at]] }

// move keeps an item in its layer.
func (w *Writer) move(e store.Entry) store.Fate {
	return w.keepIn(w.visited().layer, e, e.Frequency)
}

// keepIn keeps an item, in another place in layer to. One that has a run of its
// own is not copied: the whole run changes queues.
func (w *Writer) keepIn(to layer, e store.Entry, frequency uint8) store.Fate {
	w.pass.keep = to
	w.counts.Moved.Add(1)
	if w.visited().run {
		return store.Fate{Do: store.Keep, Frequency: frequency}
	}
	return store.Fate{Do: store.Move, To: w.alloc(e.Size, to, e.ExpireAt), Frequency: frequency}
}

// drop evicts an item, unless it may not be.
func (w *Writer) drop(e store.Entry) store.Fate {
	if e.ExpireAt == 0 && w.log.plan.Load().VolatileOnly {
		return w.move(e)
	}
	w.counts.Evicted.Add(1)
	return store.Fate{Do: store.Evict}
}

// reserve is how much room, in bytes, Ahead tries to keep.
func (l *Log) reserve() int64 {
	return int64(l.arena.SegmentSize()) * int64(2+l.writers.Load()/4)
}

// Going ahead costs aheadShare bytes of going through items for each byte that
// was written, more than any policy moves for one that it frees. When nothing
// was found it is not tried again for aheadPause calls.
const (
	aheadShare = 8
	aheadLeast = 1 << 10
	aheadPause = 256
)

// Ahead implements store.Writer.
func (w *Writer) Ahead() {
	n := w.written
	w.written = 0
	if w.log.arena.Room() >= w.log.reserve() {
		return
	}
	if w.skip > 0 {
		w.skip--
		return
	}
	if !w.Reclaim(n*aheadShare + aheadLeast) {
		w.skip = aheadPause
	}
}
