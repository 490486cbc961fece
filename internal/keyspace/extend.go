package keyspace

import (
	"math/bits"
	"runtime"
)

// shardSet is a set of shards, a bit each.
type shardSet [Shards / 64]uint64

var everyShard = func() (s shardSet) {
	for i := range s {
		s[i] = ^uint64(0)
	}
	return s
}()

func (s *shardSet) add(n int) { s[n/64] |= 1 << (n % 64) }

// each visits the shards of a set in ascending order until visit returns false,
// and reports whether it never did.
func (ks *Keyspace) each(set shardSet, visit func(n int, s *shard) bool) bool {
	for i, word := range set {
		for ; word != 0; word &= word - 1 {
			n := i*64 + bits.TrailingZeros64(word)
			if !visit(n, &ks.shards[n]) {
				return false
			}
		}
	}
	return true
}

func (ks *Keyspace) release(set shardSet) {
	for i, word := range set {
		for ; word != 0; word &= word - 1 {
			ks.shards[i*64+bits.TrailingZeros64(word)].lock.Unlock()
		}
	}
}

// acquire locks the shards of a set, or none if it has to give way meanwhile.
func (w *Worker) acquire(set shardSet) bool {
	var got shardSet
	return w.ks.each(set, func(n int, s *shard) bool {
		if !s.lock.LockUnless(&w.ks.extending) {
			w.ks.release(got)
			return false
		}
		got.add(n)
		return true
	})
}

// giveWay waits until nobody extends what it holds.
func (ks *Keyspace) giveWay() {
	for ks.extending.Load() != 0 {
		runtime.Gosched()
	}
}

// Extend locks the shards of more keys, in whatever order, for one who holds some
// and has done something already. It must be the only one who does that
// (a script runs with the scripts' own lock held): whoever else waits for
// several shards gives way to it, and so nobody can wait for another in a circle.
func (w *Worker) Extend(keys []Key) {
	if w.held.all {
		return
	}
	for _, k := range keys {
		if n := k.shard(); w.held.some[n/64]>>(n%64)&1 == 0 {
			w.extendTo(&w.ks.shards[n])
			w.held.some.add(n)
		}
	}
}

// ExtendAll locks all other shards, under the conditions of Extend.
func (w *Worker) ExtendAll() {
	if w.held.all {
		return
	}
	for n := range w.ks.shards {
		if w.held.some[n/64]>>(n%64)&1 == 0 {
			w.extendTo(&w.ks.shards[n])
		}
	}
	w.held.some, w.held.many, w.held.all = shardSet{}, false, true
}

func (w *Worker) extendTo(s *shard) {
	if s.lock.TryLock() {
		return
	}
	w.ks.extending.Add(1)
	s.lock.Lock()
	w.ks.extending.Add(-1)
}

// Held is what a worker holds, put aside.
type Held struct{ held held }

// Suspend lets go of everything and returns what it was.
func (w *Worker) Suspend() Held {
	h := Held{w.held}
	w.Unlock()
	return h
}

// Continue locks again what Suspend let go.
func (w *Worker) Continue(h Held) {
	set := h.held.some
	if h.held.all {
		set = everyShard
	}
	for !w.acquire(set) {
		w.ks.giveWay()
	}
	w.held = h.held
}

// Freeze keeps keys from going without a command that writes, until Thaw: nothing
// is removed in the background, and what has expired is hidden from who reads, and
// stays. Any thread may call both; they count.
func (ks *Keyspace) Freeze() { ks.frozen.Add(1) }

// Thaw takes a Freeze back.
func (ks *Keyspace) Thaw() { ks.frozen.Add(-1) }

// Frozen reports whether there is a Freeze in force.
func (ks *Keyspace) Frozen() bool { return ks.frozen.Load() != 0 }

// Keep has what has expired hidden and stay, as Freeze does, while room is still made: who decides what
// goes is another server, of which this one is a replica. Any thread may call it.
func (ks *Keyspace) Keep(on bool) { ks.kept.Store(on) }

// Keeps reports whether what has expired stays until a command removes it.
func (ks *Keyspace) Keeps() bool { return ks.kept.Load() || ks.Frozen() }

// Occupy says that a script which takes long is held up in the midst of what it
// does, or with false that it is not any more. Whoever is to touch keys asks
// Occupied first. Any thread may call both.
func (ks *Keyspace) Occupy(on bool) { ks.occupied.Store(on) }

// Occupied reports whether Occupy said so.
func (ks *Keyspace) Occupied() bool { return ks.occupied.Load() }
