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

// SetForeign tells how many resident bytes the process has outside offheap:
// the Go runtime's and its own text and data.
func (ks *Keyspace) SetForeign(n int64) {
	ks.foreign.Store(n)
	ks.divide()
}

// divide gives to the items what maxmemory leaves after everything else.
func (ks *Keyspace) divide() {
	ks.divided.Store(ks.collections())
	other := ks.foreign.Load() + offheap.Total() - offheap.Resident(offheap.Items) - ks.reaper.bytes.Load()
	ks.arena.SetLimit(ks.maxmemory.Load() - other)
}

// Prepare makes room for a write of about n bytes, evicting if the policy may.
// No shard is locked. What a command writes beyond n is borrowed.
func (w *Worker) Prepare(n int) error {
	if w.store.Fits(n) && !w.ks.arena.Short() {
		return nil
	}
	return w.makeRoom(n)
}

// Settle pays back what was borrowed under locks. No shard is locked. Where
// nothing may be evicted the debt stays, and the next Prepare refuses.
func (w *Worker) Settle() {
	if w.wrote {
		w.wrote = false
		w.store.Ahead()
	}
	w.ks.arena.Drain()
	if w.preserved {
		w.preserved = false
		w.awaitSnapshot()
	}
	if w.ks.reaper.some.Load() {
		w.ks.reaper.reap()
	}
	if grown := w.ks.collections() - w.ks.divided.Load(); grown > divideStep || grown < -divideStep {
		w.ks.divide()
	}
	if w.ks.arena.Short() {
		_ = w.makeRoom(0)
	}
}

// divideStep is by how many bytes collections may grow or shrink before the
// share of the items is worked out again.
const divideStep = 256 << 10

// reclaims bounds how many segments one request empties for the sake of
// others: it pays for its own bytes, and if memory was lowered meanwhile, for a
// share of that; ticks do the rest. If all that was in vain, memory is full.
const reclaims = 64

func (w *Worker) makeRoom(n int) error {
	if n == 0 && w.ks.Frozen() {
		return nil
	}
	w.ks.divide()
	most := w.ks.arena.Limit()
	if w.ks.Evicts() {
		most += max(w.ks.collections(), 0)
	}
	if int64(n) > most {
		return ErrOutOfMemory // were it all evicted, it would not fit
	}
	need := int64(max(n, w.ks.arena.SegmentSize()))
	if n == 0 {
		need = 0
	}
	before := w.ks.arena.Room()
	for done := 0; w.ks.arena.Room() < need; done++ {
		if done >= reclaims && n <= w.ks.arena.SegmentSize() {
			if p := w.ks.Policy(); (!p.Evicts || p.VolatileOnly) && w.ks.arena.Room() <= before {
				return ErrOutOfMemory
			}
			break
		}
		if !w.evict() {
			return ErrOutOfMemory
		}
		if n > 0 && w.store.Fits(n) && !w.ks.arena.Short() {
			return nil
		}
		w.ks.divide()
	}
	return nil
}

// collections returns what large collections hold, those that are about to be
// freed left out.
func (ks *Keyspace) collections() int64 { return ks.heap.Bytes() - ks.reaper.bytes.Load() }

// evict empties a segment or evicts a collection, whichever chance picks by
// their weight, or does the other if that has nothing to give.
func (w *Worker) evict() bool {
	defer w.ks.arena.Drain()
	objects := uint64(max(w.ks.collections(), 0))
	if objects == 0 || !w.ks.Evicts() {
		return w.store.Reclaim(0)
	}
	if w.random()%(objects+uint64(w.ks.arena.Used())) < objects {
		return w.evictObject() || w.store.Reclaim(0)
	}
	return w.store.Reclaim(0) || w.evictObject()
}

// Memory is what the stores hold, for INFO and the metrics.
type Memory struct {
	Segments    int   // in use
	Limit       int64 // bytes the items may take
	Used        int64 // bytes taken by segments
	Spare       int64 // bytes of free segments that wait for their next use
	LiveBytes   int64 // bytes of items in them that can still be read
	Collections int64 // bytes of large collections
}

// Memory reports on the stores.
func (ks *Keyspace) Memory() Memory {
	u := ks.backend.Usage()
	return Memory{
		Segments: u.Segments, Limit: ks.arena.Limit(),
		Used: ks.arena.Used(), Spare: ks.arena.Spare(), LiveBytes: u.LiveBytes, Collections: ks.heap.Bytes(),
	}
}

// Dying returns how many large collections were deleted and are still to be
// freed.
func (ks *Keyspace) Dying() int {
	ks.reaper.mu.Lock()
	defer ks.reaper.mu.Unlock()
	return len(ks.reaper.waiting)
}

// Purge gives back to the system what is kept for the next use. Any thread may
// call it.
func (ks *Keyspace) Purge() {
	ks.arena.Trim(0)
	ks.heap.Trim()
}

// Weight returns the bytes of memory that an item takes: its share of a segment
// or its chunk, its entry in the index, and its object. k's shard is locked and
// it is k's item.
func (w *Worker) Weight(k Key, it Item) int64 {
	n := int64(w.ks.backend.Takes(it.Size()) + index.EntryBytes)
	if it.Encoding() == EncodingObject {
		n += w.Object(k, it).Bytes()
	}
	return n
}

// IndexBytes returns the memory of the index of db.
func (w *Worker) IndexBytes(db int) (n int64) {
	w.eachTable(db, func(t *table) { n += int64(t.Bytes()) })
	return n
}

// Classes reports on the size classes of the backend, if it has any.
func (ks *Keyspace) Classes() []store.Class {
	if b, ok := ks.backend.(store.Classified); ok {
		return b.Classes()
	}
	return nil
}
