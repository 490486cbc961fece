package keyspace

import (
	"github.com/crucible-cache/crucible/internal/index"
	"github.com/crucible-cache/crucible/internal/store"
)

// Options says what a write stores besides the value.
type Options struct {
	ExpireAt int64  // unix ms; 0 = never
	KeepTTL  bool   // keep the expiry of the item that is replaced
	Flags    uint32 // Memcached's client flags
	CAS      uint64 // Memcached's unique number; 0 = assigned when asked for

	Type     Type
	Encoding Encoding // of the type
}

func (o Options) meta(old store.Item, exists bool) store.Meta {
	m := store.Meta{
		ExpireAt: o.ExpireAt, Flags: o.Flags, CAS: o.CAS,
		Type: o.Type, Encoding: o.Encoding,
	}
	if o.KeepTTL && exists {
		m.ExpireAt = old.ExpireAt()
	}
	return m
}

// Set stores value under k, whatever was there. value may be any memory, also
// the item's own old value or another's. k's shard is locked.
func (w *Worker) Set(db int, k Key, value []byte, o Options) {
	slot, old, exists := w.live(db, k)
	w.recount(db, k, old, exists, o, value)
	w.write(db, k, slot, old, exists, o.meta(old, exists), value, len(value))
}

// recount counts a value in place of the one that k has.
func (w *Worker) recount(db int, k Key, old store.Item, exists bool, o Options, value []byte) {
	if o.Type == TypeHash || exists && old.Type() == TypeHash {
		w.countReplaced(db, k, old, exists, o, value)
	}
	w.resized(db, k, old, exists, o.Type, sizeOf(o.Type, o.Encoding, value))
}

// Resize gives the item of k, a string, a value of n bytes and new meta data, and returns
// the value for the caller to write to before it unlocks: the old bytes as far
// as they go, then zeros. k's shard is locked and it is k's item.
func (w *Worker) Resize(db int, k Key, it Item, n int, o Options) []byte {
	w.Stats.Changes.Add(1)
	w.touch(&w.ks.shards[k.shard()], db, k)
	return w.Edit(db, k, n, o)
}

// Edit is Resize for a command that is yet to find out whether it changes the string, or makes
// one: who watches k is told by Touched, and nobody if that isn't called. k's shard is locked.
func (w *Worker) Edit(db int, k Key, n int, o Options) []byte {
	slot, old, exists := w.live(db, k)
	var was []byte
	if exists {
		was = old.Value()
		was = was[:min(n, len(was))]
	}
	w.resized(db, k, old, exists, o.Type, n)
	value := w.put(db, k, slot, old, exists, o.meta(old, exists), was, n)
	clear(value[len(was):])
	return value
}

// SetExpire sets when the item of k expires, in unix milliseconds; 0 = never.
// k's shard is locked and it is k's item.
func (w *Worker) SetExpire(db int, k Key, it Item, at int64) {
	m := it.Meta()
	m.ExpireAt = at
	w.rewrite(db, k, m)
}

// CAS returns the unique number of k's item. An item has none until it is
// asked for, so a cache whose clients never ask pays nothing for it: a write
// leaves it without, and one that never had a number can't equal one that a
// client holds.
func (w *Worker) CAS(db int, k Key, it Item) uint64 {
	if n := it.CAS(); n != 0 {
		return n
	}
	m := it.Meta()
	m.CAS = w.NextCAS()
	// Nothing changes that a client of the other protocol sees, so nobody who
	// watches the key is told.
	if slot, old, exists := w.live(db, k); exists {
		was := old.Value()
		w.put(db, k, slot, old, exists, m, was, len(was))
	}
	return m.CAS
}

// casBlock is how many unique numbers a worker takes from the common counter
// at a time.
const casBlock = 1024

// NextCAS returns a number that no other item has or had.
func (w *Worker) NextCAS() uint64 {
	if w.casNext == w.casEnd {
		w.casEnd = w.ks.casBlock.Add(casBlock)
		w.casNext = w.casEnd - casBlock
	}
	w.casNext++
	return w.casNext
}

// rewrite gives the item of k other meta data and leaves its value.
func (w *Worker) rewrite(db int, k Key, m store.Meta) {
	slot, old, exists := w.live(db, k)
	if !exists {
		return
	}
	was := old.Value()
	w.write(db, k, slot, old, exists, m, was, len(was))
}

// write makes k's item one with meta m and a value of n bytes that begins with
// src, in place if it fits, and returns the memory of the value. What follows
// src in it is not cleared.
func (w *Worker) write(db int, k Key, slot index.Slot, old store.Item, exists bool, m store.Meta, src []byte, n int) []byte {
	w.touch(&w.ks.shards[k.shard()], db, k)
	if m.Type == TypeString {
		w.Stats.Changes.Add(1)
	}
	return w.put(db, k, slot, old, exists, m, src, n)
}

// put is write without telling who watches k.
func (w *Worker) put(db int, k Key, slot index.Slot, old store.Item, exists bool, m store.Meta, src []byte, n int) []byte {
	m.Table, m.Epoch = w.ks.number[db], w.ks.epoch
	if exists && old.Epoch() != m.Epoch {
		w.preserve(k, old)
	}
	t := w.ks.reach(k.shard(), db)
	expires := m.ExpireAt != 0
	if exists && slot.Expiring() {
		t.expires--
	}
	if expires {
		t.expires++
	}
	if m.Encoding == EncodingPackTTL && m.Type == TypeHash && !(exists && old.Type() == TypeHash && old.Encoding() == EncodingPackTTL) {
		w.ks.shards[k.shard()].note(k.hash, m.Table)
	}
	if exists {
		w.use(slot)
		if !drops(old, m, src) {
			return w.replace(k, slot, old, m, src, n)
		}
		// What is copied may be memory of the object that goes.
		o := w.detach(k.hash, old)
		value := w.replace(k, slot, old, m, src, n)
		w.ks.reaper.take(o)
		return value
	}
	w.created(db, k)
	use, ghost := t.Exhume(k.hash)
	if !ghost || w.ks.tracking() != store.TrackFrequency {
		use = w.fresh(w.ks.tracking())
	}
	loc, value := w.place(k, m, src, n, ghost)
	t.Insert(k.hash, uint64(loc), expires, use)
	return value
}

// replace is write for a key that exists.
func (w *Worker) replace(k Key, slot index.Slot, old store.Item, m store.Meta, src []byte, n int) []byte {
	loc, size := store.Loc(slot.Place()), old.Size()
	if old.Accepts(m) {
		if to := old.SizeWith(n); to == size || w.ks.backend.Resize(loc, size, to) {
			old.Rewrite(m, n)
			slot.SetPlace(uint64(loc), m.ExpireAt != 0)
			value := old.Value()
			copy(value, src)
			return value
		}
	}
	to, value := w.place(k, m, src, n, false)
	slot.SetPlace(uint64(to), m.ExpireAt != 0)
	// Only now: the old value may be what was copied, and its segment may go
	// with it.
	w.ks.backend.Free(loc, size)
	return value
}

// place lays out a new item. ghost says that the key was evicted not long ago.
func (w *Worker) place(k Key, m store.Meta, src []byte, n int, ghost bool) (store.Loc, []byte) {
	w.wrote = true
	f := m.Fields()
	loc := w.store.Alloc(store.Size(f, len(k.Name), n), store.Hint{NowMS: w.NowMS, ExpireAt: m.ExpireAt, Ghost: ghost})
	it := w.ks.arena.Item(loc)
	it.Format(f, m, k.Name, n)
	value := it.Value()
	copy(value, src)
	return loc, value
}

// Delete removes k and reports whether it was there. k's shard is locked.
func (w *Worker) Delete(db int, k Key) bool {
	slot, it, ok := w.live(db, k)
	if !ok {
		return false
	}
	s := &w.ks.shards[k.shard()]
	w.Stats.Changes.Add(1)
	if it.Epoch() != w.ks.epoch {
		w.preserve(k, it)
	}
	w.remove(s, w.ks.table(k.shard(), db), db, k, slot, it)
	return true
}

// remove takes an item out of the index and frees it.
func (w *Worker) remove(s *shard, t *table, db int, k Key, slot index.Slot, it store.Item) {
	w.touch(s, db, k)
	w.drop(t, k.hash, slot, it)
}

func (w *Worker) drop(t *table, hash uint64, slot index.Slot, it store.Item) {
	loc, size := store.Loc(slot.Place()), it.Size()
	w.unlink(t, hash, slot, false)
	w.ks.backend.Free(loc, size)
}

// unlink takes an entry out of the index, and leaves a ghost if asked to.
func (w *Worker) unlink(t *table, hash uint64, slot index.Slot, ghost bool) {
	if slot.Expiring() {
		t.expires--
	}
	it := w.ks.arena.Item(store.Loc(slot.Place()))
	t.sizes.count(it.Type(), sizeOf(it.Type(), it.Encoding(), it.Value()), -1)
	if it.Type() == TypeHash && w.ks.hasTimed(&w.ks.shards[Key{hash: hash}.shard()], it.Type(), it.Encoding(), it.Value()) {
		t.timed--
	}
	if it.Encoding() == EncodingObject {
		w.ks.reaper.take(w.detach(hash, it))
	}
	if ghost {
		t.Bury(hash, slot)
	} else {
		t.Remove(hash, slot)
	}
}
