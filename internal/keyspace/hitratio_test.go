package keyspace

import (
	"container/list"
	"encoding/binary"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/crucible-cache/crucible/internal/offheap"
)

// The simulated workload: reads of keys drawn from a Zipf distribution, written
// when they miss, in a cache that has room for a tenth of them.
const (
	simKeys     = 300_000
	simRequests = 1_500_000
	simShare    = 10
	simValue    = 100
	simItem     = simValue + 8 + 8  // with its key and header
	simIndex    = 13                // share of the index
	simFixed    = Shards * 3 * 4096 // index of a table that is hardly used
)

// zipf returns the ranks that a workload asks for, with exponent s.
func zipf(s float64, keys, requests int, seed uint64) []uint32 {
	cdf := make([]float64, keys)
	sum := 0.0
	for i := range cdf {
		sum += math.Pow(float64(i+1), -s)
		cdf[i] = sum
	}
	rnd := rand.New(rand.NewPCG(seed, seed))
	ranks := make([]uint32, requests)
	for i := range ranks {
		at, _ := slices.BinarySearch(cdf, rnd.Float64()*sum)
		ranks[i] = uint32(at)
	}
	return ranks
}

// withScans mixes runs of keys that are asked for once into a workload.
func withScans(ranks []uint32, every, length int) []uint32 {
	next := uint32(1 << 24)
	var out []uint32
	for i, r := range ranks {
		if i%every == 0 {
			for range length {
				out = append(out, next)
				next++
			}
		}
		out = append(out, r)
	}
	return out
}

// simulate runs a workload on a store with a policy and returns the share of
// misses in its second half, and how many keys fit.
func simulate(t testing.TB, policy string, ranks []uint32, items int) (miss float64, kept int64) {
	ks := newKeyspace(t, Config{
		Databases: 1, Policy: policy, SegmentSize: 64 * kib,
		Maxmemory: offheap.Total() + int64(items*(simItem+simIndex)+simFixed),
	})
	defer ks.Close()
	w := ks.NewWorker(0, 1)
	name, value := make([]byte, 8), make([]byte, simValue)
	for i, r := range ranks {
		if i == len(ranks)/2 {
			miss = float64(w.Stats.Misses.Load())
		}
		w.NowMS = 1e12 + int64(i)
		binary.LittleEndian.PutUint64(name, uint64(r))
		k := w.Key(name)
		w.LockKey(k)
		_, ok := w.Get(0, k)
		w.Unlock()
		if ok {
			continue
		}
		if err := w.Prepare(simItem); err != nil {
			t.Fatal(err)
		}
		w.LockKey(k)
		w.Set(0, k, value, Options{})
		w.Unlock()
		w.Settle()
	}
	return (float64(w.Stats.Misses.Load()) - miss) / float64(len(ranks)-len(ranks)/2), w.Len(0)
}

// simulateLRU is what a perfect LRU of so many keys does with the same workload.
func simulateLRU(ranks []uint32, capacity int64) float64 {
	where, order, misses := map[uint32]*list.Element{}, list.New(), 0
	for i, r := range ranks {
		if e, ok := where[r]; ok {
			order.MoveToFront(e)
			continue
		}
		if i >= len(ranks)/2 {
			misses++
		}
		where[r] = order.PushFront(r)
		if int64(order.Len()) > capacity {
			last := order.Back()
			delete(where, order.Remove(last).(uint32))
		}
	}
	return float64(misses) / float64(len(ranks)-len(ranks)/2)
}

// The default policy misses less than FIFO and than an LRU of the same size, on
// skewed keys and all the more where scans are mixed in.
func TestHitRatio(t *testing.T) {
	if testing.Short() || raced {
		t.Skip("takes seconds")
	}
	plain := zipf(1, simKeys, simRequests, 1)
	for name, ranks := range map[string][]uint32{
		"zipf 1.0":            plain,
		"zipf 1.0 with scans": withScans(plain, 30000, 5000),
	} {
		items := simKeys / simShare
		got := map[string]float64{}
		var kept int64
		for _, policy := range []string{"fifo", "random", "merge", "allkeys-lru", "allkeys-lfu", "s3fifo"} {
			miss, n := simulate(t, policy, ranks, items)
			got[policy] = miss
			kept = max(kept, n)
			t.Logf("%s: %-11s misses %.4f with %d keys", name, policy, miss, n)
		}
		got["LRU"] = simulateLRU(ranks, kept)
		t.Logf("%s: %-11s misses %.4f with %d keys", name, "LRU", got["LRU"], kept)
		if got["s3fifo"] >= got["fifo"] || got["s3fifo"] >= got["LRU"] {
			t.Errorf("%s: s3fifo misses %.4f, fifo %.4f, LRU %.4f", name, got["s3fifo"], got["fifo"], got["LRU"])
		}
	}
}
