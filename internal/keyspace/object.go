package keyspace

import (
	"encoding/binary"
	"sync/atomic"
	"time"

	"github.com/crucible-cache/crucible/internal/index"
	"github.com/crucible-cache/crucible/internal/object"
	"github.com/crucible-cache/crucible/internal/spinlock"
	"github.com/crucible-cache/crucible/internal/store"
)

// The types of collections.
const (
	TypeList      = store.TypeList
	TypeSet       = store.TypeSet
	TypeZSet      = store.TypeZSet
	TypeHash      = store.TypeHash
	TypeStream    = store.TypeStream
	TypeVectorSet = store.TypeVectorSet
)

// Encoding is how a value lies in its item. A small collection is packed bytes
// that are the item's value, with spare room behind them perhaps; of a large one
// the value is a handle, which leads to an object of the key's shard.
type Encoding = store.Encoding

// The encodings of strings: what Redis would call theirs.
const (
	EncodingAuto Encoding = iota // int, embstr or raw, by the look of the value
	EncodingText                 // not int, though it may look like one
	EncodingRaw                  // raw, though it may be short: it was built in place
)

// The encodings of collections.
const (
	EncodingPack    Encoding = iota // a listpack
	EncodingIntset                  // sorted integers, of a set
	EncodingPackTTL                 // a listpack of field, value, expiry
	EncodingObject  Encoding = 7    // a handle
)

// objects are the large collections of a shard. A handle is a position in list.
type objects struct {
	list  []holding
	spare []uint32
}

// holding is an object and what leads back to its key.
type holding struct {
	object object.Object
	hash   uint64
	table  uint8
	of     Type
}

// The value of an item of EncodingObject: the handle, and behind it where a request to
// either end of the object will go, or what leads to an element, as far as somebody has noted that.
const (
	handleBytes = 4
	leadBytes   = 8
	objectBytes = handleBytes + 2*leadBytes
)

// hold enters an object of k and returns its handle.
func (s *shard) hold(o object.Object, hash uint64, table uint8, of Type) uint32 {
	if s.objects == nil {
		s.objects = &objects{}
	}
	h, all := holding{o, hash, table, of}, s.objects
	if n := len(all.spare); n > 0 {
		handle := all.spare[n-1]
		all.spare = all.spare[:n-1]
		all.list[handle] = h
		return handle
	}
	all.list = append(all.list, h)
	return uint32(len(all.list) - 1)
}

func handleOf(it store.Item) uint32 { return binary.LittleEndian.Uint32(it.Value()) }

// Heap is where the elements of large collections lie.
func (w *Worker) Heap() *object.Heap { return w.ks.heap }

// Object returns the object of an item of EncodingObject. k's shard is locked
// and it is k's item.
func (w *Worker) Object(k Key, it Item) object.Object {
	return w.ks.shards[k.shard()].objects.list[handleOf(it.Item)].object
}

// SetObject makes o, which no other item has, the value of k, and frees what was
// there before. The expiry of k stays if o says so. k's shard is locked.
func (w *Worker) SetObject(db int, k Key, o object.Object, opt Options) {
	value := w.handle(db, k, o, opt.Type)
	opt.Encoding = EncodingObject
	w.Set(db, k, value[:], opt)
	w.entered(db, k, o)
}

// Enlarge makes o, which holds what the small collection at k does, the value of k. That is no
// change of what the key holds, nor a use of it: nobody who watches it is told. There may be no
// such key as yet, which is one of that type then. k's shard is locked.
func (w *Worker) Enlarge(db int, k Key, o object.Object, of Type) {
	opt := Options{Type: of, Encoding: EncodingObject, KeepTTL: true}
	slot, old, exists := w.live(db, k)
	if !exists || old.Type() != of {
		w.SetObject(db, k, o, opt)
		return
	}
	value := w.handle(db, k, o, of)
	w.recount(db, k, old, exists, opt, value[:])
	use := slot.Use()
	w.put(db, k, slot, old, exists, opt.meta(old, exists), value[:], len(value))
	slot.SetUse(use)
	w.entered(db, k, o)
}

// handle enters an object of k and returns the value of the item that leads to it.
func (w *Worker) handle(db int, k Key, o object.Object, of Type) (value [objectBytes]byte) {
	binary.LittleEndian.PutUint32(value[:], w.ks.shards[k.shard()].hold(o, k.hash, w.ks.number[db], of))
	return value
}

// entered is called when o has become the value of k.
func (w *Worker) entered(db int, k Key, o object.Object) {
	if t, ok := o.(*object.Table); ok && t.Expiring() > 0 {
		t.Listed = false // perhaps it was another key's until now
		w.Timed(db, k, t)
	}
}

// Lead notes where the next request to an end of the object of an item will go, so that
// PrefetchValue finds it. The item was looked up just now, its key's shard is locked
// still, and nothing was written to the keyspace meanwhile.
func (w *Worker) Lead(it Item, end int, lead object.Lead) {
	setLead(it.Value()[handleBytes+end*leadBytes:], lead)
}

// Leads notes both leads of the object of an item; see Lead.
func (w *Worker) Leads(it Item, first, second object.Lead) {
	b := it.Value()
	setLead(b[handleBytes:], first)
	setLead(b[handleBytes+leadBytes:], second)
}

// setLead leaves what is there already: other cores may have the line, too.
func setLead(b []byte, lead object.Lead) {
	if binary.LittleEndian.Uint64(b) != uint64(lead) {
		binary.LittleEndian.PutUint64(b, uint64(lead))
	}
}

// Touched tells that the object of k was written to in place, for those who
// watch k. k's shard is locked.
func (w *Worker) Touched(db int, k Key) {
	w.Stats.Changes.Add(1)
	w.touch(&w.ks.shards[k.shard()], db, k)
}

// Rename gives the item of a key another key, in another database perhaps, with
// all it carries, and replaces what is there. The shards of both are locked and
// it is from's item.
func (w *Worker) Rename(db int, from Key, it Item, toDB int, to Key) {
	w.Delete(toDB, to)
	opt := carried(it)
	if it.Epoch() != w.ks.epoch {
		w.preserve(from, it.Item)
	}
	if it.Encoding() != EncodingObject {
		w.Set(toDB, to, it.Value(), opt)
	} else {
		h := &w.ks.shards[from.shard()].objects.list[handleOf(it.Item)]
		o := h.object
		h.object = nil // it is not freed with its old item, nor counted
		if hasTimed(o) {
			w.ks.reach(from.shard(), db).timed--
		}
		w.SetObject(toDB, to, o, opt)
	}
	w.Delete(db, from)
}

// Copy gives a key a copy of the item of another, with all it carries. The
// shards of both are locked and it is from's item.
func (w *Worker) Copy(from Key, it Item, toDB int, to Key) {
	w.Delete(toDB, to)
	if it.Encoding() != EncodingObject {
		w.Set(toDB, to, it.Value(), carried(it))
		return
	}
	w.SetObject(toDB, to, object.Clone(w.Object(from, it)), carried(it))
}

// carried are the options that give a copy of an item all that it carries.
func carried(it Item) Options {
	return Options{
		ExpireAt: it.ExpireAt(), Flags: it.Flags(),
		Type: it.Type(), Encoding: it.Encoding(),
	}
}

// drops reports whether an item is about to lose its object to a write with meta
// m of a value that begins with src.
func drops(it store.Item, m store.Meta, src []byte) bool {
	return it.Encoding() == EncodingObject &&
		(m.Encoding != EncodingObject || string(src) != string(it.Value()))
}

// detach takes the object of an item whose key has that hash out of its shard,
// which is locked. It is nil if it got another key.
func (w *Worker) detach(hash uint64, it store.Item) object.Object {
	all := w.ks.shards[Key{hash: hash}.shard()].objects
	handle := handleOf(it)
	o := all.list[handle].object
	if p := w.ks.snapshot.Load(); p != nil && o != nil {
		p.finish(o)
	}
	all.list[handle] = holding{}
	all.spare = append(all.spare, handle)
	return o
}

// packed is the memory of a small collection: the value of its key's item.
type packed struct {
	w        *Worker
	db       int
	k        Key
	of       Type
	encoding Encoding
}

// Packed returns the memory for a small collection of k, which is made if there
// is none, and whose expiry stays. It is good until it is next asked for, while
// k's shard is locked. A value of another kind is replaced.
func (w *Worker) Packed(db int, k Key, t Type, e Encoding) object.Memory {
	p := &w.packed // word by word: a copy of a struct made for it waits for the words
	p.w, p.db, p.of, p.encoding = w, db, t, e
	p.k.Name, p.k.hash = k.Name, k.hash
	return p
}

// Resize implements object.Memory. Nobody who watches a hash is told that it gets
// the form whose fields can expire: that is no change of what it holds.
func (p *packed) Resize(n int) []byte {
	slot, old, exists := p.w.live(p.db, p.k)
	opt := Options{Type: p.of, Encoding: p.encoding, KeepTTL: true}
	m := opt.meta(old, exists)
	var was []byte
	switch {
	case !exists || old.Type() != m.Type:
	case old.Encoding() == m.Encoding:
		was = old.Value()
		was = was[:min(n, len(was))]
	case m.Type == TypeHash && m.Encoding == EncodingPackTTL && old.Encoding() == EncodingPack:
		p.w.resized(p.db, p.k, old, exists, m.Type, 0)
		return p.w.put(p.db, p.k, slot, old, exists, m, nil, n)
	}
	if was == nil {
		if exists && old.Type() == TypeHash {
			p.w.countReplaced(p.db, p.k, old, exists, opt, nil)
		}
		p.w.resized(p.db, p.k, old, exists, m.Type, 0)
	}
	return p.w.write(p.db, p.k, slot, old, exists, m, was, n)
}

// reaper frees objects. One that is small goes at once; the others wait to be
// freed in slices by whoever writes next and by ticks, so that nobody waits for
// a large one to go.
type reaper struct {
	mu      spinlock.Lock
	waiting []object.Object
	some    atomic.Bool  // waiting is not empty
	bytes   atomic.Int64 // of those waiting, when they came
}

const (
	// reapAtOnce is the size in bytes up to which an object is freed at once,
	// and reapSlice how many blocks of a larger one are freed at a time.
	reapAtOnce = 256 << 10
	reapSlice  = 16

	// reapTick is how long a tick goes on freeing.
	reapTick = time.Millisecond
)

func (r *reaper) take(o object.Object) {
	if o == nil {
		return
	}
	if o.Bytes() <= reapAtOnce {
		for !o.Release(reapSlice) {
		}
		return
	}
	r.mu.Lock()
	r.waiting = append(r.waiting, o)
	r.bytes.Add(o.Bytes())
	r.some.Store(true)
	r.mu.Unlock()
}

// reap frees a slice and reports whether there is more.
func (r *reaper) reap() bool {
	if !r.some.Load() {
		return false
	}
	r.mu.Lock()
	n := len(r.waiting)
	if n == 0 {
		r.some.Store(false)
		r.mu.Unlock()
		return false
	}
	o := r.waiting[n-1]
	r.waiting[n-1] = nil
	r.waiting = r.waiting[:n-1]
	had := o.Bytes()
	r.mu.Unlock()

	done := o.Release(reapSlice)

	r.mu.Lock()
	defer r.mu.Unlock()
	left := int64(0)
	if !done {
		left = min(o.Bytes(), had)
		r.waiting = append(r.waiting, o)
	}
	r.bytes.Add(left - had)
	return true
}

// reapTick is a tick's share of freeing objects.
func (w *Worker) reapTick() {
	for begin := time.Now(); w.ks.reaper.reap(); {
		if time.Since(begin) > reapTick {
			return
		}
	}
}

// evictSamples is how many objects of a shard eviction looks at.
const evictSamples = 5

// evictObject evicts the least used of a few collections of a shard picked at
// random, and reports whether there was one. A shard that has none gives way to
// the next: were it drawn anew, the only collection there is would be missed. No
// shard is locked.
func (w *Worker) evictObject() (evicted bool) {
	first := w.random() % Shards
	for i := range uint64(Shards) {
		w.withShard(int((first+i)%Shards), func(s *shard) { evicted = w.evictFrom(s) })
		if evicted {
			return true
		}
	}
	return false
}

func (w *Worker) evictFrom(s *shard) bool {
	if s.objects == nil || len(s.objects.list) == len(s.objects.spare) {
		return false
	}
	var victim index.Slot
	var of holding
	least := int64(-1)
	for range evictSamples {
		h := s.objects.list[w.random()%uint64(len(s.objects.list))]
		if h.object == nil {
			continue
		}
		slot, ok := w.slotOf(s, h)
		if !ok || w.ks.Policy().VolatileOnly && !slot.Expiring() {
			continue
		}
		if rank := w.rank(slot); least < 0 || rank < least {
			victim, of, least = slot, h, rank
		}
	}
	if least < 0 {
		return false
	}
	t := w.ks.numbered(Key{hash: of.hash}.shard(), of.table)
	it := w.ks.arena.Item(store.Loc(victim.Place()))
	k := w.Key(it.Name())
	w.eventIn(EvictedEvent, "evicted", of.table, k)
	w.touchTable(s, of.table, k)
	w.lostIn(s, of.table, k, true)
	w.drop(t, of.hash, victim, it)
	w.store.Counts().Evicted.Add(1)
	return true
}

// rank orders items by how much they are used.
func (w *Worker) rank(slot index.Slot) int64 {
	if w.ks.tracking() == store.TrackIdle {
		return 1<<40 - w.idleSec(slot.Use())
	}
	return int64(w.frequency(slot.Use()))
}

// slotOf finds the entry of the key whose item has an object.
func (w *Worker) slotOf(s *shard, h holding) (index.Slot, bool) {
	t := w.ks.numbered(Key{hash: h.hash}.shard(), h.table)
	for c, ok := t.Candidates(h.hash), true; ok; c, ok = t.Behind(c, h.hash) {
		for ; c.Any(); c = c.Rest() {
			slot := c.First()
			it := w.ks.arena.Item(store.Loc(slot.Place()))
			if it.Encoding() == EncodingObject && s.objects.list[handleOf(it)].object == h.object {
				return slot, true
			}
		}
	}
	return index.Slot{}, false
}
