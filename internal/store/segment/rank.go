package segment

import (
	"cmp"
	"math"
	"slices"

	"github.com/crucible-cache/crucible/internal/store"
)

// A ranked pass goes through several consecutive segments of one queue and keeps
// what has a better score, by frequency or by recency, than the worst of all that
// is stored: Segcache's merge, but with a bar that is the same for all segments.
// (What a pass keeps lies together, so a segment may hold nothing but the best.)
// The bar comes from a sample. If passes yield little it is raised, and after a
// few of them what comes next goes as a whole.
const (
	rankWidth   = 4    // segments at a time
	rankOfQueue = 0.25 // of all segments, the most that one pass takes
	rankKeep    = 0.75 // share of all bytes that is above the bar
	rankRaise   = 0.25 // by which it shrinks after each pass that yields little
	rankYield   = 0.05 // share of a pass' bytes that is little

	rankSamples = 128 // items that are asked
	rankTries   = 64  // samples that are drawn for them
	rankFew     = 16  // items, below which those of the pass itself are asked
)

// rank is how a ranked pass decides.
type rank struct {
	score func(store.Entry) int64
	cut   int64   // the score above which an item stays
	ties  float64 // the share of those with just that score that stay

	went, stayed int // bytes
	samples      []sample
}

type sample struct {
	score int64
	size  int
}

func byFrequency(e store.Entry) int64 { return int64(e.Frequency) }
func byRecency(e store.Entry) int64   { return -e.IdleSec }

func (w *Writer) chooseByFrequency() bool { return w.chooseRanked(byFrequency) }
func (w *Writer) chooseByRecency() bool   { return w.chooseRanked(byRecency) }

func (w *Writer) chooseRanked(score func(store.Entry) int64) bool {
	l, p := w.log, w.log.plan.Load()
	last := admission
	if p.layered {
		last = main
	}
	seg := l.oldest(main, last, p.first())
	if seg == 0 {
		return false
	}
	width := max(1, min(rankWidth, int(rankOfQueue*float64(l.queued))))
	next := l.segments[seg].next
	w.begin(w.keepBest, seg)
	for seg = next; seg != 0 && w.pass.n < width; seg = next {
		next = l.segments[seg].next
		w.extend(seg)
	}
	w.pass.rank = &rank{score: score}
	return true
}

// setBar asks for some scores and sets what it takes to stay.
func (w *Writer) setBar() {
	r, volatileOnly := w.pass.rank, w.log.plan.Load().VolatileOnly
	ask := func(e store.Entry) {
		if e.ExpireAt != 0 || !volatileOnly {
			r.samples = append(r.samples, sample{r.score(e), e.Size})
		}
	}
	for n := 0; n < rankTries && len(r.samples) < rankSamples; n++ {
		w.keys.Sample(ask)
	}
	if len(r.samples) < rankFew {
		w.askOwn(ask)
	}
	r.decide(rankKeep - float64(w.lean)*rankRaise)
}

// askOwn asks the first items of each segment of the pass.
func (w *Writer) askOwn(ask func(store.Entry)) {
	l, p := w.log, &w.pass
	look := func(e store.Entry) store.Fate {
		ask(e)
		return store.Fate{Do: store.Keep, Frequency: e.Frequency}
	}
	for _, seg := range p.segs[:p.n] {
		for off, n := 0, 0; off < int(l.segments[seg].size) && n < rankSamples; n++ {
			loc := l.arena.Loc(seg, off)
			it := l.arena.Item(loc)
			off += it.Size()
			if !it.IsFiller() {
				w.keys.Visit(loc, look)
			}
		}
	}
}

// decide sets cut and ties so that a share of the sampled bytes is above.
func (r *rank) decide(keep float64) {
	if keep <= 0 || len(r.samples) == 0 {
		r.cut = math.MaxInt64
		return
	}
	slices.SortFunc(r.samples, func(a, b sample) int { return cmp.Compare(b.score, a.score) })
	all := 0
	for _, s := range r.samples {
		all += s.size
	}
	above, equal := 0, 0
	for i, s := range r.samples {
		if i == 0 || s.score != r.cut {
			if float64(above+equal) >= keep*float64(all) {
				break
			}
			above += equal
			equal, r.cut = 0, s.score
		}
		equal += s.size
	}
	r.ties = (keep*float64(all) - float64(above)) / float64(equal)
}

// keepBest keeps an item with a high enough score.
func (w *Writer) keepBest(e store.Entry) store.Fate {
	r := w.pass.rank
	score := r.score(e)
	if e.ExpireAt == 0 && w.log.plan.Load().VolatileOnly ||
		score > r.cut || score == r.cut && float64(w.random()>>11)/(1<<53) < r.ties {
		r.stayed += e.Size
		return w.move(e)
	}
	r.went += e.Size
	w.counts.Evicted.Add(1)
	return store.Fate{Do: store.Evict}
}

// judge looks back at a ranked pass that is over.
func (w *Writer) judge(r *rank) {
	if float64(r.went) < rankYield*float64(r.went+r.stayed) {
		w.lean++
	} else {
		w.lean = 0
	}
}
