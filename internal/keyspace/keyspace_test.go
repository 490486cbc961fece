package keyspace

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"github.com/crucible-cache/crucible/internal/offheap"
)

const (
	kib = 1 << 10
	mib = 1 << 20
)

func newKeyspace(t interface{ Fatal(...any) }, c Config) *Keyspace {
	if c.Databases == 0 {
		c.Databases = 4
	}
	if c.SegmentSize == 0 {
		c.SegmentSize = 64 * kib
	}
	if c.Maxmemory == 0 {
		c.Maxmemory = 1 << 30
	}
	ks, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return ks
}

// modelItem is what a plain map says of a key.
type modelItem struct {
	value    []byte
	expireAt int64
	flags    uint32
	cas      uint64
}

// A keyspace with room is a map with expiry: random operations on it and on a
// map, under a clock that only moves when told, give the same answers.
func TestKeyspaceIsAMap(t *testing.T) { eachBackend(t, keyspaceIsAMap) }

func keyspaceIsAMap(t *testing.T, backend string) {
	before := offheap.Total()
	rapid.Check(t, func(t *rapid.T) {
		ks := newKeyspace(t, Config{Backend: backend})
		defer ks.Close()
		w := ks.NewWorker(0, 1)
		w.NowMS = 1000
		model := map[string]modelItem{}
		seen := func(id string) (modelItem, bool) {
			m, ok := model[id]
			if ok && m.expireAt != 0 && m.expireAt <= w.NowMS {
				delete(model, id)
				return modelItem{}, false
			}
			return m, ok
		}
		for range rapid.IntRange(1, 120).Draw(t, "steps") {
			db := rapid.IntRange(0, 1).Draw(t, "db")
			name := rapid.SampledFrom([]string{"a", "b", "c", "long" + string(make([]byte, 300)), ""}).Draw(t, "name")
			id := fmt.Sprint(db, name)
			k := w.Key([]byte(name))
			op := rapid.SampledFrom([]string{"set", "set", "get", "delete", "expire", "resize", "cas", "wait", "tick", "flush", "clean"}).Draw(t, "op")
			switch op {
			case "set":
				n := rapid.OneOf(rapid.IntRange(0, 100), rapid.IntRange(0, 40*kib)).Draw(t, "len")
				o := Options{
					Flags:   rapid.SampledFrom([]uint32{0, 7}).Draw(t, "flags"),
					CAS:     rapid.SampledFrom([]uint64{0, 99}).Draw(t, "cas"),
					KeepTTL: rapid.Bool().Draw(t, "keep"),
				}
				if rapid.Bool().Draw(t, "ttl") {
					o.ExpireAt = w.NowMS + rapid.Int64Range(1, 100).Draw(t, "in")
				}
				value := bytes.Repeat([]byte{byte(n)}, n)
				old, had := seen(id)
				w.LockKey(k)
				w.Set(db, k, value, o)
				w.Unlock()
				if o.KeepTTL && had {
					o.ExpireAt = old.expireAt
				}
				model[id] = modelItem{value, o.ExpireAt, o.Flags, o.CAS}
			case "delete":
				_, had := seen(id)
				w.LockKey(k)
				got := w.Delete(db, k)
				w.Unlock()
				if got != had {
					t.Fatalf("delete said %v, want %v", got, had)
				}
				delete(model, id)
			case "expire", "resize", "cas":
				m, had := seen(id)
				w.LockKey(k)
				if it, ok := w.Peek(db, k); ok != had {
					t.Fatalf("peek said %v, want %v", ok, had)
				} else if ok && op == "expire" {
					m.expireAt = rapid.SampledFrom([]int64{0, w.NowMS + 50}).Draw(t, "at")
					w.SetExpire(db, k, it, m.expireAt)
				} else if ok && op == "resize" {
					n := rapid.IntRange(0, 2*len(m.value)+10).Draw(t, "to")
					w.Resize(db, k, it, n, Options{KeepTTL: true, Flags: m.flags, CAS: m.cas})
					m.value = append(m.value[:min(n, len(m.value)):min(n, len(m.value))], make([]byte, max(0, n-len(m.value)))...)
				} else if ok {
					if got := w.CAS(db, k, it); m.cas != 0 && got != m.cas || got == 0 {
						t.Fatalf("cas %d, want %d", got, m.cas)
					} else {
						m.cas = got
					}
				}
				w.Unlock()
				if had {
					model[id] = m
				}
			case "wait":
				w.NowMS += rapid.Int64Range(0, 80).Draw(t, "ms")
			case "tick":
				w.Tick()
			case "clean":
				w.store.Seal()
				w.store.Reclaim(0)
			case "flush":
				w.LockAll()
				w.Flush(db)
				w.Unlock()
				for other := range model {
					if other[0] == id[0] {
						delete(model, other)
					}
				}
			}
			m, had := seen(id)
			w.LockKey(k)
			it, ok := w.Get(db, k)
			if ok != had {
				t.Fatalf("after %s: get said %v, want %v", op, ok, had)
			}
			if ok && (!bytes.Equal(it.Value(), m.value) || it.ExpireAt() != m.expireAt || it.Flags() != m.flags || it.CAS() != m.cas || string(it.Name()) != name) {
				t.Fatalf("after %s: %d bytes, expiry %d, flags %d, cas %d; want %d, %d, %d, %d", op,
					it.Len(), it.ExpireAt(), it.Flags(), it.CAS(), len(m.value), m.expireAt, m.flags, m.cas)
			}
			w.Unlock()
		}
		w.NowMS += 1000
		for range Shards {
			w.Tick()
		}
		live := 0
		for id := range model {
			if _, ok := seen(id); ok {
				live++
			}
		}
		if got := int(w.Len(0) + w.Len(1)); got != live {
			t.Fatalf("%d keys after all expired, want %d", got, live)
		}
		w.LockAll()
		w.FlushAll()
		w.Unlock()
		if m := ks.Memory(); m.LiveBytes != 0 || m.Segments != 0 {
			t.Fatalf("%d bytes in %d segments are live in an empty keyspace", m.LiveBytes, m.Segments)
		}
	})
	if after := offheap.Total(); after != before {
		t.Fatalf("%d bytes leaked", after-before)
	}
}

// A full cache stays within its memory, keeps the newest keys, and never
// returns a wrong value.
func TestEvictionBoundsMemory(t *testing.T) {
	for _, c := range []Config{
		{Backend: "segment", Policy: "fifo"},
		{Backend: "slab", Policy: "lrc"},
		{Backend: "slab", Policy: "lra"},
		{Backend: "heap", Policy: "s3fifo"},
		{Backend: "heap", Policy: "lfu"},
	} {
		t.Run(c.Backend+"/"+c.Policy, func(t *testing.T) { evictionBoundsMemory(t, c) })
	}
}

func evictionBoundsMemory(t *testing.T, c Config) {
	const limit = 24 * mib
	c.Maxmemory = limit
	ks := newKeyspace(t, c)
	defer ks.Close()
	w := ks.NewWorker(0, 1)
	base := offheap.Total()
	value := make([]byte, 3000)
	n := 60000
	if raced {
		n = 20000
	}
	for i := range n {
		name := fmt.Appendf(nil, "key:%d", i)
		copy(value, name)
		if err := w.Prepare(len(value) + 64); err != nil {
			t.Fatal(err)
		}
		k := w.Key(name)
		w.LockKey(k)
		w.Set(0, k, value, Options{})
		w.Unlock()
		w.Settle()
		if used := offheap.Total() - base; used > limit+2*64*kib {
			t.Fatalf("%d bytes used of %d after %d keys", used, limit, i)
		}
	}
	kept := 0
	for i := range n {
		name := fmt.Appendf(nil, "key:%d", i)
		k := w.Key(name)
		w.LockKey(k)
		it, ok := w.Get(0, k)
		if ok {
			kept++
			if !bytes.HasPrefix(it.Value(), name) {
				t.Fatalf("key %d has the value of another", i)
			}
		} else if i == n-1 {
			t.Fatal("the newest key is gone")
		}
		w.Unlock()
	}
	if int64(kept) != w.Len(0) || kept < limit/4000 || uint64(n-kept) != w.Evicted() {
		t.Fatalf("%d keys kept, Len %d, %d evicted", kept, w.Len(0), w.Evicted())
	}
}

// Without eviction a full keyspace refuses writes and loses nothing, and
// overwriting what is there never fills it: dead bytes are cleaned away.
func TestNoEviction(t *testing.T) { eachBackend(t, noEviction) }

// leastFull is the share of memory that must be live before a write is refused:
// with chunks up to a fifth is lost behind the item.
var leastFull = map[string]float64{"segment": 0.8, "slab": 0.7, "heap": 0.7}

func noEviction(t *testing.T, backend string) {
	const limit = 24 * mib
	ks := newKeyspace(t, Config{Backend: backend, Maxmemory: limit})
	defer ks.Close()
	w := ks.NewWorker(0, 1)
	rnd := rand.New(rand.NewPCG(1, 2))
	set := func(i, n int) error {
		k := w.Key(fmt.Appendf(nil, "key:%d", i))
		if err := w.Prepare(n + 64); err != nil {
			return err
		}
		w.LockKey(k)
		w.Set(0, k, make([]byte, n), Options{})
		w.Unlock()
		return nil
	}
	writes := 200000
	if raced {
		writes = 30000
	}
	for i := range writes {
		if err := set(i%2000, rnd.IntN(6000)); err != nil {
			t.Fatalf("write %d refused with a quarter of the memory live: %v", i, err)
		}
	}
	n := 2000
	for ; set(n, 3000) == nil; n++ {
		if n > 100000 {
			t.Fatal("never full")
		}
	}
	if got := int(w.Len(0)); got != n {
		t.Fatalf("%d keys, want %d", got, n)
	}
	if live := ks.Memory().LiveBytes; float64(live) < limit*leastFull[backend] {
		t.Fatalf("writes refused with only %d of %d bytes live", live, limit)
	}
}

// Workers on threads of their own, evicting and cleaning at the same time,
// never see another key's value or lose the accounting.
func TestConcurrentWorkers(t *testing.T) {
	eachStore(t, func(t *testing.T, backend, policy string) {
		if p := policyOf(t, backend, policy); p.Evicts && !p.VolatileOnly {
			concurrentWorkers(t, Config{Backend: backend, Policy: policy, Maxmemory: offheap.Total() + 12*mib})
		}
	})
}

func concurrentWorkers(t *testing.T, c Config) {
	const workers = 4
	rounds := 3000
	if raced {
		rounds = 1500
	}
	ks := newKeyspace(t, c)
	defer ks.Close()
	var done sync.WaitGroup
	for id := range workers {
		w := ks.NewWorker(id, workers)
		done.Go(func() {
			rnd := rand.New(rand.NewPCG(uint64(id), 1))
			for i := range rounds {
				name := fmt.Appendf(nil, "key:%d", rnd.IntN(8000))
				k := w.Key(name)
				n := rnd.IntN(2000) + len(name)
				if err := w.Prepare(n + 64); err != nil {
					t.Error(err)
					return
				}
				w.LockKey(k)
				switch it, ok := w.Get(0, k); {
				case ok && !bytes.HasPrefix(it.Value(), append(name, '=')):
					t.Errorf("%s has the value %.20q", name, it.Value())
				case i%5 == 0:
					w.Delete(0, k)
				default:
					w.Set(0, k, append(append(name, '='), make([]byte, n)...), Options{ExpireAt: int64(i%3) * 1e15})
				}
				w.Unlock()
				w.Settle()
				if i%1000 == 0 {
					w.Tick()
				}
			}
		})
	}
	done.Wait()
	checkAll(t, ks.NewWorker(0, 1))
}

// A walk by cursor visits every key that is there throughout, also while
// others come and go.
func TestScan(t *testing.T) {
	ks := newKeyspace(t, Config{})
	defer ks.Close()
	w := ks.NewWorker(0, 1)
	set := func(i int) {
		k := w.Key(fmt.Appendf(nil, "key:%d", i))
		w.LockKey(k)
		w.Set(0, k, nil, Options{})
		w.Unlock()
	}
	const kept = 3000
	for i := range kept {
		set(i)
	}
	seen := map[string]bool{}
	next := kept
	for cursor := uint64(0); ; {
		cursor = w.Scan(0, cursor, 10, func(it Item) { seen[string(it.Name())] = true })
		if cursor == 0 {
			break
		}
		for range 5 {
			set(next)
			next++
		}
	}
	for i := range kept {
		if !seen[fmt.Sprintf("key:%d", i)] {
			t.Fatalf("key %d was not visited", i)
		}
	}
	if name, ok := w.Random(0); !ok || !bytes.HasPrefix(name, []byte("key:")) {
		t.Fatalf("random key %q, %v", name, ok)
	}
}

// Values larger than a segment have memory of their own, which goes when they go.
func TestLargeValues(t *testing.T) { eachBackend(t, largeValues) }

func largeValues(t *testing.T, backend string) {
	ks := newKeyspace(t, Config{Backend: backend})
	defer ks.Close()
	w := ks.NewWorker(0, 1)
	before := offheap.Resident(offheap.Items)
	k := w.Key([]byte("large"))
	for _, n := range []int{9 * kib, 65 * kib, 3 * mib, 40 * mib, 40*mib - 5, 1000} {
		value := bytes.Repeat([]byte{byte(n)}, n)
		w.LockKey(k)
		w.Set(0, k, value, Options{})
		it, ok := w.Get(0, k)
		if !ok || !bytes.Equal(it.Value(), value) {
			t.Fatalf("%d bytes did not come back", n)
		}
		w.Unlock()
	}
	w.LockKey(k)
	w.Delete(0, k)
	w.Unlock()
	w.store.Seal()
	ks.arena.Trim(0)
	if after := offheap.Resident(offheap.Items); after != before {
		t.Fatalf("%d bytes of deleted values are resident", after-before)
	}
}

func BenchmarkGet(b *testing.B) {
	ks := newKeyspace(b, Config{SegmentSize: mib})
	defer ks.Close()
	w := ks.NewWorker(0, 1)
	name := []byte("key:000000012345")
	k := w.Key(name)
	w.LockKey(k)
	w.Set(0, k, make([]byte, 64), Options{})
	w.Unlock()
	b.ReportAllocs()
	for b.Loop() {
		k := w.Key(name)
		w.LockKey(k)
		if it, ok := w.Get(0, k); !ok || len(it.Value()) != 64 {
			b.Fatal("lost")
		}
		w.Unlock()
	}
}

func BenchmarkSet(b *testing.B) {
	ks := newKeyspace(b, Config{SegmentSize: mib})
	defer ks.Close()
	w := ks.NewWorker(0, 1)
	name, value := []byte("key:000000012345"), make([]byte, 64)
	b.ReportAllocs()
	for b.Loop() {
		if w.Prepare(len(name)+len(value)+32) != nil {
			b.Fatal("full")
		}
		k := w.Key(name)
		w.LockKey(k)
		w.Set(0, k, value, Options{})
		w.Unlock()
		w.Settle()
	}
}
