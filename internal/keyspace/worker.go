package keyspace

import (
	"github.com/crucible-cache/crucible/internal/index"
	"github.com/crucible-cache/crucible/internal/metrics"
	"github.com/crucible-cache/crucible/internal/rdb"
	"github.com/crucible-cache/crucible/internal/store"
	"github.com/crucible-cache/crucible/internal/ticks"
)

// Worker is how one loop acts on the keyspace. All its methods are called on
// that loop's thread.
type Worker struct {
	// NowMS is the clock by which keys expire, unix milliseconds. The loop
	// sets it once per wake-up.
	NowMS int64

	// Waited is how long LockKey has waited for shards, in ticks. Whoever times
	// commands takes it off.
	Waited uint64

	// Writes counts, while the keyspace is followed, how often a key was written to on this worker, not counting
	// keys that went by themselves. Whoever writes what is no key's may count it here.
	Writes uint64

	Stats WorkerStats

	ks    *Keyspace
	store store.Writer
	wrote bool // memory was taken since the last Settle

	replacing bool         // see Replace
	preserved bool         // something was, since the last Settle
	encoder   *rdb.Encoder // of what is preserved

	packed packed // what Packed last returned

	held held
	rand uint64
	id   int
	of   int // number of workers that share the housekeeping

	casNext, casEnd uint64
	crawler         crawler
	ager            ager
}

// WorkerStats counts what one worker did.
type WorkerStats struct {
	Hits    metrics.Counter
	Misses  metrics.Counter
	Expired metrics.Counter // keys removed because their time was over
	Fields  metrics.Counter // fields of hashes, likewise
	Cut     metrics.Counter // ticks in which more was over than one may remove
	Stale   metrics.Gauge   // of what expires, how much was over: millionths, a slow average
	Changes metrics.Counter // of values, about as the reference server counts them
}

// Evicted returns how many items this worker evicted to make room.
func (w *Worker) Evicted() uint64 { return w.store.Counts().Evicted.Load() }

// NewWorker returns worker id of count, which share what is done now and then for all keys. One
// of a higher id has no part in that, and may come later. Each is used by one thread.
func (ks *Keyspace) NewWorker(id, count int) *Worker {
	w := &Worker{ks: ks, id: id, of: count, rand: uint64(id)*0x9e3779b97f4a7c15 + 1}
	w.store = ks.backend.NewWriter(w)
	return w
}

// Tidies reports whether the worker has a share of what is done now and then for all keys.
func (w *Worker) Tidies() bool { return w.id < w.of }

// Key hashes name; see Keyspace.Key.
func (w *Worker) Key(name []byte) Key { return w.ks.Key(name) }

// Keyspace returns the keyspace that w works on.
func (w *Worker) Keyspace() *Keyspace { return w.ks }

// held says which shards the worker has locked.
type held struct {
	one  *shard // the only one, the common case
	all  bool
	some shardSet // several
	many bool
}

// LockKey locks the shard of k.
func (w *Worker) LockKey(k Key) {
	s := &w.ks.shards[k.shard()]
	if !s.lock.TryLock() {
		w.waitFor(s)
	}
	w.held.one = s
}

// waitFor locks a shard that is locked, and notes for how long it waited.
func (w *Worker) waitFor(s *shard) {
	begin := ticks.Now()
	s.lock.Lock()
	w.Waited += ticks.Now() - begin
}

// LockKeys locks the shards of all keys, each once, in ascending order.
func (w *Worker) LockKeys(keys []Key) {
	for _, k := range keys {
		n := k.shard()
		w.held.some.add(n)
	}
	w.held.many = true
	for !w.acquire(w.held.some) {
		w.ks.giveWay()
	}
}

// LockAll locks every shard.
func (w *Worker) LockAll() {
	for !w.acquire(everyShard) {
		w.ks.giveWay()
	}
	w.held.all = true
}

// Holding reports whether any shard is locked by w.
func (w *Worker) Holding() bool { return w.held.one != nil || w.held.all || w.held.many }

// Unlock lets go of everything that is held.
func (w *Worker) Unlock() {
	switch h := &w.held; {
	case h.one != nil:
		h.one.lock.Unlock()
		h.one = nil
	case h.many:
		w.ks.release(h.some)
		h.some, h.many = shardSet{}, false
	case h.all:
		for i := range w.ks.shards {
			w.ks.shards[i].lock.Unlock()
		}
		h.all = false
	}
}

// withShard runs do with shard n locked. The worker holds nothing, or everything.
func (w *Worker) withShard(n int, do func(*shard)) {
	s := &w.ks.shards[n]
	if w.held.all {
		do(s)
		return
	}
	s.lock.Lock()
	do(s)
	s.lock.Unlock()
}

// find returns k's entry in t, whether its time is over or not.
func (w *Worker) find(t *table, k Key) (index.Slot, store.Item, bool) {
	if t == nil {
		return index.Slot{}, store.Item{}, false
	}
	for c, ok := t.Candidates(k.hash), true; ok; c, ok = t.Behind(c, k.hash) {
		for ; c.Any(); c = c.Rest() {
			slot := c.First()
			if it := w.ks.arena.Item(store.Loc(slot.Place())); it.NameIs(k.Name) {
				return slot, it, true
			}
		}
	}
	return index.Slot{}, store.Item{}, false
}

// live is find, but an item whose time is over is removed and absent.
func (w *Worker) live(db int, k Key) (index.Slot, store.Item, bool) {
	t := w.ks.table(k.shard(), db)
	slot, it, ok := w.find(t, k)
	if ok && slot.Expiring() && w.expired(it) {
		w.Stats.Expired.Add(1)
		s := &w.ks.shards[k.shard()]
		w.lost(s, db, k, false)
		w.remove(s, t, db, k, slot, it)
		w.Event(ExpiredEvent, "expired", db, k)
		return index.Slot{}, store.Item{}, false
	}
	return slot, it, ok
}

// shown is live for who only looks: under a Freeze an item whose time is over is
// absent and stays, until it is written to or the Freeze is over.
func (w *Worker) shown(db int, k Key) (index.Slot, store.Item, bool) {
	slot, it, ok := w.find(w.ks.table(k.shard(), db), k)
	if ok && slot.Expiring() && w.expired(it) {
		if w.ks.Keeps() {
			return index.Slot{}, store.Item{}, false
		}
		return w.live(db, k)
	}
	return slot, it, ok
}

func (w *Worker) expired(it store.Item) bool {
	at := it.ExpireAt()
	return at != 0 && at <= w.NowMS
}

// Get returns the item of k for a command that reads its value: it counts a
// hit or a miss and marks the item as used. k's shard is locked.
func (w *Worker) Get(db int, k Key) (Item, bool) {
	slot, it, ok := w.shown(db, k)
	if !ok {
		w.Stats.Misses.Add(1)
		w.Event(KeyMissEvent, "keymiss", db, k)
		return Item{}, false
	}
	w.Stats.Hits.Add(1)
	return Item{it, w.use(slot)}, true
}

// Inspect is Peek for who looks at what is stored, also when its time is over. k's shard is locked.
func (w *Worker) Inspect(db int, k Key) (Item, bool) {
	slot, it, ok := w.find(w.ks.table(k.shard(), db), k)
	if !ok {
		return Item{}, false
	}
	return Item{it, slot.Use()}, true
}

// Peek returns the item of k without counting or marking. k's shard is locked.
func (w *Worker) Peek(db int, k Key) (Item, bool) {
	slot, it, ok := w.shown(db, k)
	if !ok {
		return Item{}, false
	}
	return Item{it, slot.Use()}, true
}
