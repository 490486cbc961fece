package segment

import "github.com/crucible-cache/crucible/internal/store"

// Cleaning pays while a segment is mostly dead: moving its live items costs
// their bytes and yields the rest. Where eviction is allowed a segment with
// more than cleanShare of it live is better evicted; where it is not, cleaning
// goes on up to packShare, beyond which memory counts as full.
const (
	cleanShare = 0.75
	packShare  = 0.94

	// searchWidth bounds how many segments are looked at for one worth
	// cleaning. The search goes on where the last one stopped.
	searchWidth = 512
)

// Reclaim empties one segment and returns it to the arena, moving what is live
// or, if evict allows, evicting it. It reports false when nothing can be had:
// all that is stored is live and may not be evicted. No shard may be locked.
func (w *Writer) Reclaim(keys Keys, evict bool) bool {
	share := packShare
	if evict {
		share = cleanShare
	}
	if seg := w.log.sparsest(share); seg != 0 {
		w.Cleaned.Add(1)
		w.walk(seg, func(loc store.Loc) {
			keys.Move(loc, w.place)
		})
		return true
	}
	if !evict {
		return false
	}
	seg := w.log.takeOldest()
	if seg == 0 {
		return false
	}
	w.Dropped.Add(1)
	w.walk(seg, func(loc store.Loc) {
		if keys.Evict(loc) {
			w.Evicted.Add(1)
		}
	})
	return true
}

func (w *Writer) place(size int) store.Loc {
	w.Moved.Add(1)
	return w.Alloc(size)
}

// walk visits the items of a segment that is out of the queue and then returns
// the segment to the arena. Owners may write to the items meanwhile; what
// visit needs beyond the key it reads under the lock of the item's shard.
func (w *Writer) walk(seg uint32, visit func(store.Loc)) {
	arena, s := w.log.arena, &w.log.segments[seg]
	if s.run {
		visit(arena.Loc(seg, 0))
	} else {
		for off := 0; off < int(s.size); {
			loc := arena.Loc(seg, off)
			it := arena.Item(loc)
			off += it.Size()
			if !it.IsFiller() {
				visit(loc)
			}
		}
	}
	w.log.give(seg)
}

// sparsest takes out of the queue the segment with the smallest share of live
// bytes among the next searchWidth, if that is at most share; 0 if there is
// none. A run of segments is one item and never sparse.
func (l *Log) sparsest(share float64) uint32 {
	l.mu.Lock()
	defer l.mu.Unlock()
	best, bestShare := uint32(0), share
	for range min(searchWidth, l.queued) {
		if l.cursor == 0 {
			l.cursor = l.oldest
		}
		s := &l.segments[l.cursor]
		if part := float64(s.live.Load()) / float64(s.size); !s.run && part <= bestShare {
			best, bestShare = l.cursor, part
		}
		l.cursor = s.next
	}
	if best != 0 {
		l.remove(best)
	}
	return best
}

func (l *Log) takeOldest() uint32 {
	l.mu.Lock()
	defer l.mu.Unlock()
	seg := l.oldest
	if seg != 0 {
		l.remove(seg)
	}
	return seg
}

// Usage is what a log holds, for reports.
type Usage struct {
	Segments  int   // sealed
	LiveBytes int64 // of items in sealed and open segments
}

// Usage adds up the segments. It walks the bookkeeping of all that were ever
// used, so it is for reports, not for requests.
func (l *Log) Usage() Usage {
	l.mu.Lock()
	u, top := Usage{Segments: l.queued}, l.top
	l.mu.Unlock()
	for seg := uint32(1); seg <= top; seg++ {
		u.LiveBytes += l.segments[seg].live.Load()
	}
	return u
}
