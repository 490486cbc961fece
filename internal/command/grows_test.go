package command

import (
	"fmt"
	"strings"
	"testing"

	"github.com/crucible-cache/crucible/internal/offheap"
)

// A request of a few bytes that makes a value of many megabytes is refused when
// memory is full and nothing may go, rather than that memory outgrows its limit.
func TestGrowthIsRefused(t *testing.T) {
	s := newTestServer(t, 1, Hooks{})
	limit := offheap.Total() + 16<<20
	s.Keyspace.SetMaxmemory(limit)
	c := s.client(t, 0)
	c.do("SET", "long", strings.Repeat("x", 9<<20))
	for _, request := range [][]string{
		{"SETRANGE", "a", "14000000", "x"},
		{"SETBIT", "b", "120000000", "1"},
		{"BITFIELD", "c", "SET", "u8", "120000000", "1"},
		{"BITFIELD", "c", "INCRBY", "u8", "#14000000", "1"},
		{"BITOP", "NOT", "d", "long"},
		{"APPEND", "long", strings.Repeat("y", 1<<20)},
		{"COPY", "long", "e"},
		{"RPUSH", "f", "x"},
	} {
		refused := strings.HasPrefix(c.do(request...), "-OOM")
		if small := request[0] == "RPUSH"; refused == small {
			t.Errorf("%.60v: refused %v", request, refused)
		}
		if n := offheap.Total(); n > limit {
			t.Errorf("%.60v: %d bytes are mapped, the limit is %d", request, n, limit)
		}
	}
	// The same fits where there is room, also in a transaction.
	s.Keyspace.SetMaxmemory(offheap.Total() + 64<<20)
	c.do("MULTI")
	c.do("SETRANGE", "a", "14000000", "x")
	if got := c.do("EXEC"); !strings.Contains(got, ":14000001") {
		t.Errorf("EXEC: %q", got)
	}
}

// So is one that makes a collection out of others, and a transaction of several
// requests of which each alone would fit.
func TestGrowthOfOutcomes(t *testing.T) {
	s := newTestServer(t, 1, Hooks{})
	c := s.client(t, 0)
	const members = 40000
	list, set, zset := []string{"RPUSH", "list"}, []string{"SADD", "set"}, []string{"ZADD", "zset"}
	for i := range members {
		m := fmt.Sprintf("%0100d", i)
		list, set, zset = append(list, m), append(set, m), append(zset, "1", m)
	}
	for _, request := range [][]string{list, set, zset, {"SADD", "few", "x"}, {"SET", "long", strings.Repeat("x", 2<<20)}} {
		if got := c.do(request...); strings.HasPrefix(got, "-") {
			t.Fatal(got)
		}
	}
	s.Keyspace.SetMaxmemory(offheap.Total() + 3<<20)
	for _, x := range []struct {
		request []string
		refused bool
	}{
		{[]string{"SORT", "list", "ALPHA", "STORE", "d"}, true},
		{[]string{"SORT", "list", "ALPHA", "LIMIT", "0", "1"}, false},
		{[]string{"SUNIONSTORE", "d", "few", "set"}, true},
		{[]string{"SINTERSTORE", "d", "set", "few"}, false},
		{[]string{"SDIFFSTORE", "d", "set", "few"}, true},
		{[]string{"SDIFFSTORE", "d", "few", "set"}, false},
		{[]string{"ZUNIONSTORE", "d", "2", "few", "zset"}, true},
		{[]string{"ZINTERSTORE", "d", "2", "few", "zset"}, false},
		{[]string{"ZRANGESTORE", "d", "zset", "0", "-1"}, true},
		{[]string{"GEORADIUS", "zset", "1", "1", "1", "m", "STORE", "d"}, true},
		{[]string{"GEORADIUS", "zset", "1", "1", "1", "m"}, false},
	} {
		if got := c.do(x.request...); strings.HasPrefix(got, "-OOM") != x.refused {
			t.Errorf("%v: %.60q", x.request, got)
		}
	}
	for copies, refused := range map[int]bool{1: false, 2: true} {
		c.do("MULTI")
		for i := range copies {
			c.do("COPY", "long", fmt.Sprint("copy", i), "REPLACE")
		}
		if got := c.do("EXEC"); strings.HasPrefix(got, "-EXECABORT") != refused {
			t.Errorf("EXEC of %d copies: %.60q", copies, got)
		}
		c.do("DEL", "copy0")
	}
	var g growth
	g.add([]byte("a"), 10, 0)
	g.add([]byte("a"), 15, 0)
	g.add([]byte("b"), 10, 3)
	g.add([]byte("c"), 5, 9)
	if g.bytes() != 15+7+5 {
		t.Errorf("%+v", g)
	}
}
