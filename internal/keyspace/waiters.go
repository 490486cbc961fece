package keyspace

import (
	"math/bits"
	"slices"
)

// Waiter is somebody who waits for a key to hold something: a client in BLPOP.
type Waiter interface {
	// Waiting reports whether it still does. Any thread may ask.
	Waiting() bool
}

// waiters are those who wait for keys of a shard. A key that is written to while
// somebody waits for it is woken: whoever holds the shard's lock serves the
// waiters before letting go of it.
type waiters struct {
	queues map[watchedKey][]Waiter // oldest first
	woken  []watchedKey
}

// Await puts x at the end of those who wait for k. k's shard is locked.
func (w *Worker) Await(db int, k Key, x Waiter) {
	s := &w.ks.shards[k.shard()]
	if s.waiters == nil {
		s.waiters = &waiters{queues: map[watchedKey][]Waiter{}}
		s.heed()
	}
	key := watchedKey{db, string(k.Name)}
	s.waiters.queues[key] = append(s.waiters.queues[key], x)
}

// Forget ends x's wait for k. k's shard is not locked, or all are.
func (w *Worker) Forget(db int, k Key, x Waiter) {
	w.withShard(k.shard(), func(s *shard) { s.forget(watchedKey{db, string(k.Name)}, x) })
}

// Served is Forget for who has locked k's shard.
func (w *Worker) Served(db int, k Key, x Waiter) {
	w.ks.shards[k.shard()].forget(watchedKey{db, string(k.Name)}, x)
}

func (s *shard) forget(key watchedKey, x Waiter) {
	if s.waiters == nil {
		return
	}
	queue := s.waiters.queues[key]
	for i, other := range queue {
		if other == x {
			queue = append(queue[:i], queue[i+1:]...)
			break
		}
	}
	if len(queue) > 0 {
		s.waiters.queues[key] = queue
		return
	}
	delete(s.waiters.queues, key)
	if len(s.waiters.queues) == 0 {
		s.waiters = nil
		s.heed()
	}
}

// Waiters returns those who wait for k, oldest first, some of whom may not any
// more. k's shard is locked; the slice is good until somebody comes or goes.
func (w *Worker) Waiters(db int, k Key) []Waiter {
	s := &w.ks.shards[k.shard()]
	if s.waiters == nil {
		return nil
	}
	return s.waiters.queues[watchedKey{db, string(k.Name)}]
}

// EachAwaited visits every key that somebody waits for, with those who do. No
// shard is locked, or all; visit looks only.
func (w *Worker) EachAwaited(visit func([]Waiter)) {
	for i := range w.ks.shards {
		w.withShard(i, func(s *shard) {
			if s.waiters == nil {
				return
			}
			for _, queue := range s.waiters.queues {
				visit(queue)
			}
		})
	}
}

// wake notes that k was written to.
func (s *shard) wake(key watchedKey) {
	if _, awaited := s.waiters.queues[key]; awaited && !slices.Contains(s.waiters.woken, key) {
		s.waiters.woken = append(s.waiters.woken, key)
	}
}

// wakeDatabase notes that a whole database changed.
func (s *shard) wakeDatabase(db int) {
	if s.waiters == nil {
		return
	}
	for key := range s.waiters.queues {
		if key.db == db {
			s.wake(key)
		}
	}
}

// Woken returns a key of a locked shard that was written to while somebody
// waits for it, each once.
func (w *Worker) Woken() (db int, k Key, ok bool) {
	if s := w.held.one; s != nil {
		return w.wokenIn(s)
	}
	if w.held.all {
		for i := range w.ks.shards {
			if db, k, ok = w.wokenIn(&w.ks.shards[i]); ok {
				return db, k, true
			}
		}
		return 0, k, false
	}
	for i, word := range w.held.some {
		for ; word != 0; word &= word - 1 {
			if db, k, ok = w.wokenIn(&w.ks.shards[i*64+bits.TrailingZeros64(word)]); ok {
				return db, k, true
			}
		}
	}
	return 0, k, false
}

func (w *Worker) wokenIn(s *shard) (db int, k Key, ok bool) {
	if s.waiters == nil || len(s.waiters.woken) == 0 {
		return 0, k, false
	}
	key := s.waiters.woken[0]
	s.waiters.woken = append(s.waiters.woken[:0], s.waiters.woken[1:]...)
	return key.db, w.Key([]byte(key.name)), true
}

// Wake has those who wait for k look at it again, though it was not written to
// in a way that concerns those who watch it. k's shard is locked.
func (w *Worker) Wake(db int, k Key) {
	if s := &w.ks.shards[k.shard()]; s.waiters != nil {
		s.wake(watchedKey{db, string(k.Name)})
	}
}

// EachWoken calls serve with a shard of the worker's share locked, in turn for
// each in which a key was woken with nobody at hand to serve those who wait for
// it: it expired, or was evicted. No shard is locked.
func (w *Worker) EachWoken(serve func()) {
	for i := w.id; w.Tidies() && i < Shards; i += w.of {
		s := &w.ks.shards[i]
		s.lock.Lock()
		if s.waiters != nil && len(s.waiters.woken) > 0 {
			w.held.one = s
			serve()
			w.held.one = nil
		}
		s.lock.Unlock()
	}
}

// Holds reports whether k's shard is locked by w.
func (w *Worker) Holds(k Key) bool { return w.holds(k.shard()) }

func (w *Worker) holds(n int) bool {
	switch h := &w.held; {
	case h.all:
		return true
	case h.one != nil:
		return h.one == &w.ks.shards[n]
	default:
		return h.many && h.some[n/64]>>(n%64)&1 != 0
	}
}
