package simulate

import (
	"container/list"
	"context"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/crucible-cache/crucible/internal/bench/contender"
	"github.com/crucible-cache/crucible/internal/bench/fake"
	"github.com/crucible-cache/crucible/internal/bench/trace"
	"github.com/crucible-cache/crucible/internal/bench/wire"
)

func TestMain(m *testing.M) {
	fake.Program()
	os.Exit(m.Run())
}

func generate(t *testing.T, p trace.Pattern) *trace.Trace {
	t.Helper()
	tr, err := trace.Generate(p)
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

// lru is what a perfect LRU of so many objects misses.
func lru(t *trace.Trace, capacity int) float64 {
	where, order := map[uint64]*list.Element{}, list.New()
	var r Result
	for i := range t.Requests {
		object := t.Requests[i].Object
		if i == len(t.Requests)/2 {
			r = Result{}
		}
		r.Reads++
		if e, ok := where[object]; ok {
			order.MoveToFront(e)
			continue
		}
		r.Misses++
		where[object] = order.PushFront(object)
		if order.Len() > capacity {
			delete(where, order.Remove(order.Back()).(uint64))
		}
	}
	return r.MissRatio()
}

// The default policy misses less than FIFO and than a perfect LRU of as many objects, on skewed keys and all the more where
// scans are mixed in.
func TestDefaultPolicy(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	p := trace.Pattern{Name: "zipf 1.0", Objects: 200_000, Requests: 800_000, Theta: 1, Median: 200, Sigma: 0.3, Length: 20 * time.Minute, Seed: 1}
	scans := p
	scans.Name, scans.ScanEvery, scans.ScanLength = "with scans", 30_000, 5_000
	for _, p := range []trace.Pattern{p, scans} {
		tr := generate(t, p)
		miss, items := map[string]float64{}, uint64(0)
		for _, policy := range []string{"fifo", "random", "merge", "allkeys-lru", "allkeys-lfu", "s3fifo"} {
			r, err := Store("segment/"+policy, 0).Replay(context.Background(), tr, 12<<20)
			if err != nil {
				t.Fatal(err)
			}
			miss[policy] = r.MissRatio()
			items = max(items, r.Items)
			t.Logf("%s: %-11s misses %.4f with %d objects", p.Name, policy, miss[policy], r.Items)
		}
		perfect := lru(tr, int(items))
		t.Logf("%s: %-11s misses %.4f with %d objects", p.Name, "LRU", perfect, items)
		if miss["s3fifo"] >= miss["fifo"] || miss["s3fifo"] >= perfect {
			t.Errorf("%s: s3fifo misses %.4f, fifo %.4f, LRU %.4f", p.Name, miss["s3fifo"], miss["fifo"], perfect)
		}
	}
}

// Where all fits, a cache misses what it is asked for for the first time, and what was deleted or is over; ours and a
// server's must agree, also when an object comes twice in a batch.
func TestMissesAreCounted(t *testing.T) {
	first := []trace.Request{
		{Object: 1, Size: 10}, {Object: 2, Size: 70_000}, {Object: 1, Size: 10}, {Object: 3, Op: trace.Set, Size: 5}, {Object: 3, Size: 5}, {Object: 4, Size: 1},
	}
	tr := &trace.Trace{Name: "small", Requests: append(make([]trace.Request, 0, 100), first...)}
	for range first {
		tr.Requests = append(tr.Requests, trace.Request{Object: 9, Size: 1})
	}
	tr.Requests = append(tr.Requests, tr.Requests...) // the first half counts for nothing
	fresh := []trace.Request{{Object: 5, Size: 1}, {Object: 5, Size: 1}, {Object: 6, Size: 100_000}, {Object: 7, Size: 0}, {Object: 1, Size: 10}}
	half := len(tr.Requests)
	tr.Requests = append(tr.Requests, fresh...)
	for len(tr.Requests) < 2*half {
		tr.Requests = append(tr.Requests, trace.Request{Object: 2, Size: 70_000})
	}
	caches := []Cache{Store("segment/s3fifo", 0), Store("slab/lra", 0), Store("heap/lfu", 1<<20)}
	if runtime.GOOS == "linux" {
		caches = append(caches, fakeServer(t, wire.RESP))
	}
	for _, c := range caches {
		r, err := c.Replay(context.Background(), tr, 64<<20)
		if err != nil {
			t.Fatalf("%s: %v", c.Name(), err)
		}
		if r.Reads != half || r.Misses != 3 || r.Items != 8 {
			t.Errorf("%s: %+v, want %d reads, 3 misses, 8 items", c.Name(), r, half)
		}
	}
}

func fakeServer(t *testing.T, p wire.Protocol) Cache {
	t.Helper()
	t.Setenv(fake.As(p))
	family := map[wire.Protocol]contender.Family{wire.RESP: contender.Redis, wire.Memcache: contender.Memcached}[p]
	return Servers([]contender.Contender{{Name: string(family), Family: family, Protocol: p, Path: os.Args[0], Root: "/"}}, contender.Settings{Threads: 1})[0]
}

// Times to live go by the clock of the trace.
func TestExpiry(t *testing.T) {
	tr := &trace.Trace{Requests: []trace.Request{
		{Object: 1, Size: 1, TTL: 1},
		{Object: 2, Size: 1},
		{Object: 3, Size: 1, TTL: 2},
		{Object: 4, Size: 1, TTL: 9},
		{Object: 1, Size: 1, TTL: 1, TimeMS: 999},
		{Object: 2, Size: 1, TimeMS: 1000},
		{Object: 3, Size: 1, TTL: 2, TimeMS: 2100},
		{Object: 4, TTL: 9, TimeMS: 3000, Op: trace.Delete},
	}}
	r, err := Store("segment/s3fifo", 0).Replay(context.Background(), tr, 16<<20)
	if err != nil || r.Reads != 3 || r.Misses != 1 {
		t.Errorf("%+v, %v: want 3 reads and 1 miss", r, err)
	}
}

func TestRun(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("servers are started as on Linux")
	}
	tr := generate(t, trace.Pattern{Name: "zipf", Objects: 20_000, Requests: 40_000, Theta: 1, Median: 2000, Sigma: 0.5, Seed: 1})
	scripted := func() (*trace.Trace, error) { return tr, nil }
	dead := Servers([]contender.Contender{{Name: "dead", Family: contender.Redis, Protocol: wire.RESP, Path: "/absent", Root: "/"}}, contender.Settings{})[0]
	p := &Plan{
		Traces: []Source{scripted}, Shares: []float64{0.3, 0.9}, Subject: "segment/s3fifo",
		Caches: []Cache{Store("segment/s3fifo", 0), fakeServer(t, wire.Memcache), dead},
	}
	o, err := Run(context.Background(), p)
	if err == nil || !strings.Contains(err.Error(), "dead, zipf") || len(o.Rows) != 2 || len(o.Notes) != 2 {
		t.Fatalf("%v, %+v", err, o)
	}
	small, large := &o.Rows[0], &o.Rows[1]
	if small.Limit >= large.Limit || small.Results[0].MissRatio() <= large.Results[0].MissRatio() || small.Results[0].Reads != 20_000 {
		t.Errorf("%+v", o.Rows)
	}
	// The fake keeps everything, so it misses less than any cache; the dead one misses nothing.
	if to := o.Losses(small); len(to) != 1 || o.Caches[to[0]] != "memcached" {
		t.Errorf("lost to %v", to)
	}
	for want, bad := range map[string]*Plan{
		"no trace": {Caches: p.Caches}, "no cache": {Traces: p.Traces}, "working set": {Traces: p.Traces, Caches: p.Caches, Shares: []float64{0}},
	} {
		if _, err := Run(context.Background(), bad); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
}

func TestStores(t *testing.T) {
	all := Stores()
	if all[0] != "segment/s3fifo" || len(all) < 15 {
		t.Errorf("%v", all)
	}
	tr := generate(t, trace.Pattern{Objects: 2000, Requests: 4000, Theta: 1, Median: 2000, Sigma: 0.5, Seed: 1})
	for _, name := range all {
		if r, err := Store(name, 0).Replay(context.Background(), tr, 3<<20); err != nil || r.Reads != 2000 || r.Misses == 0 {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
	}
	if _, err := Store("segment/none", 0).Replay(context.Background(), tr, 1<<20); err == nil {
		t.Error("a policy that does not exist")
	}
}
