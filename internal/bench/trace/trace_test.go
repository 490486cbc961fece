package trace

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestGenerate(t *testing.T) {
	p := Pattern{
		Objects: 1000, Requests: 50_000, Theta: 1, Median: 100, Sigma: 1, ScanEvery: 1000, ScanLength: 50,
		ExpiringShare: 0.3, TTLMin: 2, TTLMax: 5, Length: 10 * time.Second, Seed: 1,
	}
	one, err := Generate(p)
	if err != nil {
		t.Fatal(err)
	}
	s := one.Summarize()
	if want := 50_000 + 50*50; s.Requests != want || s.Objects < 2500+900 || s.Objects > 2500+1000 {
		t.Errorf("%v, want %d requests", s, want)
	}
	if s.Expiring < 0.15 || s.Expiring > 0.45 || s.Length < 9*time.Second || s.Length >= 10*time.Second || !one.Expires() {
		t.Errorf("%v", s)
	}
	size, ttl, asked := map[uint64]uint32{}, map[uint64]uint32{}, map[uint64]int{}
	last := uint32(0)
	for _, r := range one.Requests {
		if had, found := size[r.Object]; found && (had != r.Size || ttl[r.Object] != r.TTL) {
			t.Fatalf("object %d changes", r.Object)
		}
		if r.TTL != 0 && (r.TTL < 2 || r.TTL > 5) || r.TimeMS < last {
			t.Fatalf("%+v", r)
		}
		size[r.Object], ttl[r.Object], last = r.Size, r.TTL, r.TimeMS
		asked[r.Object]++
	}
	for object, n := range asked {
		if object >= 1000 && n != 1 {
			t.Fatalf("a scanned object is asked for %d times", n)
		}
	}
	again, _ := Generate(p)
	for i := range again.Requests {
		if again.Requests[i] != one.Requests[i] {
			t.Fatal("the same pattern gives another trace")
		}
	}
	for what, bad := range map[string]Pattern{
		"no object": {Requests: 1, Theta: 1, Median: 1, Sigma: 1}, "too many": {Objects: 1, Requests: requestsMax + 1, Theta: 1, Median: 1, Sigma: 1},
		"theta": {Objects: 1, Requests: 1, Median: 1, Sigma: 1}, "sigma": {Objects: 1, Requests: 1, Theta: 1, Median: 1},
	} {
		if _, err := Generate(bad); err == nil {
			t.Errorf("%s must be refused", what)
		}
	}
}

func TestOpen(t *testing.T) {
	for what, c := range map[string]struct {
		text string
		want []Request
	}{
		"libCacheSim": {"# comment\n\n10,5,100\n10.5,7,8,99\n9,5,100\n", []Request{{Object: 5, Size: 84}, {Object: 7, TimeMS: 500}, {Object: 5, Size: 84, TimeMS: 500}}},
		"named":       {"time,obj,size\n0, 5 ,116\n", []Request{{Object: 5, Size: 100}}},
		"Twitter": {
			"3,12,20,300,1,get,0\n4,12,20,300,1,set,60\n5,12,20,0,1,delete,0\n6,12,20,8,2,incr,9\n",
			[]Request{{Object: 12, Size: 300}, {Object: 12, Size: 300, TTL: 60, TimeMS: 1000, Op: Set}, {Object: 12, TimeMS: 2000, Op: Delete}, {Object: 12, Size: 8, TTL: 9, TimeMS: 3000}},
		},
	} {
		path := filepath.Join(t.TempDir(), "x.csv")
		if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := Open(path, 0)
		if err != nil {
			t.Errorf("%s: %v", what, err)
			continue
		}
		if len(got.Requests) != len(c.want) || got.Name != "x.csv" {
			t.Errorf("%s: %+v", what, got)
			continue
		}
		for i := range c.want {
			if got.Requests[i] != c.want[i] {
				t.Errorf("%s, request %d: %+v, want %+v", what, i, got.Requests[i], c.want[i])
			}
		}
	}
	names, err := read(strings.NewReader("0,a,1\n0,b,1\n0,a,1\n"), 2)
	if err != nil || len(names.Requests) != 2 || names.Requests[0].Object == names.Requests[1].Object {
		t.Errorf("%+v, %v", names, err)
	}
	for _, bad := range []string{"", "time,obj,size\n", "1,2\n", "1,2,x\n", "1,2,-1\n", "1,2,3\n-1,2,3", "1,2,3,4,5,get,x\n", "1,2,3,x,5,get,1\n", "1,2,3\nx,2,3\n"} {
		if got, err := read(strings.NewReader(bad), 0); err == nil {
			t.Errorf("%q must be refused: %+v", bad, got)
		}
	}
}

func TestCompress(t *testing.T) {
	tr := &Trace{Requests: []Request{{TTL: 100}, {TimeMS: 50_000}, {TimeMS: 100_000, TTL: 1}}}
	tr.Compress(10 * time.Second)
	if tr.Last() != 10_000 || tr.Requests[1].TimeMS != 5000 || tr.Requests[0].TTL != 10 || tr.Requests[1].TTL != 0 || tr.Requests[2].TTL != 1 {
		t.Errorf("%+v", tr.Requests)
	}
	tr.Compress(time.Hour)
	if tr.Last() != 10_000 {
		t.Error("a trace is never stretched")
	}
}
