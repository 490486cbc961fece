package keyspace

import "sync/atomic"

// Watcher is a client's set of watched keys (WATCH). Its owner's thread makes
// and clears it; any loop that writes to one of the keys marks it dirty.
type Watcher struct {
	dirty atomic.Bool
	keys  []watching
}

// watchedKey is a key of one database, as the watch list of a shard knows it.
type watchedKey struct {
	db   int
	name string
}

type watching struct {
	watchedKey
	hash    uint64
	expired bool // its time was already over when it was watched
}

// Watching reports whether any key is watched.
func (t *Watcher) Watching() bool { return len(t.keys) > 0 }

// Len returns how many keys are watched.
func (t *Watcher) Len() int { return len(t.keys) }

// Watch adds k to what t watches. No shard is locked.
func (w *Worker) Watch(db int, k Key, t *Watcher) {
	for _, had := range t.keys {
		if had.db == db && had.name == string(k.Name) {
			return
		}
	}
	key := watchedKey{db, string(k.Name)}
	w.withShard(k.shard(), func(s *shard) {
		_, it, ok := w.find(w.ks.table(s, db), k)
		t.keys = append(t.keys, watching{key, k.hash, ok && w.expired(it)})
		if s.watched == nil {
			s.watched = map[watchedKey][]*Watcher{}
			s.heed()
		}
		s.watched[key] = append(s.watched[key], t)
	})
}

// Unwatch forgets all that t watches, and that it was dirty. No shard is locked,
// or all are.
func (w *Worker) Unwatch(t *Watcher) {
	for _, key := range t.keys {
		w.withShard(Key{hash: key.hash}.shard(), func(s *shard) { s.unwatch(key.watchedKey, t) })
	}
	t.keys = t.keys[:0]
	t.dirty.Store(false)
}

func (s *shard) unwatch(key watchedKey, t *Watcher) {
	list := s.watched[key]
	for i, other := range list {
		if other == t {
			list = append(list[:i], list[i+1:]...)
			break
		}
	}
	if len(list) > 0 {
		s.watched[key] = list
		return
	}
	delete(s.watched, key)
	if len(s.watched) == 0 {
		s.watched = nil
		s.heed()
	}
}

// Dirty reports whether a watched key was changed since, or went by expiring.
// It asks the shards, so call it with none locked; what changes afterwards and
// before the transaction has its locks is seen by asking again with Changed.
func (w *Worker) Dirty(t *Watcher) bool {
	if t.Changed() {
		return true
	}
	for _, key := range t.keys {
		gone := false
		k := Key{[]byte(key.name), key.hash}
		w.withShard(k.shard(), func(s *shard) {
			_, it, ok := w.find(w.ks.table(s, key.db), k)
			gone = ok && !key.expired && w.expired(it)
		})
		if gone {
			return true
		}
	}
	return false
}

// Changed reports whether a watched key was written to since it was watched.
func (t *Watcher) Changed() bool { return t.dirty.Load() }

// touchDatabase marks those who watch a key of db that exists, as when all of
// them are deleted. All shards are locked.
func (w *Worker) touchDatabase(s *shard, db int) {
	for key, watchers := range s.watched {
		if key.db == db && w.exists(s, db, key.name) {
			markDirty(watchers)
		}
	}
}

// touchSwapped marks those who watch a key of a or b that exists in either,
// when the two are about to change places. All shards are locked.
func (w *Worker) touchSwapped(s *shard, a, b int) {
	for key, watchers := range s.watched {
		if (key.db == a || key.db == b) && (w.exists(s, a, key.name) || w.exists(s, b, key.name)) {
			markDirty(watchers)
		}
	}
}

func (w *Worker) exists(s *shard, db int, name string) bool {
	_, _, ok := w.find(w.ks.table(s, db), w.Key([]byte(name)))
	return ok
}

func markDirty(watchers []*Watcher) {
	for _, t := range watchers {
		t.dirty.Store(true)
	}
}
