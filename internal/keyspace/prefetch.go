package keyspace

import (
	"encoding/binary"
	"unsafe"

	"github.com/crucible-cache/crucible/internal/object"
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

// PrefetchItem starts to load k's item, and returns where it probably lies, 0 for
// nowhere. It reads the index, so call PrefetchIndex first and do something else in
// between. more says that the item may be found by PrefetchBehind, after something else
// again.
func (w *Worker) PrefetchItem(db int, k Key) (at store.Loc, more bool) {
	t := w.tableAhead(db, k)
	if t == nil {
		return 0, false
	}
	place, more := t.Guess(k.hash)
	return w.prefetchItem(place), more
}

// PrefetchBehind is PrefetchItem where the index goes on elsewhere.
func (w *Worker) PrefetchBehind(db int, k Key) {
	if t := w.tableAhead(db, k); t != nil {
		w.prefetchItem(t.GuessBehind(k.hash))
	}
}

func (w *Worker) prefetchItem(place uint64) store.Loc {
	at := store.Loc(place)
	if at != 0 {
		prefetch.Lines(w.ks.arena.Item(at).Pointer(), itemLines)
	}
	return at
}

// valueMost is how much of an item is loaded ahead at most, in bytes. What is behind
// it the CPU has found out by itself by then.
const (
	valueMost = 2 << 10
	packMost  = 512 // a search ends halfway, on average, and finds out the sooner
)

// PrefetchValue starts to load what PrefetchItem left out of an item of some
// length, or, of an object, what its ends are. It reads the item's header, so do
// something else in between. The item may be gone: then the load is useless and
// nothing else.
//
// The request may name an element, else element is nil. If that is one of a large
// table, search says so then, and PrefetchEntry goes on.
func (w *Worker) PrefetchValue(at store.Loc, element []byte, search *object.Search) {
	const loaded = itemLines * prefetch.LineSize
	item := w.ks.arena.Item(at)
	if item.Encoding() == EncodingObject {
		w.prefetchObject(item, element, search)
		return
	}
	most := packMost
	if item.Type() == TypeString {
		most = valueMost
	}
	if n := min(item.Len(), most); n > loaded {
		prefetch.Lines(unsafe.Add(item.Pointer(), loaded), (n-loaded)/prefetch.LineSize+1)
	}
}

func (w *Worker) prefetchObject(item store.Item, element []byte, search *object.Search) {
	b := item.Glimpse(objectBytes)
	if b == nil {
		return
	}
	first := object.Lead(binary.LittleEndian.Uint64(b[handleBytes:]))
	second := object.Lead(binary.LittleEndian.Uint64(b[handleBytes+leadBytes:]))
	switch item.Type() {
	case TypeList, TypeStream:
		w.ks.heap.Follow(first)
		w.ks.heap.Follow(second)
	case TypeHash, TypeSet:
		if element != nil {
			w.ks.heap.Search(search, first, second, element)
		}
	}
}

// entryLines is how much of an entry of a large table is loaded ahead, in cache lines.
const entryLines = 2

// PrefetchEntry starts to load what the search is for that PrefetchValue began. It reads
// the group of the table, so do something else in between.
func (w *Worker) PrefetchEntry(search *object.Search) { w.ks.heap.Reach(search, entryLines) }

// PrefetchRoom is PrefetchValue for an item over which a value of n bytes is to be
// written: what is not there waits for memory as what is read does. A longer value
// will lie elsewhere.
func (w *Worker) PrefetchRoom(at store.Loc, n int) {
	if n < w.ks.arena.Item(at).Len()+store.Align {
		w.PrefetchValue(at, nil, nil)
	}
}

// tableAhead returns the table in which k is, or nil where nothing is to be
// loaded ahead.
func (w *Worker) tableAhead(db int, k Key) *table {
	if !prefetch.On {
		return nil
	}
	return w.ks.table(k.shard(), db)
}
