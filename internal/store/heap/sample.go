package heap

import (
	"cmp"
	"slices"

	"github.com/crucible-cache/crucible/internal/store"
)

// Of sampleSpans spans picked at random sampleItems items each are compared, and
// the lowest are evicted: one in sampleShare.
const (
	sampleSpans = 8
	sampleItems = 4
	sampleShare = 8
)

// picked is an item that was picked at random.
type picked struct {
	loc   store.Loc
	score int64
}

// evictSampled evicts the lowest of some items, and reports whether there were any.
func (w *Writer) evictSampled(p *plan) bool {
	var all [sampleSpans * sampleItems]picked
	var spans [sampleSpans]uint32
	n := 0
	for i := range spans {
		spans[i] = w.heap.HoldAny(w.random())
		if spans[i] == 0 {
			break
		}
		w.heap.Sample(spans[i], w.random(), sampleItems, func(loc store.Loc) {
			w.keys.Visit(loc, func(e store.Entry) store.Fate {
				if !p.VolatileOnly || e.ExpireAt != 0 {
					all[n] = picked{loc, p.score(e)}
					n++
				}
				return store.Fate{Do: store.Keep, Frequency: e.Frequency}
			})
		})
	}
	some := all[:n]
	slices.SortFunc(some, func(a, b picked) int { return cmp.Compare(a.score, b.score) })
	evicted := false
	for _, x := range some[:(n+sampleShare-1)/sampleShare] {
		w.keys.Visit(x.loc, func(e store.Entry) store.Fate {
			if p.VolatileOnly && e.ExpireAt == 0 {
				return store.Fate{Do: store.Keep, Frequency: e.Frequency}
			}
			w.counts.Evicted.Add(1)
			return store.Fate{Do: store.Evict}
		})
		evicted = true
	}
	for _, seg := range spans {
		if seg != 0 {
			w.heap.Release(seg)
		}
	}
	return evicted
}
