package command

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

// TestBitsDoNotAllocate covers the commands on bits that run millions of times
// a second, and counting elements.
func TestBitsDoNotAllocate(t *testing.T) {
	c := newTestClient(t)
	c.do("SETBIT", "k", "1000000", "1")
	c.do("PFADD", "h", "a")
	c.do("PFADD", "dense", "a")
	c.do("PFDEBUG", "TODENSE", "dense")
	turn := 0
	for _, args := range [][][]byte{
		request("SETBIT", "k", "12345", "1"),
		request("SETBIT", "k", "12345", "0"),
		request("GETBIT", "k", "12345"),
		request("GETBIT", "missing", "1"),
		request("BITCOUNT", "k", "0", "-1", "BIT"),
		request("BITPOS", "k", "1"),
		request("BITOP", "NOT", "d", "k"),
		request("PFADD", "h", "00000000"),
		request("PFADD", "dense", "00000000"),
		request("PFCOUNT", "h"),
		request("PFCOUNT", "h", "dense"),
		request("PFMERGE", "m", "h"),
	} {
		last := args[len(args)-1]
		n := testing.AllocsPerRun(200, func() {
			if len(last) == 8 { // another element each time
				turn++
				for i, v := 7, turn; i >= 0; i, v = i-1, v/10 {
					last[i] = '0' + byte(v%10)
				}
			}
			c.Execute(args)
			c.out.Discard(c.out.Len())
		})
		if n != 0 {
			t.Errorf("%s: %v allocations", bytes.Join(args, []byte(" ")), n)
		}
	}
}

// TestBitsOfLargeValues has strings that fill segments of their own.
func TestBitsOfLargeValues(t *testing.T) {
	c := newTestClient(t)
	const size = 3 << 20
	c.do("SETBIT", "k", fmt.Sprint(size*8-1), "1")
	for request, want := range map[string]string{
		"STRLEN k":                fmt.Sprintf(":%d\r\n", size),
		"BITCOUNT k":              ":1\r\n",
		"BITPOS k 1":              fmt.Sprintf(":%d\r\n", size*8-1),
		"BITOP NOT d k":           fmt.Sprintf(":%d\r\n", size),
		"BITFIELD_RO k GET u8 #0": "*1\r\n:0\r\n",
	} {
		if got := c.do(strings.Fields(request)...); got != want {
			t.Errorf("%s: %q, want %q", request, got, want)
		}
	}
	for request, want := range map[string]string{
		"BITCOUNT d":     fmt.Sprintf(":%d\r\n", size*8-1),
		"BITPOS d 0":     fmt.Sprintf(":%d\r\n", size*8-1),
		"BITOP OR k k d": fmt.Sprintf(":%d\r\n", size),
	} {
		if got := c.do(strings.Fields(request)...); got != want {
			t.Errorf("%s: %q, want %q", request, got, want)
		}
	}
	if got, want := c.do("BITPOS", "k", "0"), fmt.Sprintf(":%d\r\n", size*8); got != want {
		t.Errorf("BITPOS of ones: %q, want %q", got, want)
	}
}

// TestBitOffsetLimit follows proto-max-bulk-len.
func TestBitOffsetLimit(t *testing.T) {
	c := newTestClient(t)
	c.do("CONFIG", "SET", "proto-max-bulk-len", "1mb")
	const bits = 8 << 20
	for _, x := range []struct{ request, want string }{
		{fmt.Sprintf("SETBIT k %d 1", bits), "-" + errBitOffset + "\r\n"},
		{fmt.Sprintf("GETBIT k %d", bits), "-" + errBitOffset + "\r\n"},
		{fmt.Sprintf("BITFIELD k SET u8 %d 1", bits), "-" + errBitOffset + "\r\n"},
		{fmt.Sprintf("SETBIT k %d 1", bits-1), ":0\r\n"},
		{"STRLEN k", fmt.Sprintf(":%d\r\n", bits/8)},
	} {
		if got := c.do(strings.Fields(x.request)...); got != x.want {
			t.Errorf("%s: %q, want %q", x.request, got, x.want)
		}
	}
}

// TestBitsTellWatchers has a transaction that fails where a value was changed,
// and goes on where it wasn't.
func TestBitsTellWatchers(t *testing.T) {
	s := newTestServer(t, 1, Hooks{})
	for _, x := range []struct {
		request string
		changes bool
	}{
		{"SETBIT k 0 1", true},
		{"SETBIT k 1 0", false},
		{"BITFIELD k INCRBY u8 0 1", true},
		{"BITFIELD k SET u8 0 0", false},
		{"BITFIELD k OVERFLOW FAIL SET u8 0 256", false},
		{"BITFIELD k GET u8 0", false},
		{"PFADD h b", true},
		{"PFADD h a", false},
		{"PFCOUNT h", true},
		{"PFCOUNT fresh", false},
		{"BITCOUNT k", false},
	} {
		t.Run(x.request, func(t *testing.T) {
			watcher, writer := s.client(t, 0), s.client(t, 0)
			writer.do("DEL", "k", "h", "fresh")
			writer.do("SETBIT", "k", "100", "1")
			writer.do("PFADD", "h", "a")
			writer.do("PFADD", "fresh", "a")
			writer.do("PFCOUNT", "fresh")
			watcher.do("WATCH", "k", "h", "fresh")
			writer.do(strings.Fields(x.request)...)
			watcher.do("MULTI")
			watcher.do("PING")
			if got := watcher.do("EXEC"); (got == "*-1\r\n") != x.changes {
				t.Errorf("EXEC: %q", got)
			}
		})
	}
}
