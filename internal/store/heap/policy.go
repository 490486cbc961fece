package heap

import "github.com/crucible-cache/crucible/internal/store"

// plan is a policy as this backend carries it out.
type plan struct {
	store.Policy

	// score is low for an item that should go, of those that were picked. A
	// policy that evicts and has none goes by the queues.
	score func(store.Entry) int64
}

// plans has the policies by name, the default first.
var plans = [...]plan{
	{store.Policy{Name: "s3fifo", Evicts: true, Track: store.TrackFew}, nil},
	{store.Policy{Name: "lfu", Evicts: true, Track: store.TrackFrequency}, byFrequency},
	{store.Policy{Name: store.Noeviction, Track: store.TrackIdle}, nil},
	{store.Policy{Name: "allkeys-lru", Evicts: true, Track: store.TrackIdle}, byRecency},
	{store.Policy{Name: "allkeys-lfu", Evicts: true, Track: store.TrackFrequency}, byFrequency},
	{store.Policy{Name: "allkeys-random", Evicts: true, Track: store.TrackIdle}, byNothing},
	{store.Policy{Name: "volatile-lru", Evicts: true, VolatileOnly: true, Track: store.TrackIdle}, byRecency},
	{store.Policy{Name: "volatile-lfu", Evicts: true, VolatileOnly: true, Track: store.TrackFrequency}, byFrequency},
	{store.Policy{Name: "volatile-random", Evicts: true, VolatileOnly: true, Track: store.TrackIdle}, byNothing},
	{store.Policy{Name: "volatile-ttl", Evicts: true, VolatileOnly: true, Track: store.TrackIdle}, byExpiry},
}

func byRecency(e store.Entry) int64   { return -e.IdleSec }
func byFrequency(e store.Entry) int64 { return int64(e.Frequency) }
func byExpiry(e store.Entry) int64    { return e.ExpireAt }
func byNothing(store.Entry) int64     { return 0 }

// Policies implements store.Backend.
func (h *Heap) Policies() []string {
	names := make([]string, len(plans))
	for i := range plans {
		names[i] = plans[i].Name
	}
	return names
}

// SetPolicy implements store.Backend.
func (h *Heap) SetPolicy(name string) (store.Policy, error) {
	for i := range plans {
		if p := &plans[i]; p.Name == name {
			h.plan.Store(p)
			return p.Policy, nil
		}
	}
	return store.Policy{}, store.ErrNoPolicy("heap", name, h.Policies())
}
