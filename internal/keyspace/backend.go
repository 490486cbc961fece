package keyspace

import (
	"fmt"
	"slices"

	"github.com/crucible-cache/crucible/internal/index"
	"github.com/crucible-cache/crucible/internal/store"
	"github.com/crucible-cache/crucible/internal/store/heap"
	"github.com/crucible-cache/crucible/internal/store/segment"
	"github.com/crucible-cache/crucible/internal/store/slab"
)

// backends makes each backend that there is, by name, the default first.
var backends = []struct {
	name string
	open func(*store.Arena, Config) store.Backend
}{
	{"segment", func(a *store.Arena, c Config) store.Backend {
		return segment.New(a, segment.Options{SmallQueuePercent: c.SmallQueuePercent})
	}},
	{"slab", func(a *store.Arena, c Config) store.Backend {
		return slab.New(a, slab.Options{GrowthPercent: c.SlabGrowthPercent})
	}},
	{"heap", func(a *store.Arena, c Config) store.Backend {
		return heap.New(a, heap.Options{SmallQueuePercent: c.SmallQueuePercent})
	}},
}

// Backends lists the names of the backends, the default first.
func Backends() []string {
	names := make([]string, len(backends))
	for i, b := range backends {
		names[i] = b.name
	}
	return names
}

// openBackend makes the backend that c names, with its policy.
func (ks *Keyspace) openBackend(c Config) error {
	if c.Backend == "" {
		c.Backend = backends[0].name
	}
	i := slices.Index(Backends(), c.Backend)
	if i < 0 {
		return fmt.Errorf("backend %q does not exist", c.Backend)
	}
	ks.backend = backends[i].open(ks.arena, c)
	if c.Policy == "" {
		c.Policy = store.Noeviction
	}
	return ks.SetPolicy(c.Policy)
}

// SetPolicy chooses what is evicted when memory is full, at once and for what
// is already stored too. The error names the policies that the backend has.
// Any thread may call it.
func (ks *Keyspace) SetPolicy(name string) error {
	p, err := ks.backend.SetPolicy(name)
	if err == nil {
		ks.policy.Store(&p)
		ks.track.Store(uint32(p.Track))
	}
	return err
}

func (ks *Keyspace) tracking() store.Tracking { return store.Tracking(ks.track.Load()) }

// TracksIdle reports whether the policy has it remembered when an item was used,
// not how often on Redis' scale.
func (ks *Keyspace) TracksIdle() bool { return ks.tracking() != store.TrackFrequency }

// Policy returns the policy in force.
func (ks *Keyspace) Policy() store.Policy { return *ks.policy.Load() }

// Policies lists the names that SetPolicy takes, the default first.
func (ks *Keyspace) Policies() []string { return ks.backend.Policies() }

// Evicts reports whether keys are evicted when memory is full.
func (ks *Keyspace) Evicts() bool { return ks.policy.Load().Evicts }

// Visit implements store.Keys.
func (w *Worker) Visit(loc store.Loc, decide func(store.Entry) store.Fate) {
	it := w.ks.arena.Item(loc)
	k := w.Key(it.Name())
	s := &w.ks.shards[k.shard()]
	s.lock.Lock()
	defer s.lock.Unlock()
	t := w.ks.numbered(k.shard(), it.Table())
	if t == nil {
		return
	}
	for c, ok := t.Candidates(k.hash), true; ok; c, ok = t.Behind(c, k.hash) {
		for ; c.Any(); c = c.Rest() {
			if slot := c.First(); slot.Place() == uint64(loc) {
				w.visit(s, t, k, slot, it, decide)
				return
			}
		}
	}
}

// Sample implements store.Keys: it shows the items of a bucket picked at random.
func (w *Worker) Sample(ask func(store.Entry)) {
	from := int(w.random() >> 1)
	n := int(w.random() % Shards)
	w.withShard(n, func(*shard) {
		for i := range w.ks.databases {
			t := w.ks.numbered(n, uint8((from+i)%len(w.ks.databases)))
			if t == nil || t.Len() == 0 {
				continue
			}
			t.Scan(w.random()%index.ScanEnd, func(slot index.Slot) {
				ask(w.entry(slot, w.ks.arena.Item(store.Loc(slot.Place()))))
			})
			return
		}
	})
}

// entry is an item as a backend sees it.
func (w *Worker) entry(slot index.Slot, it store.Item) store.Entry {
	key, at := len(it.Name()), it.ExpireAt()
	return store.Entry{
		Item: it, Size: store.Size(it.Meta().Fields(), key, it.Len()),
		ExpireAt: at, Frequency: w.frequency(slot.Use()), IdleSec: w.idleSec(slot.Use()),
	}
}

// visit does to an item what decide says. Its shard is locked.
func (w *Worker) visit(s *shard, t *table, k Key, slot index.Slot, it store.Item, decide func(store.Entry) store.Fate) {
	if slot.Expiring() && w.expired(it) {
		w.Stats.Expired.Add(1)
		w.eventIn(ExpiredEvent, "expired", it.Table(), k)
		w.touchTable(s, it.Table(), k)
		w.lostIn(s, it.Table(), k, false)
		w.drop(t, k.hash, slot, it)
		return
	}
	m, size, loc := it.Meta(), it.Size(), store.Loc(slot.Place())
	f := m.Fields()
	switch fate := decide(w.entry(slot, it)); fate.Do {
	case store.Evict:
		w.eventIn(EvictedEvent, "evicted", it.Table(), k)
		w.touchTable(s, it.Table(), k)
		w.lostIn(s, it.Table(), k, true)
		w.unlink(t, k.hash, slot, fate.Ghost)
		w.ks.backend.Free(loc, size)
	case store.Move:
		to := w.ks.arena.Item(fate.To)
		to.Format(f, m, k.Name, it.Len())
		copy(to.Value(), it.Value())
		slot.SetPlace(uint64(fate.To), m.ExpireAt != 0)
		slot.SetUse(w.withFrequency(slot.Use(), fate.Frequency))
		w.ks.backend.Free(loc, size)
	case store.Keep:
		slot.SetUse(w.withFrequency(slot.Use(), fate.Frequency))
	}
}
