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

// policies by name, the default first.
var policies = []store.Policy{
	{Name: "fifo", Evicts: true, Track: store.TrackFrequency},
	{Name: "noeviction", Track: store.TrackFrequency},
}

// Policies implements store.Backend.
func (l *Log) Policies() []string {
	names := make([]string, len(policies))
	for i, p := range policies {
		names[i] = p.Name
	}
	return names
}

// SetPolicy implements store.Backend.
func (l *Log) SetPolicy(name string) (store.Policy, error) {
	for _, p := range policies {
		if p.Name == name {
			l.evicts.Store(p.Evicts)
			return p, nil
		}
	}
	return store.Policy{}, store.ErrNoPolicy("segment", name, l.Policies())
}

// Reclaim implements store.Writer: it empties one segment and returns it to the
// arena, moving what is live or, if the policy allows, evicting it.
func (w *Writer) Reclaim(int) bool {
	evict := w.log.evicts.Load()
	share := packShare
	if evict {
		share = cleanShare
	}
	if seg := w.log.sparsest(share); seg != 0 {
		w.counts.Cleaned.Add(1)
		w.walk(seg, w.move)
		return true
	}
	if !evict {
		return false
	}
	seg := w.log.takeOldest()
	if seg == 0 {
		return false
	}
	w.counts.Dropped.Add(1)
	w.walk(seg, w.drop)
	return true
}

func (w *Writer) move(e store.Entry) store.Fate {
	w.counts.Moved.Add(1)
	return store.Fate{Do: store.Move, To: w.Alloc(e.Size, store.Hint{ExpireAt: e.ExpireAt}), Frequency: e.Frequency}
}

func (w *Writer) drop(store.Entry) store.Fate {
	w.counts.Evicted.Add(1)
	return store.Fate{Do: store.Evict}
}

// walk visits the items of a segment that is out of the queue and then returns
// the segment to the arena: decide keeps none. Owners may write to the items
// meanwhile.
func (w *Writer) walk(seg uint32, decide func(store.Entry) store.Fate) {
	arena, s := w.log.arena, &w.log.segments[seg]
	if s.run {
		w.keys.Visit(arena.Loc(seg, 0), decide)
	} else {
		for off := 0; off < int(s.size); {
			loc := arena.Loc(seg, off)
			it := arena.Item(loc)
			off += it.Size()
			if !it.IsFiller() {
				w.keys.Visit(loc, decide)
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
