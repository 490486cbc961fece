package keyspace

import (
	"encoding/binary"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/crucible-cache/crucible/internal/object"
	"github.com/crucible-cache/crucible/internal/offheap"
	"github.com/crucible-cache/crucible/internal/rdb"
)

// putHash gives a key a large hash of n fields.
func putHash(w *Worker, name string, n int) *object.Table {
	t := object.NewTable(w.Heap(), n, true)
	for i := range n {
		t.Set(fmt.Appendf(nil, "field:%d", i), make([]byte, 100), 0)
	}
	k := w.Key([]byte(name))
	w.LockKey(k)
	w.SetObject(0, k, t, Options{Type: TypeHash})
	w.Unlock()
	return t
}

func settleReaper(w *Worker) {
	for w.ks.reaper.reap() {
	}
	w.ks.heap.Trim()
}

// An object goes with its item, however that goes: nothing stays of it.
func TestObjectsGoWithTheirItems(t *testing.T) {
	before := offheap.Resident(offheap.Collections)
	ks := newKeyspace(t, Config{})
	w := ks.NewWorker(0, 1)
	w.NowMS = 1000
	k := w.Key([]byte("k"))
	ways := map[string]func(){
		"deleted":     func() { w.Delete(0, k) },
		"overwritten": func() { w.Set(0, k, []byte("text"), Options{}) },
		"replaced by an object": func() {
			w.SetObject(0, k, object.NewTable(w.Heap(), 0, false), Options{Type: TypeSet})
			w.Delete(0, k)
		},
		"packed": func() {
			object.NewPack(w.Packed(0, k, TypeHash, EncodingPack), 0)
		},
		"expired": func() {
			it, _ := w.Peek(0, k)
			w.SetExpire(0, k, it, 2000)
			w.NowMS = 3000
			if _, ok := w.Peek(0, k); ok {
				t.Error("the item is still there")
			}
			w.NowMS = 1000
		},
		"renamed over": func() {
			other := w.Key([]byte("other"))
			w.Set(0, other, []byte("text"), Options{})
			it, _ := w.Peek(0, other)
			w.Rename(0, other, it, 0, k)
		},
		"renamed and deleted": func() {
			it, _ := w.Peek(0, k)
			to := w.Key([]byte("elsewhere"))
			w.Rename(0, k, it, 1, to)
			if it, _ := w.Peek(1, to); w.Object(to, it).Len() == 0 {
				t.Error("a renamed hash lost its fields")
			}
			w.Delete(1, to)
		},
		"copied, both deleted": func() {
			it, _ := w.Peek(0, k)
			to := w.Key([]byte("elsewhere"))
			w.Copy(k, it, 1, to)
			w.Delete(0, k)
			if it, _ := w.Peek(1, to); w.Object(to, it).Len() == 0 {
				t.Error("a copy went with its origin")
			}
			w.Delete(1, to)
		},
		"flushed": func() { w.Flush(0) },
	}
	for name, lose := range ways {
		for _, fields := range []int{10, 10_000} {
			putHash(w, "k", fields)
			w.LockAll()
			lose()
			w.FlushAll()
			w.Unlock()
			if settleReaper(w); ks.heap.Bytes() != 0 {
				t.Errorf("%s, %d fields: %d bytes stay", name, fields, ks.heap.Bytes())
			}
			for i := range ks.shards {
				if o := ks.shards[i].objects; o != nil && len(o.list) != len(o.spare) {
					t.Errorf("%s: shard %d holds an object", name, i)
				}
			}
		}
	}
	ks.Close()
	if after := offheap.Resident(offheap.Collections); after != before {
		t.Errorf("%d bytes are mapped, %d before", after, before)
	}
}

// A large collection is freed in slices: to delete it takes no longer than to
// delete a small one, and memory that is to be freed counts as free.
func TestLargeObjectsAreFreedInSlices(t *testing.T) {
	ks := newKeyspace(t, Config{})
	defer ks.Close()
	w := ks.NewWorker(0, 1)
	table := putHash(w, "k", 200_000)
	held := table.Bytes()
	k := w.Key([]byte("k"))
	w.LockKey(k)
	w.Delete(0, k)
	w.Unlock()
	if pending := ks.reaper.bytes.Load(); pending != held {
		t.Errorf("%d bytes wait to be freed, want %d", pending, held)
	}
	longest, slices := time.Duration(0), 0
	for ; ; slices++ {
		begin := time.Now()
		if !ks.reaper.reap() {
			break
		}
		longest = max(longest, time.Since(begin))
	}
	if slices < 10 {
		t.Errorf("freed in %d slices", slices)
	}
	if ks.reaper.bytes.Load() != 0 {
		t.Errorf("%d bytes wait to be freed", ks.reaper.bytes.Load())
	}
	t.Logf("%d MiB in %d slices, the longest took %v", held>>20, slices, longest)
}

// Collections count against maxmemory and are evicted, the unused ones first,
// and where nothing may be evicted writes are refused.
func TestCollectionsAreEvicted(t *testing.T) {
	const limit = 64 * mib
	policies := []string{
		"s3fifo", "fifo", "random", "cte", "merge", "allkeys-lru", "allkeys-lfu", "allkeys-random", "volatile-lru", "volatile-lfu", "volatile-random", "volatile-ttl", "noeviction",
	}
	if raced {
		policies = []string{"s3fifo", "allkeys-lfu", "volatile-ttl", "noeviction"} // one of each kind
	}
	for _, policy := range policies {
		ks := newKeyspace(t, Config{Maxmemory: limit, SegmentSize: mib, Policy: policy})
		w := ks.NewWorker(0, 1)
		base := offheap.Total()
		var refused int
		for i := range 230 {
			if w.Prepare(1000) != nil {
				refused++
				continue
			}
			putHash(w, fmt.Sprint("hash:", i), 5000)
			if k := w.Key(fmt.Append(nil, "hash:", i)); strings.HasPrefix(policy, "volatile-") {
				w.LockKey(k)
				if it, found := w.Peek(0, k); found {
					w.SetExpire(0, k, it, w.NowMS+1_000_000)
				}
				w.Unlock()
			}
			w.Settle()
			if over := offheap.Total() - ks.reaper.bytes.Load() - max(base, limit); over > 4*mib && policy != "noeviction" {
				t.Fatalf("%s: %d MiB over the limit after %d hashes", policy, over>>20, i)
			}
		}
		evicted := w.Evicted()
		if policy == "noeviction" {
			if refused == 0 || evicted > 0 {
				t.Errorf("noeviction: %d refused, %d evicted", refused, evicted)
			}
		} else if refused > 0 || evicted < 50 {
			t.Errorf("%s: %d refused, %d evicted", policy, refused, evicted)
		}
		ks.Close()
	}
}

// The only collection there is gives way, wherever it lies.
func TestTheOnlyCollectionIsEvicted(t *testing.T) {
	for i := range 20 {
		ks := newKeyspace(t, Config{Maxmemory: 64 * mib, SegmentSize: mib, Policy: "allkeys-lru"})
		w := ks.NewWorker(0, 1)
		putHash(w, fmt.Sprint("hash:", i), 5000)
		if !w.evictObject() || w.evictObject() {
			t.Errorf("hash %d: not evicted, or twice", i)
		}
		ks.Close()
	}
}

// Where collections take more than there is, a write evicts them rather than to
// be refused: what is left for items is nothing until they are gone.
func TestCollectionsGiveWayToLessMemory(t *testing.T) {
	ks := newKeyspace(t, Config{Maxmemory: 256 * mib, SegmentSize: mib, Policy: "allkeys-lru"})
	w := ks.NewWorker(0, 1)
	base := offheap.Total()
	putHash(w, "one", 200_000)
	grown := offheap.Total() - base
	ks.SetMaxmemory(base + grown/2)
	if err := w.Prepare(1000); err != nil {
		t.Errorf("%v, with %d MiB of one collection", err, grown>>20)
	}
	if n := w.Evicted(); n != 1 {
		t.Errorf("%d evicted", n)
	}
	ks.SetMaxmemory(256 * mib)
	putHash(w, "two", 200_000)
	ks.SetMaxmemory(mib)
	if w.Prepare(100*mib) == nil {
		t.Error("a write larger than all memory is let in")
	}
	ks.Close()
}

// Fields that are over go without being asked for, and so does a hash of which
// none is left.
func TestTickExpiresFields(t *testing.T) {
	ks := newKeyspace(t, Config{})
	defer ks.Close()
	workers := []*Worker{ks.NewWorker(0, 3), ks.NewWorker(1, 3), ks.NewWorker(2, 3)}
	const keys = 300
	for _, w := range workers {
		w.NowMS = 1000
	}
	w := workers[0]
	for i := range keys {
		k := w.Key(fmt.Appendf(nil, "h:%d", i))
		w.LockKey(k)
		if i%2 == 0 {
			p := object.NewPack(w.Packed(0, k, TypeHash, EncodingPackTTL), 0)
			p.InsertTTL([]byte("short"), []byte("v"), 2000)
			p.InsertTTL([]byte("long"), []byte("v"), 3000)
		} else {
			table := object.NewTable(w.Heap(), 0, true)
			table.Set([]byte("short"), []byte("v"), 2000)
			table.Set([]byte("long"), []byte("v"), 3000)
			w.SetObject(0, k, table, Options{Type: TypeHash})
		}
		w.Unlock()
	}
	tick := func(now int64) {
		for range 3 {
			for _, w := range workers {
				w.NowMS = now
				w.Tick()
			}
		}
	}
	tick(2500)
	if n := w.Len(0); n != keys {
		t.Errorf("%d hashes, want %d", n, keys)
	}
	for i := range keys {
		k := w.Key(fmt.Appendf(nil, "h:%d", i))
		w.LockKey(k)
		it, _ := w.Peek(0, k)
		var n int
		if it.Encoding() == EncodingObject {
			n = w.Object(k, it).Len()
		} else {
			p := object.OpenPack(it.Value(), nil)
			n = p.Len() / object.HashStrideTTL
		}
		w.Unlock()
		if n != 1 {
			t.Errorf("hash %d has %d fields, want 1", i, n)
		}
	}
	tick(3500)
	if n := w.Len(0); n != 0 {
		t.Errorf("%d hashes are left", n)
	}
	for i := range ks.shards {
		if n := len(ks.shards[i].timed); n != 0 {
			t.Errorf("shard %d still lists %d hashes", i, n)
		}
	}
}

// What leads to the ends of an object lies beside its handle and stays with it when the
// item is laid out anew, and whoever looks ahead reads it whatever became of the item.
func TestLeadStaysWithTheHandle(t *testing.T) {
	ks := newKeyspace(t, Config{})
	defer ks.Close()
	w := ks.NewWorker(0, 1)
	w.NowMS = 1000
	for _, name := range []string{"k", strings.Repeat("long", 100)} {
		k := w.Key([]byte(name))
		list := object.NewList(w.Heap(), object.Fill(-2))
		list.PushFront([]byte("value"))
		w.LockKey(k)
		w.SetObject(0, k, list, Options{Type: TypeList})
		it, _ := w.Peek(0, k)
		w.Lead(it, object.Front, list.Lead(object.Front))
		w.Lead(it, object.Back, list.Lead(object.Back))
		w.SetExpire(0, k, it, 2000)
		it, _ = w.Peek(0, k)
		if w.Object(k, it) != object.Object(list) {
			t.Fatal("the handle leads to another object")
		}
		leads := it.Value()[handleBytes:]
		for end := range 2 {
			if got := object.Lead(binary.LittleEndian.Uint64(leads[end*leadBytes:])); got != list.Lead(end) {
				t.Errorf("end %d: lead %x, want %x", end, got, list.Lead(end))
			}
		}
		at, _ := w.PrefetchItem(0, k)
		w.PrefetchValue(at, nil, nil)
		w.Delete(0, k)
		w.PrefetchValue(at, nil, nil)
		w.Unlock()
	}
}

// To be given the large form is no change: nobody is told, nothing counts it, and a snapshot under way has
// what was there.
func TestEnlarge(t *testing.T) {
	ks := newKeyspace(t, Config{})
	defer ks.Close()
	w, saver := ks.NewWorker(0, 1), &Worker{ks: ks}
	w.NowMS, saver.NowMS = 1000, 1000
	k := w.Key([]byte("k"))
	list := func() *object.List {
		l := object.NewList(w.Heap(), -2)
		l.PushBack([]byte("one"))
		l.PushBack([]byte("two"))
		return l
	}
	packed, _ := list().Whole()
	w.LockKey(k)
	w.Set(0, k, packed, Options{Type: TypeList, ExpireAt: 5000})
	w.Unlock()
	want := all(w)
	s, err := saver.BeginSnapshot()
	if err != nil {
		t.Fatal(err)
	}
	var watcher Watcher
	w.Watch(0, k, &watcher)
	changes, sizes := w.Stats.Changes.Load(), w.Sizes(0)
	w.LockKey(k)
	before, _ := w.Peek(0, k)
	used := w.IdleSeconds(before)
	w.NowMS = 3000
	w.Enlarge(0, k, list(), TypeList)
	it, ok := w.Peek(0, k)
	if !ok || it.Encoding() != EncodingObject || it.ExpireAt() != 5000 || w.IdleSeconds(it) != used+2 {
		t.Errorf("found %v, encoding %d, expires %d, unused for %d s", ok, it.Encoding(), it.ExpireAt(), w.IdleSeconds(it))
	}
	w.Unlock()
	if watcher.Changed() || w.Stats.Changes.Load() != changes || w.Sizes(0) != sizes {
		t.Errorf("changed: %v, %d more, sizes %v instead of %v", watcher.Changed(), w.Stats.Changes.Load()-changes, w.Sizes(0), sizes)
	}
	e := rdb.Encoder{}
	e.Header()
	for done := false; !done; {
		if done, err = s.Next(saver, &e); err != nil {
			t.Fatal(err)
		}
	}
	s.Close(saver)
	if got := saved(t, w, &e); !maps.Equal(got, want) {
		t.Error(difference(got, want))
	}
	other := w.Key([]byte("other"))
	w.LockKey(other)
	w.Enlarge(0, other, list(), TypeList)
	w.Unlock()
	if err := ks.Check(); err != nil || w.Len(0) != 2 {
		t.Errorf("%d keys, %v", w.Len(0), err)
	}
}
