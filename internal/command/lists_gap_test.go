package command

import (
	"fmt"
	"math/bits"
	"math/rand/v2"
	"strings"
	"testing"
)

// A list whose elements come and go at both ends is dumped, copied and restored as what it holds, and counted as long as it is.
func TestListsWithRoomAtTheFront(t *testing.T) {
	c := newTestClient(t)
	random := rand.New(rand.NewPCG(1, 2))
	for i := range 2000 {
		switch random.IntN(5) {
		case 0:
			c.do("LPOP", "l", "2")
		case 1:
			c.do("RPOP", "l")
		case 2:
			c.do("RPUSH", "l", fmt.Sprint(i))
		default:
			c.do("LPUSH", "l", strings.Repeat("x", random.IntN(100)))
		}
		want := c.do("LRANGE", "l", "0", "-1")
		if want == "*0\r\n" {
			continue
		}
		_, dump, _ := strings.Cut(c.do("DUMP", "l"), "\r\n")
		c.do("RESTORE", "restored", "0", strings.TrimSuffix(dump, "\r\n"), "REPLACE")
		c.do("COPY", "l", "copied", "REPLACE")
		c.do("LPUSH", "copied", "one more")
		c.do("LPOP", "copied")
		for _, name := range []string{"restored", "copied"} {
			if got := c.do("LRANGE", name, "0", "-1"); got != want {
				t.Fatalf("after %d: %s has %q, want %q", i, name, got, want)
			}
			if got := c.do("LRANGE", name, "-1", "-1"); !strings.HasSuffix(want, strings.TrimPrefix(got, "*1\r\n")) {
				t.Fatalf("after %d: %s ends in %q, want %q", i, name, got, want)
			}
		}
	}
	c.do("DEL", "restored", "copied")
	var n uint
	if _, err := fmt.Sscanf(c.do("LLEN", "l"), ":%d", &n); err != nil || n == 0 {
		t.Fatalf("%d elements: %v", n, err)
	}
	want := fmt.Sprintf("db0_distrib_lists_items:%d=1\r\n", 1<<(bits.Len(n)-1))
	if got := c.do("INFO", "keysizes"); !strings.Contains(got, want) {
		t.Errorf("of %d elements: %q", n, got)
	}
}
