package keyspace

import (
	"errors"
	"fmt"
	"testing"

	"github.com/crucible-cache/crucible/internal/offheap"
	"github.com/crucible-cache/crucible/internal/store"
)

// filler writes keys of one size to a small keyspace until told otherwise.
type filler struct {
	w *Worker
}

func newFiller(t *testing.T, policy string, memory int64) filler {
	ks := newKeyspace(t, Config{Databases: 1, Policy: policy, Maxmemory: offheap.Total() + memory})
	t.Cleanup(ks.Close)
	w := ks.NewWorker(0, 1)
	w.NowMS = 1e12
	return filler{w}
}

const fillValue = 1000

func (f filler) set(name string, ttl int64) error {
	if err := f.w.Prepare(fillValue + len(name)); err != nil {
		return err
	}
	var o Options
	if ttl > 0 {
		o.ExpireAt = f.w.NowMS + ttl
	}
	k := f.w.Key([]byte(name))
	f.w.LockKey(k)
	f.w.Set(0, k, make([]byte, fillValue), o)
	f.w.Unlock()
	f.w.Settle()
	return nil
}

func (f filler) has(name string) bool {
	k := f.w.Key([]byte(name))
	f.w.LockKey(k)
	defer f.w.Unlock()
	_, ok := f.w.Get(0, k)
	return ok
}

func names(prefix string, n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprint(prefix, i)
	}
	return all
}

func (f filler) count(all []string) (n int) {
	for _, name := range all {
		if f.has(name) {
			n++
		}
	}
	return n
}

// A volatile policy evicts keys with a time to live and no others, and when
// those are gone it refuses writes as noeviction does, and goes on once there is
// one again.
func TestVolatilePolicies(t *testing.T) {
	for _, policy := range []string{"volatile-lru", "volatile-lfu", "volatile-random", "volatile-ttl"} {
		t.Run(policy, func(t *testing.T) {
			f := newFiller(t, policy, 8*mib)
			keep, lose := names("keep", 1500), names("lose", 5000)
			for _, name := range keep {
				if err := f.set(name, 0); err != nil {
					t.Fatal(err)
				}
			}
			for _, name := range lose {
				if err := f.set(name, 1e6); err != nil {
					t.Fatalf("%v with keys that may go", err)
				}
			}
			if n := f.count(keep); n != len(keep) {
				t.Fatalf("%d of %d keys without a time to live are left", n, len(keep))
			}
			if n := f.count(lose); n == 0 || n == len(lose) {
				t.Fatalf("%d of %d keys with a time to live are left", n, len(lose))
			}
			more := 0
			for ; more < 20000; more++ {
				if err := f.set(fmt.Sprint("more", more), 0); err != nil {
					if !errors.Is(err, ErrOutOfMemory) {
						t.Fatal(err)
					}
					break
				}
			}
			if more == 20000 || f.count(keep) != len(keep) || f.count(names("more", more)) != more {
				t.Fatalf("of %d more keys %d are left, of the first %d", more, f.count(names("more", more)), f.count(keep))
			}
			if n := f.count(lose); n > 0 {
				t.Fatalf("writes are refused with %d keys that may go", n)
			}
		})
	}
}

// volatile-ttl and cte begin with what expires first.
func TestSoonestGoesFirst(t *testing.T) {
	for _, policy := range []string{"volatile-ttl", "cte"} {
		t.Run(policy, func(t *testing.T) {
			f := newFiller(t, policy, 8*mib)
			soon, late := names("soon", 1500), names("late", 1500)
			for i := range soon {
				if f.set(late[i], 1e8) != nil || f.set(soon[i], 1e6) != nil {
					t.Fatal("full")
				}
			}
			for _, name := range names("new", 3000) {
				if f.set(name, 1e8) != nil {
					t.Fatal("full")
				}
			}
			if s, l := f.count(soon), f.count(late); s > 0 && l < len(late) {
				t.Fatalf("%d of those that expire soon are left, %d of those that expire late", s, l)
			}
		})
	}
}

// Keys that are used stay under the policies that go by use, and FIFO does not look.
func TestUsedKeysStay(t *testing.T) {
	for policy, want := range map[string]bool{"s3fifo": true, "allkeys-lru": true, "allkeys-lfu": true, "merge": true, "fifo": false} {
		t.Run(policy, func(t *testing.T) {
			f := newFiller(t, policy, 8*mib)
			used := names("used", 500)
			for _, name := range used {
				if f.set(name, 0) != nil {
					t.Fatal("full")
				}
			}
			for i := range 30000 {
				f.w.NowMS += 5
				f.has(used[i%len(used)])
				if f.set(fmt.Sprint("once", i), 0) != nil {
					t.Fatal("full")
				}
			}
			n := f.count(used)
			if stay := n > len(used)*9/10; stay != want {
				t.Fatalf("%d of %d used keys are left", n, len(used))
			}
		})
	}
}

// Segments in which all is over go as a whole, at once, and not before: a key is
// there to the millisecond.
func TestSegmentsExpire(t *testing.T) {
	for _, policy := range []string{"s3fifo", "fifo", store.Noeviction} {
		t.Run(policy, func(t *testing.T) {
			f := newFiller(t, policy, 32*mib)
			all := names("key", 8000)
			for i, name := range all {
				if err := f.set(name, 60_000+int64(i%100)); err != nil {
					t.Fatal(err)
				}
			}
			if err := f.set("stays", 60_000); err != nil {
				t.Fatal(err)
			}
			k := f.w.Key([]byte("stays"))
			f.w.LockKey(k)
			it, _ := f.w.Peek(0, k)
			f.w.SetExpire(0, k, it, f.w.NowMS+90_000)
			f.w.Unlock()
			f.w.NowMS += 59_999
			f.w.store.Tick(f.w.NowMS)
			if n := f.count(all); n != len(all) {
				t.Fatalf("%d of %d keys are there a millisecond before the first expires", n, len(all))
			}
			f.w.NowMS += 50
			if n := f.count(all); n != len(all)/2 {
				t.Fatalf("%d keys are there when half of them expired, want %d", n, len(all)/2)
			}
			f.w.NowMS += 100
			used := f.w.ks.arena.Used()
			for range 10 {
				f.w.store.Tick(f.w.NowMS)
			}
			// What lies in the open segment is left to the crawler.
			if n := f.w.Len(0); n > 80 || !f.has("stays") {
				t.Fatalf("%d keys are left in the index", n)
			}
			if left := f.w.ks.arena.Used(); left > used/8 || f.w.store.Counts().Expired.Load() == 0 {
				t.Fatalf("%d of %d bytes are left", left, used)
			}
			checkAll(t, f.w)
		})
	}
}

// The policy can be changed with items in place, to any from any.
func TestPolicyChangesLive(t *testing.T) {
	f := newFiller(t, "s3fifo", 6*mib)
	all := f.w.ks.Policies()
	n := 0
	for _, from := range all {
		for _, to := range all {
			for _, policy := range []string{from, to} {
				if err := f.w.ks.SetPolicy(policy); err != nil {
					t.Fatal(err)
				}
				for range 100 {
					n++
					f.w.NowMS += 10
					_ = f.set(fmt.Sprint(n), int64(n%3)*1e5)
					f.has(fmt.Sprint(n - 50))
				}
			}
			checkAll(t, f.w)
		}
	}
	if err := f.w.ks.SetPolicy("lru"); err == nil || f.w.ks.Policy().Name != all[len(all)-1] {
		t.Fatalf("a policy that does not exist: %v, then %s", err, f.w.ks.Policy().Name)
	}
}
