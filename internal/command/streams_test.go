package command

import (
	"fmt"
	"strings"
	"testing"
)

// What streams do all day must not allocate, but for the memory of the entries.
func TestStreamsDoNotAllocate(t *testing.T) {
	c := newTestClient(t)
	c.do("XGROUP", "CREATE", "s", "g", "0", "MKSTREAM")
	requests := [][][]byte{
		request("XADD", "s", "MAXLEN", "~", "1000", "*", "field", "value", "number", "12345"),
		request("XLEN", "s"),
		request("XRANGE", "s", "-", "+", "COUNT", "10"),
		request("XREVRANGE", "s", "+", "-", "COUNT", "10"),
		request("XREAD", "COUNT", "10", "STREAMS", "s", "0"),
		request("XREADGROUP", "GROUP", "g", "me", "COUNT", "1", "STREAMS", "s", ">"),
		request("XPENDING", "s", "g", "-", "+", "5"),
		request("XAUTOCLAIM", "s", "g", "me", "0", "0", "COUNT", "2", "JUSTID"),
		request("XCLAIM", "s", "g", "me", "0", "1-1", "JUSTID"),
		request("XACK", "s", "g", "1-1"),
	}
	n := testing.AllocsPerRun(500, func() {
		for _, r := range requests {
			c.Execute(r)
		}
		c.out.Discard(c.out.Len())
	})
	if n != 0 && !raceDetector {
		t.Errorf("%v allocations", n)
	}
}

// Replies that are larger than what is reserved at a time come out whole.
func TestStreamEntriesOfAnySize(t *testing.T) {
	c := newTestClient(t)
	for _, size := range []int{0, 9, 10, 99, 100, entryRoom/2 - 1, entryRoom / 2, entryRoom/2 + 1, entryRoom, 20000, 100000} {
		c.do("DEL", "s")
		value := strings.Repeat("x", size)
		var want strings.Builder
		want.WriteString("*3\r\n")
		for i := 1; i <= 3; i++ {
			id := fmt.Sprintf("%d-%d", i*1000, i)
			c.do("XADD", "s", id, "f", value, value+"g", "-17")
			fmt.Fprintf(&want, "*2\r\n$6\r\n%s\r\n*4\r\n$1\r\nf\r\n$%d\r\n%s\r\n$%d\r\n%sg\r\n$3\r\n-17\r\n", id, size, value, size+1, value)
		}
		if got := c.do("XRANGE", "s", "-", "+"); got != want.String() {
			t.Errorf("values of %d bytes: %d bytes of reply, not %d", size, len(got), want.Len())
		}
	}
}

// A stream that is deleted, replaced or flushed gives its memory back.
func TestStreamMemoryIsGivenBack(t *testing.T) {
	c := newTestClient(t)
	heap := c.W.Heap()
	was := int64(-1)
	for round := range 20 {
		for i := range 2000 {
			c.do("XADD", "s", "*", "field", strings.Repeat("v", 100), "n", fmt.Sprint(i))
		}
		c.do("XGROUP", "CREATE", "s", "g", "0")
		c.do("XREADGROUP", "GROUP", "g", "me", "STREAMS", "s", ">")
		c.do("COPY", "s", "t", "REPLACE")
		switch round % 4 {
		case 0:
			c.do("DEL", "s")
		case 1:
			c.do("SET", "s", "v")
			c.do("DEL", "s")
		case 2:
			c.do("RENAME", "s", "t")
		default:
			c.do("FLUSHALL")
			now := heap.Bytes()
			for still := 0; still < 100; still++ { // a tick has little time: on a busy machine it may end before all is freed
				if c.W.Tick(); heap.Bytes() != now {
					now, still = heap.Bytes(), 0
				}
			}
			if was < 0 {
				was = now
			}
			if now > was {
				t.Fatalf("round %d: %d bytes are left, %d in the beginning", round, now, was)
			}
		}
	}
}
