package keyspace

import (
	"slices"
	"sync/atomic"
)

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
	hash uint64
}

// watch is one client's interest in a key of a shard.
type watch struct {
	by *Watcher
	// stale says that the key's time was over when it was watched, and that it is
	// still there: that it goes is no change.
	stale bool
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
		_, it, ok := w.find(w.ks.table(k.shard(), db), k)
		t.keys = append(t.keys, watching{key, k.hash})
		if s.watched == nil {
			s.watched = map[watchedKey][]watch{}
			s.heed()
		}
		s.watched[key] = append(s.watched[key], watch{t, ok && w.expired(it)})
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
	list := slices.DeleteFunc(s.watched[key], func(other watch) bool { return other.by == t })
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
			if there, over := w.stands(key.db, k); there && over {
				gone = slices.Contains(s.watched[key.watchedKey], watch{t, false})
			}
		})
		if gone {
			return true
		}
	}
	return false
}

// Changed reports whether a watched key was written to since it was watched.
func (t *Watcher) Changed() bool { return t.dirty.Load() }

// touchWatched marks those who watch k, which is about to be written to or
// deleted. A key whose time is over is deleted before anything is written.
func (w *Worker) touchWatched(s *shard, db int, k Key) {
	list := s.watched[watchedKey{db, string(k.Name)}]
	for i := range list {
		if there, over := w.stands(db, k); list[i].stale && there && over {
			list[i].stale = false
			continue
		}
		list[i].by.dirty.Store(true)
	}
}

// touchDatabase marks those who watch a key of db that exists, when all of
// them are about to be deleted. All shards are locked.
func (w *Worker) touchDatabase(s *shard, db int) {
	for key, list := range s.watched {
		if key.db == db {
			w.touchReplaced(key, list, -1)
		}
	}
}

// touchSwapped marks those who watch a key of a or b that exists in either,
// when the two are about to change places. All shards are locked.
func (w *Worker) touchSwapped(s *shard, a, b int) {
	for key, list := range s.watched {
		switch key.db {
		case a:
			w.touchReplaced(key, list, b)
		case b:
			w.touchReplaced(key, list, a)
		}
	}
}

// touchReplaced marks those who watch key, which is about to become what it is in the
// database by, or nothing if that is negative. A key whose time is over is as good as none.
func (w *Worker) touchReplaced(key watchedKey, list []watch, by int) {
	k := w.Key([]byte(key.name))
	here, _ := w.stands(key.db, k)
	there, over := false, false
	if by >= 0 {
		there, over = w.stands(by, k)
	}
	if !here && !there {
		return
	}
	for i := range list {
		switch watch := &list[i]; {
		case watch.stale && !there:
			watch.stale = false
		case watch.stale && over:
		case !here && over:
			watch.stale = true
		default:
			watch.by.dirty.Store(true)
		}
	}
}

// stands reports whether k is in db, and whether its time is over.
func (w *Worker) stands(db int, k Key) (there, over bool) {
	_, it, ok := w.find(w.ks.table(k.shard(), db), k)
	return ok, ok && w.expired(it)
}
