package slab

import "github.com/crucible-cache/crucible/internal/store"

// plan is a policy as this backend carries it out.
type plan struct {
	store.Policy

	// hold holds the slab to evict from, 0 if there is none.
	hold func(*Writer) uint32

	// score is low for an item that should go, for hold to compare slabs by.
	score func(store.Entry) int64
}

// plans has the policies by name, the default first.
var plans = [...]plan{
	{store.Policy{Name: "lra", Evicts: true, Track: store.TrackIdle}, (*Writer).holdLowest, byRecency},
	{store.Policy{Name: "lrc", Evicts: true, Track: store.TrackIdle}, (*Writer).holdOldest, nil},
	{store.Policy{Name: "random", Evicts: true, Track: store.TrackIdle}, (*Writer).holdAny, nil},
	{store.Policy{Name: "none", Track: store.TrackIdle}, nil, nil},
	{store.Policy{Name: store.Noeviction, Track: store.TrackIdle}, nil, nil},
	{store.Policy{Name: "allkeys-lru", Evicts: true, Track: store.TrackIdle}, (*Writer).holdLowest, byRecency},
	{store.Policy{Name: "allkeys-lfu", Evicts: true, Track: store.TrackFrequency}, (*Writer).holdLowest, byFrequency},
	{store.Policy{Name: "allkeys-random", Evicts: true, Track: store.TrackIdle}, (*Writer).holdAny, nil},
	{store.Policy{Name: "volatile-lru", Evicts: true, VolatileOnly: true, Track: store.TrackIdle}, (*Writer).holdLowest, byRecency},
	{store.Policy{Name: "volatile-lfu", Evicts: true, VolatileOnly: true, Track: store.TrackFrequency}, (*Writer).holdLowest, byFrequency},
	{store.Policy{Name: "volatile-random", Evicts: true, VolatileOnly: true, Track: store.TrackIdle}, (*Writer).holdLowest, byNothing},
	{store.Policy{Name: "volatile-ttl", Evicts: true, VolatileOnly: true, Track: store.TrackIdle}, (*Writer).holdLowest, byExpiry},
}

func byRecency(e store.Entry) int64   { return -e.IdleSec }
func byFrequency(e store.Entry) int64 { return int64(e.Frequency) }
func byExpiry(e store.Entry) int64    { return e.ExpireAt }
func byNothing(store.Entry) int64     { return 0 }

// Policies implements store.Backend.
func (s *Slabs) Policies() []string {
	names := make([]string, len(plans))
	for i := range plans {
		names[i] = plans[i].Name
	}
	return names
}

// SetPolicy implements store.Backend.
func (s *Slabs) SetPolicy(name string) (store.Policy, error) {
	for i := range plans {
		if p := &plans[i]; p.Name == name {
			s.plan.Store(p)
			return p.Policy, nil
		}
	}
	return store.Policy{}, store.ErrNoPolicy("slab", name, s.Policies())
}

func (w *Writer) holdOldest() uint32 { return w.slabs.HoldOldest() }
func (w *Writer) holdAny() uint32    { return w.slabs.HoldAny(w.random()) }

// Of sampleSlabs slabs picked at random that which is lowest, judged by sampleItems
// items of each, is evicted.
const (
	sampleSlabs = 16
	sampleItems = 16
)

// holdLowest holds the slab with the lowest average score.
func (w *Writer) holdLowest() uint32 {
	p := w.slabs.plan.Load()
	var sum, n, lowest int64
	ask := func(e store.Entry) store.Fate {
		if !p.VolatileOnly || e.ExpireAt != 0 {
			sum += p.score(e)
			n++
		}
		return store.Fate{Do: store.Keep, Frequency: e.Frequency}
	}
	var candidates [sampleSlabs]uint32
	best := uint32(0)
	for i := range candidates {
		seg := w.slabs.HoldAny(w.random())
		if seg == 0 {
			break
		}
		candidates[i] = seg
		sum, n = 0, 0
		w.slabs.Sample(seg, w.random(), sampleItems, func(loc store.Loc) { w.keys.Visit(loc, ask) })
		if n == 0 {
			continue // of what was there nothing is left, or nothing may go
		}
		if score := sum / n; best == 0 || score < lowest {
			best, lowest = seg, score
		}
	}
	for _, seg := range candidates {
		if seg != 0 && seg != best {
			w.slabs.Release(seg)
		}
	}
	return best
}
