package session

import (
	"fmt"
	"strings"
	"testing"

	"github.com/crucible-cache/crucible/internal/node"
)

// hotPaths are requests whose way from bytes to bytes must not allocate: whole
// ones, pipelines, and ones that come in pieces.
var hotPaths = []struct {
	name     string
	protocol Protocol
	setUp    string
	request  string
}{
	{"resp get", RESP, array("SET", "key", strings.Repeat("v", 64)), array("GET", "key")},
	{"resp get miss", RESP, "", array("GET", "nothing")},
	{"resp set", RESP, "", array("SET", "key", strings.Repeat("v", 64))},
	{"resp set with expiry", RESP, "", array("SET", "key", strings.Repeat("v", 64), "EX", "60")},
	{"resp inline get", RESP, "", "GET key\r\n"},
	{"resp pipeline of 16", RESP, "", strings.Repeat(array("SET", "key", "v")+array("GET", "key"), 8)},
	{"resp get 10 KB", RESP, array("SET", "key", strings.Repeat("v", 10_000)), array("GET", "key")},
	{"memcache get", Memcache, "set key 1 0 64\r\n" + strings.Repeat("v", 64) + "\r\n", "get key\r\n"},
	{"memcache get miss", Memcache, "", "get nothing\r\n"},
	{"memcache set", Memcache, "", "set key 1 0 64\r\n" + strings.Repeat("v", 64) + "\r\n"},
	{"memcache set noreply", Memcache, "", "set key 1 60 64 noreply\r\n" + strings.Repeat("v", 64) + "\r\n"},
	{"memcache gets", Memcache, "set key 1 0 1\r\nv\r\n", "gets key\r\n"},
	{"memcache get of 10", Memcache, "set key 1 0 1\r\nv\r\n", "get" + strings.Repeat(" key", 10) + "\r\n"},
	{"memcache pipeline of 16", Memcache, "", strings.Repeat("set key 0 0 1\r\nv\r\nget key\r\n", 8)},
	{"lpush, lpop", RESP, array("RPUSH", "list", "a", "b"), array("LPUSH", "list", "c") + array("LPOP", "list")},
	{"lrange", RESP, array("RPUSH", "list", "a", "b"), array("LRANGE", "list", "0", "-1")},
	{"hset, hget", RESP, array("HSET", "hash", "f", "v"), array("HSET", "hash", "f", "w") + array("HGET", "hash", "f")},
	{"hgetall", RESP, array("HSET", "hash", "f", "v"), array("HGETALL", "hash")},
	{"sadd, sismember", RESP, array("SADD", "set", "m", "n"), array("SADD", "set", "m") + array("SISMEMBER", "set", "n")},
	{"zadd, zrank", RESP, array("ZADD", "zset", "1", "m", "2", "n"), array("ZADD", "zset", "3", "m") + array("ZRANK", "zset", "n")},
	{"zrange", RESP, array("ZADD", "zset", "1", "m", "2", "n"), array("ZRANGE", "zset", "0", "-1")},
	{"zpopmin", RESP, array("ZADD", "zset", "1", "m", "2", "n"), array("ZPOPMIN", "zset") + array("ZADD", "zset", "1", "m")},
	{"xadd", RESP, "", array("XADD", "stream", "MAXLEN", "10", "*", "f", "v")},
	{"xread", RESP, array("XADD", "stream", "1-1", "f", "v"), array("XREAD", "COUNT", "1", "STREAMS", "stream", "0")},
	{"ping", Ping, "", "PING\r\n"},
}

// turn feeds a request and drops the replies, as the engine does when all was sent.
func (c *client) turn(request []byte) {
	c.Feed(request)
	c.Output().Discard(c.Output().Len())
}

func TestHotPathsDoNotAllocate(t *testing.T) {
	t.Run("alone", func(t *testing.T) { checkHotPaths(t, func(*rig) {}) })
	t.Run("cluster", func(t *testing.T) { checkHotPaths(t, func(r *rig) { r.server.FormCluster(node.New(), nil) }) })
	t.Run("cluster that lacks a slot", func(t *testing.T) {
		checkHotPaths(t, func(r *rig) {
			r.server.FormCluster(node.New(), nil)
			if err := r.server.Params.Set("cluster-require-full-coverage", "no"); err != nil {
				t.Fatal(err)
			}
			r.connect(t, RESP).turn([]byte(array("CLUSTER", "DELSLOTS", "1")))
		})
	})
}

func checkHotPaths(t *testing.T, prepare func(r *rig)) {
	for _, h := range hotPaths {
		r := newRig(t, rigSettings())
		prepare(r)
		c := r.connect(t, h.protocol)
		c.turn([]byte(h.setUp))
		request := []byte(h.request)
		c.turn(request)
		if n := testing.AllocsPerRun(200, func() { c.turn(request) }); n != 0 {
			t.Errorf("%s: %v allocations", h.name, n)
		}
		half := len(request) / 2
		if n := testing.AllocsPerRun(200, func() {
			c.turn(request[:half])
			c.turn(request[half:])
		}); n != 0 {
			t.Errorf("%s in two pieces: %v allocations", h.name, n)
		}
		if c.Done() || c.killed {
			t.Errorf("%s: the connection was closed", h.name)
		}
	}
}

func BenchmarkSession(b *testing.B) {
	for _, h := range hotPaths {
		b.Run(strings.ReplaceAll(h.name, " ", "-"), func(b *testing.B) {
			r := newRig(b, rigSettings())
			c := r.connect(b, h.protocol)
			c.turn([]byte(h.setUp))
			request := []byte(h.request)
			b.ReportAllocs()
			b.SetBytes(int64(len(request)))
			for b.Loop() {
				c.turn(request)
			}
		})
	}
}

// BenchmarkSessionKeys reads and writes keys that do not fit the CPU's caches.
func BenchmarkSessionKeys(b *testing.B) {
	const keys = 1 << 16
	s := rigSettings()
	r := newRig(b, s)
	c := r.connect(b, RESP)
	sets, gets := make([][]byte, keys), make([][]byte, keys)
	for i := range sets {
		k := fmt.Sprintf("key:%d", i*7919%keys)
		sets[i], gets[i] = []byte(array("SET", k, strings.Repeat("v", 64))), []byte(array("GET", k))
	}
	for name, requests := range map[string][][]byte{"set": sets, "get": gets} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				c.turn(requests[i%keys])
				i++
			}
		})
	}
}
