package keyspace

import (
	"github.com/crucible-cache/crucible/internal/prefetch"
	"github.com/crucible-cache/crucible/internal/store"
)

// PrefetchIndex starts to load what looking for k in db will read first. No
// shard need be locked, here or below.
func (w *Worker) PrefetchIndex(db int, k Key) {
	if t := w.tableAhead(db, k); t != nil {
		t.Prefetch(k.hash)
	}
}

// itemLines is how much of an item is loaded ahead, in cache lines.
const itemLines = 2

// PrefetchItem starts to load k's item. It reads the index, so call
// PrefetchIndex first and do something else in between.
func (w *Worker) PrefetchItem(db int, k Key) {
	if t := w.tableAhead(db, k); t != nil {
		if place := t.Guess(k.hash); place != 0 {
			prefetch.Lines(w.ks.arena.Item(store.Loc(place)).Pointer(), itemLines)
		}
	}
}

// tableAhead returns the table in which k is, or nil where nothing is to be
// loaded ahead.
func (w *Worker) tableAhead(db int, k Key) *table {
	if !prefetch.On {
		return nil
	}
	return w.ks.table(&w.ks.shards[k.shard()], db)
}
