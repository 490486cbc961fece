package keyspace

import (
	"github.com/crucible-cache/crucible/internal/index"
	"github.com/crucible-cache/crucible/internal/store"
)

// A scan cursor is a shard number above a position in its index. 0 begins a
// scan and ends it.
const cursorBits = 40

// scanEffort bounds how many buckets one Scan looks at for each item it was
// asked for, so that a scan of an almost empty database stays short.
const scanEffort = 64

// scanMost bounds how many items a Scan is asked for: more than there can be.
const scanMost = 1 << 48

// Scan visits at least count live items of db, if there are as many, from
// cursor on, and returns where to go on; 0 when all were visited. An item that
// is there from the first call of a walk to its last is visited. Items whose time is over are removed on the
// way, unless they are to stay. The worker holds no shard, or all. visit runs under the lock of the item's shard and
// must not write.
func (w *Worker) Scan(db int, cursor uint64, count int, visit func(Item)) uint64 {
	n, pos := int(cursor>>cursorBits), cursor&(1<<cursorBits-1)
	count = min(count, scanMost)
	seen, effort := 0, count*scanEffort+Shards
	keeps := w.ks.Keeps()
	var due [dueMost]store.Loc
	for n < Shards {
		w.withShard(n, func(s *shard) {
			for t := w.ks.table(n, db); pos < index.ScanEnd && seen < count && effort > 0; effort-- {
				if t == nil {
					pos = index.ScanEnd
					return
				}
				over := due[:0]
				pos = t.Scan(pos, func(slot index.Slot) {
					loc := store.Loc(slot.Place())
					it := w.ks.arena.Item(loc)
					switch {
					case !slot.Expiring() || !w.expired(it):
						seen++
						visit(Item{it, slot.Use()})
					case !keeps && len(over) < len(due):
						over = append(over, loc)
					}
				})
				w.removeOver(s, t, db, over)
			}
		})
		if pos < index.ScanEnd {
			return uint64(n)<<cursorBits | pos
		}
		n, pos = n+1, 0
		if seen >= count || effort <= 0 {
			break
		}
	}
	if n >= Shards {
		return 0
	}
	return uint64(n) << cursorBits
}

// Each visits every live item of db, shard by shard, until visit returns false.
// The worker holds no shard, or all; visit runs under the lock of the item's
// shard and must not write.
func (w *Worker) Each(db int, visit func(Item) bool) {
	more := true
	for n := 0; n < Shards && more; n++ {
		w.withShard(n, func(s *shard) {
			t := w.ks.table(n, db)
			if t == nil {
				return
			}
			for pos := uint64(0); pos < index.ScanEnd && more; {
				pos = t.Scan(pos, func(slot index.Slot) {
					it := w.ks.arena.Item(store.Loc(slot.Place()))
					if more && (!slot.Expiring() || !w.expired(it)) {
						more = visit(Item{it, slot.Use()})
					}
				})
			}
		})
	}
}

// Random returns a copy of the name of some live key of db, or of one whose time is
// over if there are no others and none may be removed. The worker holds no shard, or all.
func (w *Worker) Random(db int) (name []byte, ok bool) {
	if name, ok = w.randomAmong(db, false); !ok && w.ks.Keeps() {
		name, ok = w.randomAmong(db, true)
	}
	return name, ok
}

func (w *Worker) randomAmong(db int, over bool) (name []byte, ok bool) {
	start := w.random()
	for i := range Shards {
		n := (int(start%Shards) + i) % Shards
		w.withShard(n, func(s *shard) {
			if t := w.ks.table(n, db); t != nil {
				name, ok = w.randomIn(t, over)
			}
		})
		if ok {
			return name, true
		}
	}
	return nil, false
}

// randomIn picks a live item of a random bucket, or of the first bucket after
// it that has one. With over it is one whose time is over.
func (w *Worker) randomIn(t *table, over bool) (name []byte, ok bool) {
	from := w.random() % index.ScanEnd
	picks := uint64(0)
	collect := func(slot index.Slot) {
		it := w.ks.arena.Item(store.Loc(slot.Place()))
		if (slot.Expiring() && w.expired(it)) != over {
			return
		}
		if picks++; w.random()%picks == 0 {
			name, ok = append(name[:0], it.Name()...), true
		}
	}
	for pos := from; pos < index.ScanEnd && !ok; {
		pos = t.Scan(pos, collect)
	}
	for pos := uint64(0); pos < from && !ok; {
		pos = t.Scan(pos, collect)
	}
	return name, ok
}

// random returns the next number of the worker's xorshift generator, which
// serves sampling, not secrets.
func (w *Worker) random() uint64 {
	w.rand ^= w.rand << 13
	w.rand ^= w.rand >> 7
	w.rand ^= w.rand << 17
	return w.rand
}
