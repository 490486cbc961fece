package keyspace

import (
	"encoding/binary"

	"github.com/crucible-cache/crucible/internal/index"
	"github.com/crucible-cache/crucible/internal/object"
	"github.com/crucible-cache/crucible/internal/store"
)

// timedKey is a key whose hash has fields that expire. Names are left to the
// index: what is at the hash of the key tells whether it still is one.
type timedKey struct {
	hash  uint64
	table uint8
}

// A tick looks at up to fieldKeys hashes with fields that expire, and at up to
// fieldGroups groups of a large one.
const (
	fieldKeys   = 2048
	fieldGroups = 64
)

// Timed notes that k's hash has fields that expire, if it is large; of a small
// one its encoding tells. k's shard is locked.
func (w *Worker) Timed(db int, k Key, t *object.Table) {
	if !t.Listed {
		t.Listed = true
		w.ks.shards[k.shard()].note(k.hash, w.ks.number[db])
	}
}

// hasTimed reports whether the value of a hash has a field that expires. Of a
// small one the first would be it, for they are in the order of their times.
func (ks *Keyspace) hasTimed(s *shard, of Type, e Encoding, value []byte) bool {
	switch {
	case of != TypeHash || len(value) == 0:
		return false
	case e == EncodingPackTTL:
		p := object.OpenPack(value, nil)
		return p.Timed()
	case e == EncodingObject:
		return hasTimed(s.objects.list[binary.LittleEndian.Uint32(value)].object)
	}
	return false
}

func hasTimed(o object.Object) bool {
	t, ok := o.(*object.Table)
	return ok && t.Expiring() > 0
}

// countReplaced counts hashes with fields that expire when a whole value takes
// the place of another. k's shard is locked.
func (w *Worker) countReplaced(db int, k Key, old store.Item, exists bool, o Options, value []byte) {
	s := &w.ks.shards[k.shard()]
	was := exists && w.ks.hasTimed(s, old.Type(), old.Encoding(), old.Value())
	w.CountTimed(db, k, was, w.ks.hasTimed(s, o.Type, o.Encoding, value))
}

// CountTimed follows a hash that is written to in place: whether it had fields
// that expire, and whether it has. k's shard is locked.
func (w *Worker) CountTimed(db int, k Key, had, has bool) {
	if had == has {
		return
	}
	w.ks.reach(k.shard(), db).countTimed(had, has)
}

func (t *table) countTimed(had, has bool) {
	if had && !has {
		t.timed--
	} else if has && !had {
		t.timed++
	}
}

func (s *shard) note(hash uint64, table uint8) {
	s.timed = append(s.timed, timedKey{hash, table})
}

// expireFields removes fields whose time is over from hashes of this worker's
// shards, and hashes of which none is left.
func (w *Worker) expireFields() {
	c := &w.crawler
	budget := fieldKeys
	for shards := 0; shards < Shards/w.of+1 && budget > 0; shards++ {
		n := (c.fieldShard*w.of + w.id) % Shards
		w.withShard(n, func(s *shard) {
			for ; c.field < len(s.timed) && budget > 0; budget-- {
				if w.expireFieldsOf(s, s.timed[c.field]) {
					c.field++
					continue
				}
				last := len(s.timed) - 1
				s.timed[c.field] = s.timed[last]
				s.timed = s.timed[:last]
			}
			if c.field >= len(s.timed) {
				c.field, c.fieldShard = 0, (c.fieldShard+1)%(Shards/w.of+1)
			}
			if len(s.timed) == 0 {
				s.timed = nil
			}
		})
	}
}

// expireFieldsOf does it for one hash, and reports whether it may have more
// fields that expire.
func (w *Worker) expireFieldsOf(s *shard, key timedKey) bool {
	t := w.ks.numbered(Key{hash: key.hash}.shard(), key.table)
	if t == nil {
		return false
	}
	slot, it, ok := w.timedItem(t, key.hash)
	if !ok {
		return false
	}
	k := Key{append([]byte(nil), it.Name()...), key.hash}
	db := w.databaseOf(key.table)
	if it.Encoding() == EncodingPackTTL {
		return w.expirePacked(s, t, db, k, it)
	}
	table := s.objects.list[handleOf(it)].object.(*object.Table)
	at := table.MinExpire()
	if at == 0 {
		table.Listed = false
		return false
	}
	if at <= w.NowMS {
		had := table.Len()
		table.DropExpired(w.NowMS, fieldGroups, w.lostField(s, db, k))
		if n := had - table.Len(); n > 0 {
			w.Stats.Fields.Add(uint64(n)) //nolint:gosec // positive
			w.Event(HashEvent, "hexpired", db, k)
			w.touch(s, db, k)
		}
		t.countTimed(true, hasTimed(table))
		if table.Len() == 0 {
			w.Event(GenericEvent, "del", db, k)
			w.drop(t, k.hash, slot, it)
			return false
		}
	}
	return true
}

func (w *Worker) expirePacked(s *shard, t *table, db int, k Key, it store.Item) bool {
	p := object.OpenPack(it.Value(), nil)
	if !p.AnyExpired(w.NowMS) {
		return true
	}
	p = object.OpenPack(it.Value(), w.Packed(db, k, TypeHash, EncodingPackTTL))
	w.Stats.Fields.Add(uint64(p.DropExpired(w.NowMS, w.lostField(s, db, k)))) //nolint:gosec // a count
	t.countTimed(true, p.Timed())
	w.Event(HashEvent, "hexpired", db, k)
	w.touch(s, db, k)
	if p.First() != 0 {
		return true
	}
	w.Event(GenericEvent, "del", db, k)
	if slot, it, ok := w.find(t, k); ok {
		w.drop(t, k.hash, slot, it)
	}
	return false
}

// timedItem finds a hash that may have fields that expire by the hash of its key.
func (w *Worker) timedItem(t *table, hash uint64) (index.Slot, store.Item, bool) {
	for c, ok := t.Candidates(hash), true; ok; c, ok = t.Behind(c, hash) {
		for ; c.Any(); c = c.Rest() {
			slot := c.First()
			it := w.ks.arena.Item(store.Loc(slot.Place()))
			timed := it.Encoding() == EncodingPackTTL || it.Encoding() == EncodingObject
			if timed && it.Type() == TypeHash && w.Key(it.Name()).hash == hash {
				return slot, it, true
			}
		}
	}
	return index.Slot{}, store.Item{}, false
}

// databaseOf returns the database that has the table of that number.
func (w *Worker) databaseOf(table uint8) int {
	for db, n := range w.ks.number {
		if n == table {
			return db
		}
	}
	return 0
}
