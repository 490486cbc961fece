package keyspace

import "slices"

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
		s.waiters = nil // so that writers see at a glance that nobody waits
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
		if s.waiters == nil {
			return 0, k, false
		}
		return w.wokenIn(s)
	}
	for i := range w.ks.shards {
		if !w.holds(i) || w.ks.shards[i].waiters == nil {
			continue
		}
		if db, k, ok = w.wokenIn(&w.ks.shards[i]); ok {
			return db, k, true
		}
	}
	return 0, k, false
}

func (w *Worker) wokenIn(s *shard) (db int, k Key, ok bool) {
	n := len(s.waiters.woken)
	if n == 0 {
		return 0, k, false
	}
	key := s.waiters.woken[0]
	s.waiters.woken = append(s.waiters.woken[:0], s.waiters.woken[1:]...)
	return key.db, w.Key([]byte(key.name)), true
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
