package memcached

import (
	"strings"
	"testing"

	"github.com/crucible-cache/crucible/internal/keyspace"
)

// stats returns what a stats request tells.
func (c *testClient) stats(t *testing.T, request string) map[string]string {
	t.Helper()
	reply := c.do(request)
	if !strings.HasSuffix(reply, "END\r\n") {
		t.Fatalf("%q: %q", request, reply)
	}
	all := map[string]string{}
	for _, line := range strings.Split(strings.TrimSuffix(reply, "END\r\n"), "\r\n") {
		if words := strings.SplitN(line, " ", 3); len(words) == 3 && words[0] == "STAT" {
			all[words[1]] = words[2]
		} else if line != "" {
			t.Errorf("%q: %q", request, line)
		}
	}
	return all
}

func TestStats(t *testing.T) {
	c := newTestClient(t)
	c.do("set a 0 0 1\r\n5\r\nset b 0 0 1\r\nb\r\nadd a 0 0 1\r\nx\r\n" +
		"get a nokey a\r\ngat 0 a nokey\r\ntouch a 0\r\ntouch nokey 0\r\n" +
		"incr a 1\r\nincr nokey 1\r\ndecr a 1\r\ndecr nokey 1\r\ndecr nokey 1\r\n" +
		"delete b\r\ndelete b\r\ndelete b\r\ncas nokey 0 0 1 1\r\nx\r\ncas a 0 0 1 1\r\nx\r\n" +
		"set c 0 0 2000000\r\n" + strings.Repeat("c", 2000000) + "\r\n")
	want := map[string]string{
		"cmd_get": "3", "get_hits": "2", "get_misses": "1", "cmd_set": "5", "cmd_touch": "4",
		"touch_hits": "2", "touch_misses": "2", "incr_hits": "1", "incr_misses": "1", "decr_hits": "1", "decr_misses": "2",
		"delete_hits": "1", "delete_misses": "2", "cas_misses": "1", "cas_badval": "1", "cas_hits": "0",
		"store_too_large": "1", "store_no_memory": "0", "cmd_flush": "0", "total_items": "2", "curr_items": "1",
		"evictions": "0", "version": "1.6.38", "limit_maxbytes": "67108864", "threads": "1", "max_connections": "1024",
	}
	got := c.stats(t, "stats\r\n")
	for name, value := range want {
		if got[name] != value {
			t.Errorf("%s is %q, want %q", name, got[name], value)
		}
	}
	if got := c.do("stats reset\r\n"); got != "RESET\r\n" {
		t.Errorf("reset: %q", got)
	}
	c.do("get a\r\n")
	got = c.stats(t, "stats\r\n")
	for name, value := range map[string]string{"cmd_get": "1", "cmd_set": "0", "total_items": "0", "curr_items": "1"} {
		if got[name] != value {
			t.Errorf("after reset: %s is %q, want %q", name, got[name], value)
		}
	}
}

func TestStatsOfOtherKinds(t *testing.T) {
	c := newTestClient(t)
	settings := c.stats(t, "stats settings\r\n")
	for name, value := range map[string]string{
		"maxbytes": "67108864", "item_size_max": "1048576", "evictions": "on", "num_threads": "1", "cas_enabled": "yes", "inter": "NULL",
	} {
		if settings[name] != value {
			t.Errorf("%s is %q, want %q", name, settings[name], value)
		}
	}
	if slabs := c.stats(t, "stats slabs\r\n"); slabs["total_malloced"] == "" {
		t.Errorf("slabs: %v", slabs)
	}
	c.exchange(t, []exchange{
		{"stats items\r\n", "END\r\n"},
		{"stats extstore\r\n", "END\r\n"},
		{"stats sizes\r\n", "STAT sizes_status disabled\r\nEND\r\n"},
		{"stats foo\r\n", "ERROR\r\n"},
	})
}

// TestEviction fills the cache several times over.
func TestEviction(t *testing.T) {
	const memory = 8 << 20
	c := newTestClientOf(t, keyspace.Config{Databases: 1, Maxmemory: memory, SegmentSize: 256 << 10, Policy: "fifo"})
	request := []byte("set key0000 0 0 10000\r\n" + strings.Repeat("v", 10000) + "\r\n")
	for i := range 3000 {
		copy(request[len("set key"):], []byte{byte('0' + i/1000), byte('0' + i/100%10), byte('0' + i/10%10), byte('0' + i%10)})
		c.feed(request)
		if got := c.do(""); got != "STORED\r\n" {
			t.Fatalf("set %d: %q", i, got)
		}
	}
	stats := c.stats(t, "stats\r\n")
	if stats["evictions"] == "0" || stats["store_no_memory"] != "0" {
		t.Errorf("evictions %s, store_no_memory %s", stats["evictions"], stats["store_no_memory"])
	}
	if got := c.do("get key2999\r\n"); got == "END\r\n" {
		t.Error("the item that was stored last is gone")
	}
}
