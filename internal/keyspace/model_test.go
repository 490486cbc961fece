package keyspace

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"github.com/crucible-cache/crucible/internal/offheap"
	"github.com/crucible-cache/crucible/internal/store"
)

// eachBackend runs a test for every backend.
func eachBackend(t *testing.T, run func(t *testing.T, backend string)) {
	for _, backend := range Backends() {
		t.Run(backend, func(t *testing.T) { run(t, backend) })
	}
}

// eachStore runs a test for every policy of every backend.
func eachStore(t *testing.T, run func(t *testing.T, backend, policy string)) {
	for _, backend := range Backends() {
		ks := newKeyspace(t, Config{Backend: backend})
		policies := ks.Policies()
		ks.Close()
		for _, policy := range policies {
			t.Run(backend+"/"+policy, func(t *testing.T) { run(t, backend, policy) })
		}
	}
}

func policyOf(t *testing.T, backend, policy string) store.Policy {
	ks := newKeyspace(t, Config{Backend: backend, Policy: policy})
	defer ks.Close()
	return ks.Policy()
}

// evictingModel is a map that may lose what memory has no room for.
type evictingModel struct {
	t     *rapid.T
	w     *Worker
	items map[string]modelItem
	gone  map[string]bool // seen to be absent, and not written since
}

// read looks a key up and compares: what is there must be what was written last,
// and what is absent must have expired, been deleted or be allowed to be evicted.
func (m *evictingModel) read(name string) (Item, bool) {
	k := m.w.Key([]byte(name))
	it, ok := m.w.Get(0, k)
	want, had := m.items[name]
	over := had && want.expireAt != 0 && want.expireAt <= m.w.NowMS
	p := m.w.ks.Policy()
	switch {
	case ok && m.gone[name]:
		m.t.Fatalf("%s is back", name)
	case ok && (!had || over):
		m.t.Fatalf("%s has a value: stored %v, expired %v", name, had, over)
	case ok && (!bytes.Equal(it.Value(), want.value) || it.ExpireAt() != want.expireAt || it.Flags() != want.flags):
		m.t.Fatalf("%s has %d bytes, expiry %d, flags %d; want %d, %d, %d", name, it.Len(), it.ExpireAt(), it.Flags(), len(want.value), want.expireAt, want.flags)
	case !ok && had && !over && (!p.Evicts || p.VolatileOnly && want.expireAt == 0):
		m.t.Fatalf("%s is gone and may not be evicted", name)
	case !ok:
		m.forget(name)
	}
	return it, ok
}

func (m *evictingModel) forget(name string) {
	delete(m.items, name)
	m.gone[name] = true
}

func (m *evictingModel) wrote(name string, it modelItem) {
	m.items[name] = it
	delete(m.gone, name)
}

// step does one random operation.
func (m *evictingModel) step(rnd *rand.Rand) {
	w := m.w
	name := fmt.Sprint("key", rnd.IntN(400))
	if rnd.IntN(20) == 0 {
		name += string(make([]byte, 300))
	}
	k := w.Key([]byte(name))
	switch op := rnd.IntN(24); {
	case op < 9:
		m.set(rnd, name)
	case op < 16:
		w.LockKey(k)
		m.read(name)
		w.Unlock()
	case op < 18:
		w.LockKey(k)
		_, had := m.read(name)
		if w.Delete(0, k) != had {
			m.t.Fatalf("delete of %s disagrees with get", name)
		}
		w.Unlock()
		m.forget(name)
	case op < 20:
		m.change(rnd, name)
	case op == 20:
		w.NowMS += rnd.Int64N(2000)
	case op == 21:
		w.Tick()
	case op == 22:
		w.store.Reclaim(rnd.IntN(10000))
	case rnd.IntN(20) == 0:
		w.LockAll()
		w.Flush(0)
		w.Unlock()
		for name := range m.items {
			m.forget(name)
		}
	case rnd.IntN(10) == 0:
		w.store.Seal()
	}
}

func (m *evictingModel) expiry(rnd *rand.Rand) int64 {
	switch rnd.IntN(4) {
	case 0:
		return m.w.NowMS + 1 + rnd.Int64N(3000)
	case 1:
		return m.w.NowMS + 1 + rnd.Int64N(1e9)
	}
	return 0
}

func (m *evictingModel) set(rnd *rand.Rand, name string) {
	w, n := m.w, rnd.IntN(300)
	switch rnd.IntN(8) {
	case 0:
		n = rnd.IntN(60 * kib)
	case 1, 2, 3:
		n = rnd.IntN(8 * kib)
	}
	if err := w.Prepare(n + len(name)); err != nil {
		if p := w.ks.Policy(); p.Evicts && !p.VolatileOnly {
			m.t.Fatalf("a write of %d bytes is refused under %s", n, p.Name)
		}
		return
	}
	value := bytes.Repeat([]byte{byte(rnd.Uint32())}, n)
	it := modelItem{value: value, expireAt: m.expiry(rnd), flags: uint32(rnd.IntN(2))}
	k := w.Key([]byte(name))
	w.LockKey(k)
	w.Set(0, k, value, Options{ExpireAt: it.expireAt, Flags: it.flags})
	w.Unlock()
	m.wrote(name, it)
	w.Settle()
}

// change gives a key another length or expiry.
func (m *evictingModel) change(rnd *rand.Rand, name string) {
	w := m.w
	k := w.Key([]byte(name))
	if w.Prepare(10*kib) != nil {
		return
	}
	w.LockKey(k)
	if it, ok := m.read(name); ok {
		want := m.items[name]
		if rnd.IntN(2) == 0 {
			want.expireAt = m.expiry(rnd)
			w.SetExpire(0, k, it, want.expireAt)
		} else {
			n := rnd.IntN(2*len(want.value) + 10)
			w.Resize(0, k, it, n, Options{KeepTTL: true, Flags: want.flags})
			keep := min(n, len(want.value))
			want.value = append(want.value[:keep:keep], make([]byte, n-keep)...)
		}
		m.items[name] = want
	}
	w.Unlock()
	w.Settle()
}

// A keyspace short of memory is a map that forgets, and nothing else: whatever
// is done to it, no value is wrong, stale or back from the dead, the bookkeeping
// adds up, and what may not be evicted is not.
func TestEvictingModel(t *testing.T) {
	eachStore(t, func(t *testing.T, backend, policy string) {
		steps := 800
		if raced {
			steps = 200
		}
		before := offheap.Total()
		var evicted, moved uint64
		rapid.Check(t, func(t *rapid.T) {
			rnd := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
			memory := rapid.Int64Range(3*mib/2, 4*mib).Draw(t, "memory")
			ks := newKeyspace(t, Config{Backend: backend, Policy: policy, Databases: 1, Maxmemory: offheap.Total() + memory})
			defer ks.Close()
			w := ks.NewWorker(0, 1)
			w.NowMS = 1e12
			m := &evictingModel{t: t, w: w, items: map[string]modelItem{}, gone: map[string]bool{}}
			for i := range rapid.IntRange(1, steps).Draw(t, "steps") {
				m.step(rnd)
				if i%500 == 0 {
					checkAll(t, w)
				}
			}
			checkAll(t, w)
			evicted += w.store.Counts().Evicted.Load()
			moved += w.store.Counts().Moved.Load()
		})
		if evicts := policyOf(t, backend, policy).Evicts; (evicted > 0) != evicts && !raced {
			t.Errorf("%d evicted and %d moved under %s", evicted, moved, policy)
		}
		t.Logf("%d evicted, %d moved", evicted, moved)
		if after := offheap.Total(); after != before {
			t.Fatalf("%d bytes leaked", after-before)
		}
	})
}

// checkAll compares what is counted with what a walk finds.
func checkAll(t interface{ Fatalf(string, ...any) }, w *Worker) {
	if err := w.ks.Check(); err != nil {
		t.Fatalf("%v", err)
	}
	keys := int64(0)
	for db := range w.ks.number {
		w.Each(db, func(Item) bool { keys++; return true })
		keys -= w.Len(db)
	}
	if keys > 0 {
		t.Fatalf("a walk finds %d keys more than there are", keys)
	}
}
