package keyspace

import (
	"errors"

	"github.com/crucible-cache/crucible/internal/index"
	"github.com/crucible-cache/crucible/internal/offheap"
	"github.com/crucible-cache/crucible/internal/store"
)

// ErrOutOfMemory says that memory is full and nothing may be evicted.
var ErrOutOfMemory = errors.New("keyspace: memory is full")

// Maxmemory returns how many bytes the process may hold resident.
func (ks *Keyspace) Maxmemory() int64 { return ks.maxmemory.Load() }

// SetMaxmemory changes how many bytes the process may hold resident. Workers
// evict down to it when they next prepare a write or tick.
func (ks *Keyspace) SetMaxmemory(n int64) {
	ks.maxmemory.Store(n)
	ks.divide()
}

// Evicts reports whether keys are evicted when memory is full.
func (ks *Keyspace) Evicts() bool { return ks.evict.Load() }

// SetEvict says whether keys are evicted when memory is full, or writes refused.
func (ks *Keyspace) SetEvict(yes bool) { ks.evict.Store(yes) }

// SetForeign tells how many resident bytes the process has outside offheap:
// the Go runtime's and its own text and data.
func (ks *Keyspace) SetForeign(n int64) {
	ks.foreign.Store(n)
	ks.divide()
}

// divide gives to the items what maxmemory leaves after everything else.
func (ks *Keyspace) divide() {
	other := ks.foreign.Load() + offheap.Total() - offheap.Resident(offheap.Items)
	ks.arena.SetLimit(ks.maxmemory.Load() - other)
}

// Prepare makes room for a write of about n bytes, evicting if that is allowed.
// No shard is locked. What a command writes beyond n is borrowed.
func (w *Worker) Prepare(n int) error {
	if w.log.Fits(n) && !w.ks.arena.Short() {
		return nil
	}
	return w.makeRoom(n)
}

// Settle pays back what was borrowed under locks. No shard is locked. Where
// nothing may be evicted the debt stays, and the next Prepare refuses.
func (w *Worker) Settle() {
	if w.ks.arena.Short() {
		_ = w.makeRoom(0)
	}
}

// reclaims bounds how many segments one request empties for the sake of
// others: it pays for its own bytes, and if memory was lowered meanwhile, for a
// share of that; ticks do the rest.
const reclaims = 64

func (w *Worker) makeRoom(n int) error {
	w.ks.divide()
	need := int64(max(n, w.ks.arena.SegmentSize()))
	if n == 0 {
		need = 0
	}
	for done := 0; w.ks.arena.Room() < need; done++ {
		if done >= reclaims && n <= w.ks.arena.SegmentSize() {
			break
		}
		if !w.log.Reclaim(w, w.ks.evict.Load()) {
			return ErrOutOfMemory
		}
		w.ks.divide()
	}
	return nil
}

// Evict removes the item at loc if it is still indexed there.
func (w *Worker) Evict(loc store.Loc) (evicted bool) {
	w.entryAt(loc, func(s *shard, t *table, k Key, slot index.Slot, it store.Item) {
		s.touchTable(w.ks, it.Table(), k)
		w.drop(t, k.hash, slot, it)
		evicted = true
	})
	return evicted
}

// Move copies the item at loc to where place says, if it is still indexed there.
func (w *Worker) Move(loc store.Loc, place func(size int) store.Loc) {
	w.entryAt(loc, func(_ *shard, t *table, k Key, slot index.Slot, it store.Item) {
		if slot.Expiring() && w.expired(it) {
			w.Stats.Expired.Add(1)
			w.drop(t, k.hash, slot, it)
			return
		}
		size := it.Size()
		to := place(size)
		w.ks.arena.Item(to).CopyFrom(it, size)
		slot.SetPlace(uint64(to), slot.Expiring())
		w.ks.log.Free(loc, size)
	})
}

// entryAt runs do with the shard locked of the item that lies, or lay, at loc,
// if its entry in the index still leads there.
func (w *Worker) entryAt(loc store.Loc, do func(*shard, *table, Key, index.Slot, store.Item)) {
	it := w.ks.arena.Item(loc)
	k := w.Key(it.Name())
	s := &w.ks.shards[k.shard()]
	s.lock.Lock()
	defer s.lock.Unlock()
	t := s.tables[it.Table()]
	if t == nil {
		return
	}
	p := t.Probe(k.hash)
	for {
		slot, ok := p.Next()
		if !ok {
			return
		}
		if slot.Place() == uint64(loc) {
			do(s, t, k, slot, it)
			return
		}
	}
}

// Memory is what the stores hold, for INFO and the metrics.
type Memory struct {
	Segments  int   // in use
	Limit     int64 // bytes the items may take
	Used      int64 // bytes taken by segments
	LiveBytes int64 // bytes of items in them that can still be read
}

// Memory reports on the stores.
func (ks *Keyspace) Memory() Memory {
	u := ks.log.Usage()
	return Memory{
		Segments: u.Segments, Limit: ks.arena.Limit(),
		Used: ks.arena.Used(), LiveBytes: u.LiveBytes,
	}
}
