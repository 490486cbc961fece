package keyspace

import (
	"github.com/crucible-cache/crucible/internal/index"
	"github.com/crucible-cache/crucible/internal/store"
)

// crawler is where a worker's active expiry stands: each worker looks after
// every count-th shard.
type crawler struct {
	shard int
	db    int

	fieldShard, field int // of expireFields
}

// One tick of active expiry looks at crawlBuckets buckets of tables that have
// expiring keys, and goes on while more than one in crawlWorth of the expiring
// items it saw were over, for at most crawlRounds times that: with ten ticks a
// second, a million keys that expire together are gone within one or two.
const (
	crawlBuckets = 512
	crawlWorth   = 10
	crawlRounds  = 64

	// crawlHold is how many buckets are looked at before the shard is unlocked
	// for those who wait: some tens of microseconds.
	crawlHold = 32
)

// Tick does the worker's share of housekeeping: it removes keys whose time is
// over and gives back memory above the limit. Call it about ten times a second,
// with no shard locked.
func (w *Worker) Tick() {
	if w.ks.Frozen() {
		return
	}
	if w.Tidies() {
		if !w.ks.lazy.Load() && !w.ks.kept.Load() {
			w.expireKeys()
			w.expireFields()
		}
		w.age()
	}
	w.tend()
}

// expireKeys is a tick's share of active expiry.
func (w *Worker) expireKeys() {
	allSeen, allOver, behind := 0, 0, true
	for range crawlRounds {
		seen, over := w.crawl(crawlBuckets)
		allSeen, allOver = allSeen+seen, allOver+over
		if behind = over*crawlWorth > seen; !behind {
			break
		}
	}
	if behind {
		w.Stats.Cut.Add(1)
	}
	share := int64(0)
	if allSeen > 0 {
		share = staleUnit * int64(allOver) / int64(allSeen)
	}
	was := w.Stats.Stale.Load()
	w.Stats.Stale.Set(was + (share-was)/staleWeight)
}

// A tick's share of what was over counts for one in staleWeight of
// WorkerStats.Stale, as in Redis, which is in staleUnits.
const (
	staleWeight = 20
	staleUnit   = 1_000_000
)

// SetActiveExpire switches the removal of keys that nobody asks for; with it off,
// a key goes when it is next asked for. Any thread may call it.
func (ks *Keyspace) SetActiveExpire(on bool) { ks.lazy.Store(!on) }

// tend does what a tick brings for what the worker itself holds.
func (w *Worker) tend() {
	w.store.Tick(w.NowMS)
	w.reapTick()
	w.Settle()
	w.ks.arena.Trim(max(w.ks.arena.Room(), 0))
}

// crawl visits about n buckets of this worker's shards and reports how many
// expiring items it saw and how many of those were over.
func (w *Worker) crawl(n int) (seen, over int) {
	c := &w.crawler
	// Every table is looked at once a crawl at the most.
	for tables := Shards/w.of*len(w.ks.number) + 1; tables > 0 && n > 0; {
		at := (c.shard*w.of + w.id) % Shards
		s := &w.ks.shards[at]
		s.lock.Lock()
		t, done := w.ks.table(at, c.db), true
		if t != nil && t.expires > 0 {
			n -= w.crawlTable(s, t, c.db, min(n, crawlHold), &seen, &over)
			if done = t.crawl >= index.ScanEnd; done {
				t.crawl = 0
			}
		}
		s.lock.Unlock()
		if done {
			w.advance()
			tables--
		}
	}
	return seen, over
}

func (w *Worker) advance() {
	c := &w.crawler
	if c.shard++; c.shard*w.of >= Shards {
		c.shard = 0
		c.db = (c.db + 1) % len(w.ks.number)
	}
}

// crawlTable removes what is over from up to n buckets of t and returns how
// many it looked at. Removing reshuffles the bucket it removes from, so a
// bucket's items are collected first.
func (w *Worker) crawlTable(s *shard, t *table, db, n int, seen, over *int) int {
	looked := 0
	var due [dueMost]store.Loc
	for ; looked < n && t.crawl < index.ScanEnd; looked++ {
		found := due[:0]
		next := t.Scan(t.crawl, func(slot index.Slot) {
			if !slot.Expiring() {
				return
			}
			*seen++
			loc := store.Loc(slot.Place())
			if w.expired(w.ks.arena.Item(loc)) && len(found) < len(due) {
				found = append(found, loc)
			}
		})
		w.removeOver(s, t, db, found)
		*over += len(found)
		t.crawl = next
	}
	return looked
}

// dueMost is how many items of a bucket and its overflow are removed at a time.
const dueMost = 32

// removeOver removes items whose time is over.
func (w *Worker) removeOver(s *shard, t *table, db int, found []store.Loc) {
	for _, loc := range found {
		k := w.Key(w.ks.arena.Item(loc).Name())
		slot, it, ok := w.find(t, k)
		if ok {
			w.Stats.Expired.Add(1)
			w.Event(ExpiredEvent, "expired", db, k)
			w.lost(s, db, k, false)
			w.remove(s, t, db, k, slot, it)
		}
	}
}
