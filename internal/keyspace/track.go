package keyspace

import "sync/atomic"

// Tracker is a client that keeps copies of what it read, and is to be told when
// they are out of date (CLIENT TRACKING).
type Tracker interface {
	// Tracks reports whether it still does. Any thread may ask.
	Tracks() bool
}

// TrackObserver is told of keys that were written to, in whichever database:
// trackers go by names. Both run on the thread of w, as a rule with k's shard
// locked; the name is good during the call only.
type TrackObserver interface {
	// Invalid tells that the copies those have of k are out of date. Each is told
	// once: it has to read k anew to hear of it again.
	Invalid(w *Worker, k Key, have []Tracker)
	// Modified tells of every key, while Broadcast is on.
	Modified(w *Worker, k Key)
	// Flushed tells that a database was emptied, or all were.
	Flushed(w *Worker)
}

// tracking is what the shards' tables of tracked keys hold together.
type tracking struct {
	observer TrackObserver
	keys     atomic.Int64 // that anybody has a copy of
	copies   atomic.Int64
	most     atomic.Int64 // keys, 0 = no limit
}

// ObserveTracked names the observer, before any worker is used.
func (ks *Keyspace) ObserveTracked(o TrackObserver) { ks.tracked.observer = o }

// LimitTracked bounds how many keys are tracked: beyond that some count as
// written to. 0 is no limit. Any thread may call it.
func (ks *Keyspace) LimitTracked(keys int64) { ks.tracked.most.Store(keys) }

// Tracked returns how many keys anybody has a copy of, and how many copies.
func (ks *Keyspace) Tracked() (keys, copies int64) {
	return ks.tracked.keys.Load(), ks.tracked.copies.Load()
}

// Track notes that t reads k, whose shard is locked.
func (w *Worker) Track(k Key, t Tracker) {
	s := &w.ks.shards[k.shard()]
	if s.tracked == nil {
		s.tracked = map[string][]Tracker{}
		s.heed()
	}
	have, known := s.tracked[string(k.Name)]
	for _, other := range have {
		if other == t {
			return
		}
	}
	s.tracked[string(k.Name)] = append(have, t)
	w.ks.tracked.copies.Add(1)
	if known {
		return
	}
	n := w.ks.tracked.keys.Add(1)
	if most := w.ks.tracked.most.Load(); most > 0 && n > most {
		w.trackLess(s, k)
	}
}

// trackLess invalidates a tracked key of a shard, rather another than k.
func (w *Worker) trackLess(s *shard, k Key) {
	victim := k
	for name := range s.tracked { // in no order
		if name != string(k.Name) {
			victim = w.Key([]byte(name))
			break
		}
	}
	w.invalidate(s, victim)
}

// invalidate tells those who have a copy of k. Its shard is locked.
func (w *Worker) invalidate(s *shard, k Key) {
	have := s.tracked[string(k.Name)]
	if have == nil {
		return
	}
	delete(s.tracked, string(k.Name))
	w.ks.tracked.keys.Add(-1)
	w.ks.tracked.copies.Add(-int64(len(have)))
	if len(s.tracked) == 0 {
		s.tracked = nil
		s.heed()
	}
	w.ks.tracked.observer.Invalid(w, k, have)
}

// forgetTracked drops all that is tracked. All shards are locked.
func (w *Worker) forgetTracked() {
	for i := range w.ks.shards {
		s := &w.ks.shards[i]
		s.tracked = nil
		s.heed()
	}
	w.ks.tracked.keys.Store(0)
	w.ks.tracked.copies.Store(0)
	if o := w.ks.tracked.observer; o != nil {
		o.Flushed(w)
	}
}

// Broadcast says whether the observer is told of every key that is written to.
// No shard is locked, or all are.
func (w *Worker) Broadcast(on bool) {
	for i := range w.ks.shards {
		w.withShard(i, func(s *shard) {
			s.broadcast = on
			s.heed()
		})
	}
}

// heed works out whether a write concerns anybody. The shard is locked.
func (s *shard) heed() {
	s.heeded = s.watched != nil || s.waiters != nil || s.tracked != nil || s.broadcast || s.followed
}

// touch is called for every key that is written to. It marks those who watch k,
// wakes those who wait for it and tells those who have a copy. The shard is locked.
func (w *Worker) touch(s *shard, db int, k Key) {
	if s.heeded {
		w.touched(s, db, k)
	}
}

func (w *Worker) touched(s *shard, db int, k Key) {
	if s.waiters != nil {
		s.wake(watchedKey{db, string(k.Name)})
	}
	if s.watched != nil {
		w.touchWatched(s, db, k)
	}
	if s.tracked != nil {
		w.invalidate(s, k)
	}
	if s.broadcast {
		w.ks.tracked.observer.Modified(w, k)
	}
	if s.followed {
		w.Writes++
	}
}

// touchTable is touch for the database that has table number num.
func (w *Worker) touchTable(s *shard, num uint8, k Key) {
	if s.heeded {
		w.touched(s, w.databaseOf(num), k)
	}
}
