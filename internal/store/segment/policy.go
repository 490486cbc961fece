package segment

import "github.com/crucible-cache/crucible/internal/store"

// plan is a policy as this backend carries it out.
type plan struct {
	store.Policy
	layered bool // new items enter the admission layer

	// choose takes out of its queue what is to be evicted, with the lock held,
	// and sets up the pass over it. It reports false if there is nothing.
	choose func(w *Writer) bool
}

// plans has the policies by name, the default first.
var plans = [...]plan{
	{store.Policy{Name: "s3fifo", Evicts: true, Track: store.TrackFew}, true, (*Writer).chooseLayered},
	{store.Policy{Name: "fifo", Evicts: true, Track: store.TrackFew}, false, (*Writer).chooseOldest},
	{store.Policy{Name: "random", Evicts: true, Track: store.TrackIdle}, false, (*Writer).chooseAny},
	{store.Policy{Name: "cte", Evicts: true, Track: store.TrackIdle}, false, (*Writer).chooseSoonest},
	{store.Policy{Name: "merge", Evicts: true, Track: store.TrackFrequency}, false, (*Writer).chooseByFrequency},
	{store.Policy{Name: store.Noeviction, Track: store.TrackIdle}, false, nil},
	{store.Policy{Name: "allkeys-lru", Evicts: true, Track: store.TrackIdle}, false, (*Writer).chooseByRecency},
	{store.Policy{Name: "allkeys-lfu", Evicts: true, Track: store.TrackFrequency}, true, (*Writer).chooseFiltered},
	{store.Policy{Name: "allkeys-random", Evicts: true, Track: store.TrackIdle}, false, (*Writer).chooseAny},
	{store.Policy{Name: "volatile-lru", Evicts: true, VolatileOnly: true, Track: store.TrackIdle}, false, (*Writer).chooseByRecency},
	{store.Policy{Name: "volatile-lfu", Evicts: true, VolatileOnly: true, Track: store.TrackFrequency}, false, (*Writer).chooseByFrequency},
	{store.Policy{Name: "volatile-random", Evicts: true, VolatileOnly: true, Track: store.TrackIdle}, false, (*Writer).chooseAny},
	{store.Policy{Name: "volatile-ttl", Evicts: true, VolatileOnly: true, Track: store.TrackIdle}, false, (*Writer).chooseSoonest},
}

// Policies implements store.Backend.
func (l *Log) Policies() []string {
	names := make([]string, len(plans))
	for i := range plans {
		names[i] = plans[i].Name
	}
	return names
}

// SetPolicy implements store.Backend.
func (l *Log) SetPolicy(name string) (store.Policy, error) {
	for i := range plans {
		if p := &plans[i]; p.Name == name {
			l.plan.Store(p)
			return p.Policy, nil
		}
	}
	return store.Policy{}, store.ErrNoPolicy("segment", name, l.Policies())
}

// first returns the first TTL bucket that p may evict from.
func (p *plan) first() bucket {
	if p.VolatileOnly {
		return expiringBuckets
	}
	return noTTL
}
