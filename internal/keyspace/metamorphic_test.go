package keyspace

import (
	"crypto/sha256"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// transcript does the same random operations on a keyspace with room for all,
// and returns what it answered.
func transcript(t *testing.T, c Config, seed uint64, steps int) string {
	ks := newKeyspace(t, c)
	defer ks.Close()
	w := ks.NewWorker(0, 1)
	w.NowMS = 1e12
	rnd := rand.New(rand.NewPCG(seed, 3))
	var said strings.Builder
	for range steps {
		tell(&said, w, rnd)
	}
	checkAll(t, w)
	if n := w.Evicted(); n > 0 {
		t.Fatalf("%d items were evicted with room for all", n)
	}
	return said.String()
}

// tell does one operation and writes down the answer.
func tell(said io.Writer, w *Worker, rnd *rand.Rand) {
	db, i := rnd.IntN(2), rnd.IntN(300)
	k := w.Key(fmt.Appendf(nil, "key%d%s", i, strings.Repeat("-", i%7*60)))
	n := rnd.IntN(1 << (4 + rnd.IntN(13)))
	o := Options{Flags: uint32(rnd.IntN(3)), CAS: uint64(rnd.IntN(2)), KeepTTL: rnd.IntN(4) == 0}
	if rnd.IntN(3) == 0 {
		o.ExpireAt = w.NowMS + rnd.Int64N(1<<(4+rnd.IntN(20)))
	}
	op := rnd.IntN(16)
	_ = w.Prepare(n)
	switch {
	case op < 12:
		w.LockKey(k)
		fmt.Fprintln(said, op, tellKey(w, db, k, op, n, o))
		w.Unlock()
	case op == 12:
		w.NowMS += rnd.Int64N(1 << (4 + rnd.IntN(14)))
	case op == 13:
		w.Tick()
		if rnd.IntN(4) == 0 {
			w.store.Seal()
		}
	case op == 14:
		var names []string
		w.Each(db, func(it Item) bool { names = append(names, string(it.Name())); return true })
		slices.Sort(names)
		fmt.Fprintln(said, names)
	case rnd.IntN(30) == 0:
		w.LockAll()
		w.Swap(0, 1)
		w.Flush(0)
		w.Unlock()
	}
	w.Settle()
}

func tellKey(w *Worker, db int, k Key, op, n int, o Options) any {
	it, ok := w.Peek(db, k)
	switch {
	case op < 5:
		w.Set(db, k, []byte(strings.Repeat(string(rune('a'+n%26)), n)), o)
		return ok
	case op == 5:
		return w.Delete(db, k)
	case !ok:
		return nil
	case op == 6:
		w.SetExpire(db, k, it, o.ExpireAt)
	case op == 7:
		w.Resize(db, k, it, n, o)
	case op == 8:
		w.CAS(db, k, it)
	}
	it, _ = w.Get(db, k)
	return fmt.Sprintf("%x %d %d", sha256.Sum256(it.Value()), it.ExpireAt(), it.Flags())
}

// The backend and the policy decide where items lie and what goes when memory is
// full, and nothing else: where nothing has to go, all give the same answers.
func TestSameAnswersEverywhere(t *testing.T) {
	seeds, steps := uint64(3), 4000
	if raced {
		seeds, steps = 1, 1200
	}
	for seed := range seeds {
		want := ""
		eachStore(t, func(t *testing.T, backend, policy string) {
			got := transcript(t, Config{Backend: backend, Policy: policy, Databases: 2}, seed, steps)
			if want == "" {
				want = got
			}
			if got != want {
				at := 0
				for at < min(len(got), len(want)) && got[at] == want[at] {
					at++
				}
				t.Fatalf("the answers differ from the first store's at byte %d: %.200q, want %.200q", at, got[max(at-40, 0):], want[max(at-40, 0):])
			}
		})
	}
}
