package memcached

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/crucible-cache/crucible/internal/keyspace"
)

func TestStore(t *testing.T) {
	newTestClient(t).exchange(t, []exchange{
		{"get a\r\n", "END\r\n"},
		{"set a 5 0 3\r\nabc\r\n", "STORED\r\n"},
		{"get a\r\n", "VALUE a 5 3\r\nabc\r\nEND\r\n"},
		{"get b a a\r\n", "VALUE a 5 3\r\nabc\r\nVALUE a 5 3\r\nabc\r\nEND\r\n"},
		{"add a 0 0 1\r\nx\r\n", "NOT_STORED\r\n"},
		{"add b 4294967295 0 0\r\n\r\n", "STORED\r\n"},
		{"get b\r\n", "VALUE b 4294967295 0\r\n\r\nEND\r\n"},
		{"replace c 0 0 1\r\nx\r\n", "NOT_STORED\r\n"},
		{"replace a 7 0 1\r\nx\r\n", "STORED\r\n"},
		{"append a 9 9 2\r\nyz\r\n", "STORED\r\n"},
		{"prepend a 9 9 2\r\n_-\r\n", "STORED\r\n"},
		{"get a\r\n", "VALUE a 7 5\r\n_-xyz\r\nEND\r\n"},
		{"append c 0 0 1\r\nx\r\n", "NOT_STORED\r\n"},
		{"prepend c 0 0 1\r\nx\r\n", "NOT_STORED\r\n"},
		{"delete a\r\n", "DELETED\r\n"},
		{"delete a\r\n", "NOT_FOUND\r\n"},
		{"set a 0 0 1 noreply\r\nx\r\nget a\r\n", "VALUE a 0 1\r\nx\r\nEND\r\n"},
		{"delete a noreply\r\ndelete a noreply\r\nget a\r\n", "END\r\n"},
		{"add b 0 0 1 noreply\r\nx\r\nget b\r\n", "VALUE b 4294967295 0\r\n\r\nEND\r\n"},
		{"set a 0 0 3\r\nabcd\r\n", "CLIENT_ERROR bad data chunk\r\nERROR\r\n"},
		{"foo\r\nGET a\r\nget\r\n", "ERROR\r\nERROR\r\nERROR\r\n"},
		{"version\r\n", "VERSION 1.6.38\r\n"},
		{"verbosity 1\r\nverbosity 1 noreply\r\n", "OK\r\n"},
		{"get " + strings.Repeat("k", 251) + "\r\n", "CLIENT_ERROR bad command line format\r\n"},
	})
}

func TestQuit(t *testing.T) {
	c := newTestClient(t)
	if got := c.do("quit\r\n"); got != "" || !c.Closing {
		t.Errorf("%q, closing: %v", got, c.Closing)
	}
}

// unique returns the CAS that gets tells of a key.
func (c *testClient) unique(t *testing.T, key string) uint64 {
	t.Helper()
	words := strings.Fields(c.do("gets " + key + "\r\n"))
	if len(words) < 5 {
		t.Fatalf("gets %s: %q", key, words)
	}
	n, err := strconv.ParseUint(words[4], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestCAS(t *testing.T) {
	c := newTestClient(t)
	cas := func(unique uint64) string {
		return c.do(fmt.Sprintf("cas a 1 0 1 %d\r\nx\r\n", unique))
	}
	if got := cas(1); got != "NOT_FOUND\r\n" {
		t.Errorf("no item: %q", got)
	}
	c.do("set a 0 0 1\r\n0\r\n")
	for n := range uint64(2000) {
		// Nobody has asked for its unique, so no number is the right one.
		if got := cas(n); got != "EXISTS\r\n" {
			t.Fatalf("%d: %q", n, got)
		}
	}
	first := c.unique(t, "a")
	if again := c.unique(t, "a"); again != first || first == 0 {
		t.Errorf("gets: %d, then %d", first, again)
	}
	for _, write := range []string{
		"set a 0 0 1\r\n0\r\n", "append a 0 0 1\r\n1\r\n", "prepend a 0 0 1\r\n1\r\n", "replace a 0 0 2\r\n10\r\n",
		"incr a 1\r\n", "decr a 1\r\n", "delete a\r\nset a 0 0 1\r\n0\r\n",
	} {
		old := c.unique(t, "a")
		c.do(write)
		if got := cas(old); got != "EXISTS\r\n" {
			t.Errorf("after %q: %q", write, got)
		}
		if now := c.unique(t, "a"); now <= old {
			t.Errorf("after %q: %d, before %d", write, now, old)
		}
	}
	c.do("touch a 100\r\n")
	unique := c.unique(t, "a")
	c.do("touch a 0\r\n")
	if got := cas(unique); got != "STORED\r\n" {
		t.Errorf("right unique after touch: %q", got)
	}
	if got := cas(unique); got != "EXISTS\r\n" {
		t.Errorf("the same unique twice: %q", got)
	}
	if got := c.do("get a\r\n"); got != "VALUE a 1 1\r\nx\r\nEND\r\n" {
		t.Errorf("stored: %q", got)
	}
}

// TestItemSizeLimit counts as the reference server does: 59 bytes of its own,
// 4 more for flags.
func TestItemSizeLimit(t *testing.T) {
	const limit = 1 << 20
	value := func(n int) string { return strings.Repeat("v", n) }
	set := func(verb, key string, flags, n int) string {
		return fmt.Sprintf("%s %s %d 0 %d\r\n%s\r\n", verb, key, flags, n, value(n))
	}
	const tooLarge = "SERVER_ERROR object too large for cache\r\n"
	newTestClient(t).exchange(t, []exchange{
		{set("set", "a", 0, limit-60), "STORED\r\n"},
		{set("set", "a", 7, limit-64), "STORED\r\n"},
		{set("set", "b", 0, 3), "STORED\r\n"},
		{set("add", "b", 0, limit-59), tooLarge},
		{"get b\r\n", "VALUE b 0 3\r\nvvv\r\nEND\r\n"},
		{set("set", "b", 0, limit-59), tooLarge}, // and the old one is gone
		{"get b\r\n", "END\r\n"},
		{set("set", "a", 7, limit-63), tooLarge},
		{"get a\r\n", "END\r\n"},
		{set("set", "c", 7, 3), "STORED\r\n"},
		{set("append", "c", 0, limit-64), "NOT_STORED\r\n"},
		{set("prepend", "c", 0, limit-64-3), "STORED\r\n"},
		{set("append", "c", 0, 1), "NOT_STORED\r\n"},
		{"get c\r\n", fmt.Sprintf("VALUE c 7 %d\r\n%s\r\nEND\r\n", limit-64, value(limit-64))},
	})
}

// TestOutOfMemory has a cache that may not evict.
func TestOutOfMemory(t *testing.T) {
	const memory = 8 << 20
	c := newTestClientOf(t, keyspace.Config{Databases: 1, Maxmemory: memory, SegmentSize: 256 << 10})
	c.do("set n 0 0 2\r\n10\r\nset old 0 0 3\r\nabc\r\nset kept 0 0 3\r\nabc\r\n")
	data := strings.Repeat("v", 1000)
	for _, size := range []int{len(data), 1} { // the small ones fill what is left
		for i := 0; ; i++ {
			if got := c.do(fmt.Sprintf("set %d:%d 0 0 %d\r\n%s\r\n", size, i, size, data[:size])); got != "STORED\r\n" {
				if got != "SERVER_ERROR out of memory storing object\r\n" {
					t.Errorf("when full: %q", got)
				}
				break
			}
			if i*size > 2*memory {
				t.Fatal("never full")
			}
		}
	}
	c.exchange(t, []exchange{
		{"get old\r\n", "VALUE old 0 3\r\nabc\r\nEND\r\n"},
		{fmt.Sprintf("set old 0 0 %d\r\n%s\r\n", len(data), data), "SERVER_ERROR out of memory storing object\r\n"},
		{"get old\r\n", "END\r\n"},
		{fmt.Sprintf("replace kept 0 0 %d\r\n%s\r\n", len(data), data), "SERVER_ERROR out of memory storing object\r\n"},
		{"get kept\r\n", "VALUE kept 0 3\r\nabc\r\nEND\r\n"},
		{"incr n 5\r\n", "15\r\n"},
		{"incr n 100\r\n", "SERVER_ERROR out of memory\r\n"},
		{"incr nokey 1\r\n", "NOT_FOUND\r\n"},
		{"get n\r\n", "VALUE n 0 2\r\n15\r\nEND\r\n"},
	})
}

func TestNoAllocations(t *testing.T) {
	c := newTestClient(t)
	c.do("set a 0 0 3\r\nabc\r\nset n 0 0 1\r\n5\r\n")
	for _, input := range []string{
		"get a\r\n", "get a b n\r\n", "gets a\r\n", "gat 100 a\r\n", "set a 0 0 3\r\nabc\r\n", "set a 1 100 3 noreply\r\nabc\r\n",
		"add a 0 0 1\r\nx\r\n", "replace a 0 0 3\r\nxyz\r\n", "cas a 0 0 1 5\r\nx\r\n", "incr n 1\r\n", "decr n 1\r\n", "touch a 10\r\n", "delete b\r\n",
	} {
		bytes := []byte(input)
		if n := testing.AllocsPerRun(200, func() {
			c.feed(bytes)
			c.out.Discard(c.out.Len())
		}); n != 0 {
			t.Errorf("%q: %v allocations", input, n)
		}
	}
}
