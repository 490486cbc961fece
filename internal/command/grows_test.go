package command

import (
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
