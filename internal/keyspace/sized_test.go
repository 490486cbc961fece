package keyspace

import (
	"fmt"
	"testing"

	"github.com/crucible-cache/crucible/internal/bench/workload"
	"github.com/crucible-cache/crucible/internal/offheap"
)

// fill reads keys by rank, of a name and a value of n bytes, and writes what it
// misses. It returns the share of hits in the second half.
func fill(t *testing.T, w *Worker, what string, n int, ranks []uint64) float64 {
	value, hits := make([]byte, n), 0
	for i, r := range ranks {
		k := w.Key(fmt.Appendf(nil, "%s:%d", what, r))
		w.LockKey(k)
		_, ok := w.Get(0, k)
		w.Unlock()
		if ok {
			if i >= len(ranks)/2 {
				hits++
			}
			continue
		}
		set(t, w, k, value)
	}
	return float64(hits) / float64(len(ranks)-len(ranks)/2)
}

func set(t *testing.T, w *Worker, k Key, value []byte) {
	if err := w.Prepare(len(k.Name) + len(value) + 32); err != nil {
		t.Fatal(err)
	}
	w.LockKey(k)
	w.Set(0, k, value, Options{})
	w.Unlock()
	w.Settle()
}

// Where memory is divided by the size of items, it follows a workload whose sizes
// shift: a cache that was full of small values hits as often with large ones as
// one that never had any other. And back.
func TestShiftOfSizes(t *testing.T) {
	access, err := workload.NewZipfAccess(20_000, 1)
	if err != nil {
		t.Fatal(err)
	}
	random, ranks := workload.NewRandom(1, 1), make([]uint64, 120_000)
	for i := range ranks {
		ranks[i] = access.Draw(random)
	}
	for _, c := range []struct {
		backend, policy string
		less            float64 // what does not go by age is slower to let go of the old sizes
	}{
		{"slab", "lra", 0.03}, {"slab", "lrc", 0.03}, {"slab", "random", 0.06}, {"heap", "s3fifo", 0.06}, {"heap", "lfu", 0.03},
	} {
		if raced && c.policy != "lra" && c.policy != "s3fifo" { // one of each backend: it has one thread
			continue
		}
		t.Run(c.backend+"/"+c.policy, func(t *testing.T) {
			run := func(sizes ...int) (share float64) {
				ks := newKeyspace(t, Config{Databases: 1, Backend: c.backend, Policy: c.policy, Maxmemory: offheap.Total() + 6*mib})
				defer ks.Close()
				w := ks.NewWorker(0, 1)
				w.NowMS = 1e12
				for _, n := range sizes {
					w.NowMS += 60_000
					share = fill(t, w, fmt.Sprint(n), n, ranks)
				}
				checkAll(t, w)
				return share
			}
			for _, sizes := range [][]int{{100, 1024}, {1024, 100}} {
				shifted, alone := run(sizes...), run(sizes[1])
				t.Logf("values of %d bytes: %.4f hits, %.4f after %d bytes", sizes[1], alone, shifted, sizes[0])
				if shifted < alone-c.less || alone < 0.3 {
					t.Errorf("values of %d bytes: %.4f hits, %.4f after %d bytes", sizes[1], alone, shifted, sizes[0])
				}
			}
		})
	}
}

// What is evicted is what the policy says: of two generations of items, of which
// the first was read later, the one or the other, as well as samples tell.
func TestVictims(t *testing.T) {
	for _, c := range []struct{ backend, policy, first string }{
		{"slab", "lra", "new"}, {"slab", "lrc", "old"}, {"heap", "s3fifo", "new"}, {"heap", "allkeys-lru", "new"},
	} {
		t.Run(c.backend+"/"+c.policy, func(t *testing.T) {
			const each = 3000
			ks := newKeyspace(t, Config{Databases: 1, Backend: c.backend, Policy: c.policy, Maxmemory: offheap.Total() + 10*mib})
			defer ks.Close()
			w := ks.NewWorker(0, 1)
			w.NowMS = 1e12
			keep := func(what string) (n int) {
				for i := range each {
					k := w.Key(fmt.Appendf(nil, "%s:%d", what, i))
					w.LockKey(k)
					if _, ok := w.Get(0, k); ok {
						n++
					}
					w.Unlock()
				}
				return n
			}
			for _, what := range []string{"old", "new"} {
				for i := range each {
					set(t, w, w.Key(fmt.Appendf(nil, "%s:%d", what, i)), make([]byte, 1000))
				}
				w.NowMS += 100_000
			}
			keep("old")
			w.NowMS += 10_000
			for i := range 3000 {
				set(t, w, w.Key(fmt.Appendf(nil, "more:%d", i)), make([]byte, 1000))
			}
			lost := map[string]int{"old": each - keep("old"), "new": each - keep("new")}
			other := map[string]string{"old": "new", "new": "old"}[c.first]
			if lost[c.first] < 500 || lost[other] > lost[c.first]/5 {
				t.Errorf("%v were evicted", lost)
			}
			t.Logf("%v were evicted", lost)
		})
	}
}
