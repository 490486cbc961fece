package keyspace

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/crucible-cache/crucible/internal/offheap"
)

// BenchmarkFullCache writes new keys to a full cache of 256 MB and reads others
// in between, and reports what reads and writes take.
func BenchmarkFullCache(b *testing.B) {
	for _, policy := range []string{"s3fifo", "fifo", "allkeys-lru", "allkeys-lfu"} {
		b.Run(policy, func(b *testing.B) {
			ks := newKeyspace(b, Config{Databases: 1, Policy: policy, SegmentSize: mib, Maxmemory: offheap.Total() + 256*mib})
			defer ks.Close()
			w := ks.NewWorker(0, 1)
			w.NowMS = 1e12
			rnd := rand.New(rand.NewPCG(1, 1))
			name, value := []byte("key:000000000000"), make([]byte, 64)
			next := uint64(0)
			set := func() {
				next++
				binary.LittleEndian.PutUint64(name[8:], next)
				k := w.Key(name)
				if w.Prepare(len(name)+len(value)+16) != nil {
					b.Fatal("full")
				}
				w.LockKey(k)
				w.Set(0, k, value, Options{})
				w.Unlock()
				w.Settle()
			}
			for w.Evicted() < 1_000_000 {
				set()
			}
			gets, sets := make([]time.Duration, 0, b.N), make([]time.Duration, 0, b.N)
			b.ResetTimer()
			for range b.N {
				w.NowMS = 1e12 + int64(next/100)
				begin := time.Now()
				set()
				middle := time.Now()
				binary.LittleEndian.PutUint64(name[8:], next-rnd.Uint64N(1<<(1+rnd.IntN(21))))
				k := w.Key(name)
				w.LockKey(k)
				w.Get(0, k)
				w.Unlock()
				gets, sets = append(gets, time.Since(middle)), append(sets, middle.Sub(begin))
			}
			b.StopTimer()
			for what, times := range map[string][]time.Duration{"get": gets, "set": sets} {
				slices.Sort(times)
				b.ReportMetric(float64(times[len(times)/2]), what+"-p50-ns")
				b.ReportMetric(float64(times[len(times)*999/1000]), what+"-p999-ns")
			}
			b.ReportMetric(float64(sets[len(sets)-1])/1e3, "set-max-us")
		})
	}
}
