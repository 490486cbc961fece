package keyspace

import (
	"fmt"
	"testing"

	"github.com/crucible-cache/crucible/internal/object"
	"github.com/crucible-cache/crucible/internal/offheap"
)

// What the items say they weigh adds up to what the stores, the index and the
// heap of collections grew by.
func TestWeightsAddUp(t *testing.T) {
	if raced {
		t.Skip("has one thread and takes long")
	}
	for _, backend := range Backends() {
		t.Run(backend, func(t *testing.T) {
			ks := newKeyspace(t, Config{Backend: backend, SegmentSize: 64 * kib})
			defer ks.Close()
			w := ks.NewWorker(0, 1)
			const strings, hashes = 400_000, 300
			before := offheap.Total()
			var weights int64
			value := make([]byte, 4000)
			for i := range strings {
				k := w.Key(fmt.Appendf(nil, "string:%d", i))
				n := i % 200
				if i%1000 == 0 {
					n = 200_000 // in a run of its own
				}
				if n > len(value) {
					value = make([]byte, n)
				}
				w.LockKey(k)
				w.Set(0, k, value[:n], Options{})
				it, _ := w.Peek(0, k)
				weights += w.Weight(k, it)
				w.Unlock()
			}
			for i := range hashes {
				name := fmt.Sprintf("hash:%d", i)
				putHash(w, name, 10+i)
				k := w.Key([]byte(name))
				w.LockKey(k)
				it, _ := w.Peek(0, k)
				if n := w.Weight(k, it); n < int64(10+i)*100 {
					t.Errorf("a hash of %d fields weighs %d bytes", 10+i, n)
				}
				weights += w.Weight(k, it)
				w.Unlock()
			}
			grown := offheap.Total() - before
			if off := float64(weights-grown) / float64(grown); off < -0.05 || off > 0.05 {
				t.Errorf("the items weigh %d bytes, the memory grew by %d: %.1f %%", weights, grown, 100*off)
			}
			if n := ks.heap.Bytes(); n == 0 || object.NewTable(w.Heap(), 0, false).Bytes() == 0 {
				t.Error("the hashes are in no heap")
			}
		})
	}
}
