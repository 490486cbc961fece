package wire

import (
	"strings"
	"testing"

	"github.com/crucible-cache/crucible/internal/bench/workload"
)

func encode(t *testing.T, p Protocol, template string, r workload.Request) string {
	t.Helper()
	w := workload.Uniform(1000, 40, workload.MustCommand("", template))
	e, err := NewEncoder(p, w)
	if err != nil {
		t.Fatal(err)
	}
	r.Dice = workload.NewRandom(1, 1)
	return string(e.Append(nil, &r))
}

func TestEncodeRESP(t *testing.T) {
	value := string(workload.NewValues(40).Append(nil, 7, 3, 40))
	for _, c := range []struct {
		template string
		request  workload.Request
		want     string
	}{
		{"GET {key}", workload.Request{Key: 7}, "*2\r\n$3\r\nGET\r\n$16\r\nkey:000000000007\r\n"},
		{
			"SET {key} {value} EX {ttl}",
			workload.Request{Key: 7, Version: 3, Size: 40, TTL: 60},
			"*5\r\n$3\r\nSET\r\n$16\r\nkey:000000000007\r\n$40\r\n" + value + "\r\n$2\r\nEX\r\n$2\r\n60\r\n",
		},
		{
			"MGET {keys:2}",
			workload.Request{List: []uint64{1, 2}},
			"*3\r\n$4\r\nMGET\r\n$16\r\nkey:000000000001\r\n$16\r\nkey:000000000002\r\n",
		},
		{"LINDEX {key} {number:1}", workload.Request{Key: 1}, "*3\r\n$6\r\nLINDEX\r\n$16\r\nkey:000000000001\r\n$1\r\n0\r\n"},
		{"SADD {key} m:{number:1}", workload.Request{Key: 1}, "*3\r\n$4\r\nSADD\r\n$16\r\nkey:000000000001\r\n$3\r\nm:0\r\n"},
		{"PING", workload.Request{}, "*1\r\n$4\r\nPING\r\n"},
	} {
		if got := encode(t, RESP, c.template, c.request); got != c.want {
			t.Errorf("%s:\n got %q\nwant %q", c.template, got, c.want)
		}
	}
}

func TestEncodeMemcache(t *testing.T) {
	value := string(workload.NewValues(40).Append(nil, 7, 3, 40))
	for _, c := range []struct {
		template string
		request  workload.Request
		want     string
	}{
		{"get {key}", workload.Request{Key: 7}, "get key:000000000007\r\n"},
		{"get {keys:2}", workload.Request{List: []uint64{1, 2}}, "get key:000000000001 key:000000000002\r\n"},
		{
			"set {key} 5 {ttl} {value}",
			workload.Request{Key: 7, Version: 3, Size: 40, TTL: 60},
			"set key:000000000007 5 60 40\r\n" + value + "\r\n",
		},
		{
			"ms {key} {value} T60",
			workload.Request{Key: 7, Version: 3, Size: 40},
			"ms key:000000000007 40 T60\r\n" + value + "\r\n",
		},
		{"incr {key} {number:1}", workload.Request{Key: 7}, "incr key:000000000007 0\r\n"},
	} {
		if got := encode(t, Memcache, c.template, c.request); got != c.want {
			t.Errorf("%s:\n got %q\nwant %q", c.template, got, c.want)
		}
	}
}

func TestUnknownProtocol(t *testing.T) {
	_, err := NewEncoder("gopher", workload.Uniform(1, 1, workload.MustCommand("", "GET {key}")))
	if err == nil || !strings.Contains(err.Error(), "gopher") {
		t.Errorf("got %v", err)
	}
}

func TestEncodingDoesNotAllocate(t *testing.T) {
	for p, template := range map[Protocol]string{RESP: "SET {key} {value} EX {number:99}", Memcache: "set {key} 0 {number:99} {value}"} {
		w := workload.Uniform(1000, 64, workload.MustCommand("", template))
		e, _ := NewEncoder(p, w)
		g := workload.NewGenerator(w, 1, 1)
		buf := make([]byte, 0, 1024)
		var r workload.Request
		if n := testing.AllocsPerRun(1000, func() { g.Next(&r); buf = e.Append(buf[:0], &r) }); n != 0 {
			t.Errorf("%s: %v allocations per request", p, n)
		}
	}
}

func BenchmarkEncode(b *testing.B) {
	for _, c := range []workload.Command{RESP.Fetch(), RESP.Store()} {
		b.Run(c.Name, func(b *testing.B) {
			w := workload.Uniform(1_000_000, 64, c)
			e, _ := NewEncoder(RESP, w)
			g := workload.NewGenerator(w, 1, 1)
			buf := make([]byte, 0, 1024)
			var r workload.Request
			b.ReportAllocs()
			for b.Loop() {
				g.Next(&r)
				buf = e.Append(buf[:0], &r)
			}
		})
	}
}

// Requests that are alike come out as they do one by one.
func TestEncodeAlike(t *testing.T) {
	keys := []uint64{7, 0, 999, 42}
	for p, template := range map[Protocol]string{RESP: "GETEX {key} PERSIST", Memcache: "get {key}"} {
		e, err := NewEncoder(p, workload.Uniform(1000, 40, workload.MustCommand("", template)))
		if err != nil {
			t.Fatal(err)
		}
		want := []byte("before")
		for _, key := range keys {
			want = e.Append(want, &workload.Request{Key: key})
		}
		if got := e.AppendAlike([]byte("before"), 0, keys); !e.Alike(0) || string(got) != string(want) {
			t.Errorf("%s, alike %v:\n got %q\nwant %q", p, e.Alike(0), got, want)
		}
	}
	for _, template := range []string{"SET {key} {value}", "LINDEX {key} {number:9}", "MGET {keys:2}", "PING", "EXPIRE {key} {ttl}"} {
		e, err := NewEncoder(RESP, workload.Uniform(1000, 40, workload.MustCommand("", template)))
		if err != nil {
			t.Fatal(err)
		}
		if e.Alike(0) {
			t.Errorf("%s: requests differ in more than the key", template)
		}
	}
}
