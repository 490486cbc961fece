package keyspace

import (
	"math"
	"testing"

	"github.com/crucible-cache/crucible/internal/offheap"
)

// The pages of a large value go back when nothing is locked any more, not before.
func TestLargeValuesAreFreedUnlocked(t *testing.T) {
	for _, backend := range Backends() {
		ks := newKeyspace(t, Config{Backend: backend})
		w := ks.NewWorker(0, 1)
		before := offheap.Resident(offheap.Items)
		k := w.Key([]byte("large"))
		w.LockKey(k)
		w.Set(0, k, make([]byte, 8*mib), Options{})
		held := offheap.Resident(offheap.Items) - before
		w.Delete(0, k)
		if n := offheap.Resident(offheap.Items) - before; held < 8*mib || n != held {
			t.Errorf("%s: %d bytes while the shard is locked, %d before the value was deleted", backend, n, held)
		}
		w.Unlock()
		w.Settle()
		if n := offheap.Resident(offheap.Items) - before; n > mib {
			t.Errorf("%s: %d bytes are left", backend, n)
		}
		if err := ks.Check(); err != nil {
			t.Errorf("%s: %v", backend, err)
		}
		ks.Close()
	}
}

// What can't fit is refused before anything is evicted for it.
func TestTooLargeEvictsNothing(t *testing.T) {
	f := newFiller(t, "s3fifo", 8*mib)
	all := names("k", 100)
	for _, name := range all {
		if err := f.set(name, 0); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.w.Prepare(64 * mib); err == nil {
		t.Error("64 MiB fit 8")
	}
	if n := f.count(all); n != len(all) {
		t.Errorf("%d of %d keys are left", n, len(all))
	}
}

// A client of one protocol that asks for a unique number tells nothing to one of
// the other that watches the key; and the number stays.
func TestUniqueNumberIsNoChange(t *testing.T) {
	ks := newKeyspace(t, Config{})
	defer ks.Close()
	w := ks.NewWorker(0, 1)
	k := w.Key([]byte("k"))
	w.LockKey(k)
	w.Set(0, k, []byte("v"), Options{})
	w.Unlock()
	var watcher Watcher
	w.Watch(0, k, &watcher)
	w.LockKey(k)
	it, _ := w.Get(0, k)
	first := w.CAS(0, k, it)
	it, _ = w.Get(0, k)
	if again := w.CAS(0, k, it); first == 0 || again != first || string(it.Value()) != "v" {
		t.Errorf("unique number %d, then %d, of %q", first, again, it.Value())
	}
	if watcher.Changed() {
		t.Error("whoever watches the key was told of a change")
	}
	w.Set(0, k, []byte("w"), Options{})
	if !watcher.Changed() {
		t.Error("a change went by")
	}
	w.Unlock()
	w.Unwatch(&watcher)
}

func TestScanOfAnyCount(t *testing.T) {
	ks := newKeyspace(t, Config{})
	defer ks.Close()
	w := ks.NewWorker(0, 1)
	for _, name := range names("k", 1000) {
		k := w.Key([]byte(name))
		w.LockKey(k)
		w.Set(0, k, nil, Options{})
		w.Unlock()
	}
	seen := 0
	if next := w.Scan(0, 0, math.MaxInt, func(Item) { seen++ }); next != 0 || seen != 1000 {
		t.Errorf("%d of 1000 seen, cursor %d", seen, next)
	}
}
