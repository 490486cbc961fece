package keyspace

import (
	"encoding/binary"
	"math/rand/v2"
	"testing"

	"github.com/crucible-cache/crucible/internal/offheap"
)

// An item without a time to live costs at most 24 bytes beside its key and
// value, its share of the index and of unused ends included, at any size of the
// table. (A table that is not small: each shard has whole pages.)
func TestOverheadPerItem(t *testing.T) {
	if raced {
		t.Skip("takes long and has one thread")
	}
	const first, last = 1_500_000, 3_000_000
	ks := newKeyspace(t, Config{SegmentSize: mib})
	defer ks.Close()
	w := ks.NewWorker(0, 1)
	index := offheap.Resident(offheap.Index)
	rnd := rand.New(rand.NewPCG(1, 1))
	name, value := []byte("key:000000000000"), make([]byte, 100)
	payload, worst, each := 0, 0.0, 0.0
	for i := range last {
		binary.LittleEndian.PutUint64(name[8:], uint64(i))
		v := value[:rnd.IntN(len(value))]
		payload += len(name) + len(v)
		k := w.Key(name)
		w.LockKey(k)
		w.Set(0, k, v, Options{})
		w.Unlock()
		if i >= first && i%150_000 == 0 {
			all := ks.arena.Used() + offheap.Resident(offheap.Index) - index
			each = float64(all-int64(payload)) / float64(i+1)
			worst = max(worst, each)
		}
	}
	t.Logf("%.1f bytes an item, %.1f at worst", each, worst)
	if worst > 24 {
		t.Errorf("%.1f bytes an item", worst)
	}
}
