package segment

import (
	"cmp"
	"slices"

	"github.com/crucible-cache/crucible/internal/store"
)

// A ranked pass goes through several consecutive segments of one queue and keeps
// the better part of what is in them, by frequency or by recency: Segcache's
// merge. What score that takes is found by asking for those of some items first.
const (
	rankWidth   = 4    // segments at a time
	rankOfQueue = 0.25 // of all segments, the most that one pass takes
	rankKeep    = 0.75 // share of bytes that is kept
	rankSamples = 64   // items that are asked, of each segment
)

// rank is how a ranked pass decides.
type rank struct {
	score func(store.Entry) int64
	cut   int64   // the score above which an item stays
	ties  float64 // the share of those with just that score that stay
	room  int     // bytes that may still be kept

	samples []sample
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
	l := w.log
	width := max(1, min(rankWidth, int(rankOfQueue*float64(l.queued))))
	p := l.plan.Load()
	last := admission
	if p.layered {
		last = main
	}
	seg := l.oldest(main, last, p.first())
	if seg == 0 {
		return false
	}
	next := l.segments[seg].next
	w.begin(w.keepBest, seg)
	for seg = next; seg != 0 && w.pass.n < width; seg = next {
		next = l.segments[seg].next
		w.extend(seg)
	}
	w.pass.rank = &rank{score: score}
	return true
}

// sample asks some items of each segment for their scores and sets what it
// takes to stay.
func (w *Writer) sample() {
	l, r, p := w.log, w.pass.rank, &w.pass
	ask := func(e store.Entry) store.Fate {
		r.samples = append(r.samples, sample{r.score(e), e.Size})
		return store.Fate{Do: store.Keep, Frequency: e.Frequency}
	}
	for _, seg := range p.segs[:p.n] {
		s := &l.segments[seg]
		r.room += int(rankKeep * float64(s.live.Load()))
		for off, n := 0, 0; off < int(s.size) && n < rankSamples; n++ {
			loc := l.arena.Loc(seg, off)
			it := l.arena.Item(loc)
			off += it.Size()
			if !it.IsFiller() {
				w.keys.Visit(loc, ask)
			}
		}
	}
	r.decide()
}

// decide sets cut and ties so that rankKeep of the sampled bytes stay.
func (r *rank) decide() {
	slices.SortFunc(r.samples, func(a, b sample) int { return cmp.Compare(b.score, a.score) })
	all := 0
	for _, s := range r.samples {
		all += s.size
	}
	above, equal := 0, 0
	for i, s := range r.samples {
		if i == 0 || s.score != r.cut {
			if float64(above+equal) >= rankKeep*float64(all) {
				break
			}
			above += equal
			equal, r.cut = 0, s.score
		}
		equal += s.size
	}
	if equal > 0 {
		r.ties = (rankKeep*float64(all) - float64(above)) / float64(equal)
	}
}

// keepBest keeps an item with a high enough score while there is room.
func (w *Writer) keepBest(e store.Entry) store.Fate {
	if e.ExpireAt == 0 && w.log.plan.Load().VolatileOnly {
		return w.move(e)
	}
	r := w.pass.rank
	score := r.score(e)
	if score > r.cut || score == r.cut && float64(w.random()>>11)/(1<<53) < r.ties {
		if r.room -= e.Size; r.room >= 0 {
			return w.move(e)
		}
	}
	w.counts.Evicted.Add(1)
	return store.Fate{Do: store.Evict}
}
