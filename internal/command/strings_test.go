package command

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

// request turns words into arguments once, for what is measured.
func request(words ...string) [][]byte {
	args := make([][]byte, len(words))
	for i, w := range words {
		args[i] = []byte(w)
	}
	return args
}

// TestStringsDoNotAllocate covers the commands that caches live on.
func TestStringsDoNotAllocate(t *testing.T) {
	c := newTestClient(t)
	c.do("MSET", "k", strings.Repeat("v", 100), "k2", "v2", "n", "1")
	for _, args := range [][][]byte{
		request("GET", "k"),
		request("GET", "missing"),
		request("SET", "k", strings.Repeat("w", 100)),
		request("SET", "k", "v", "EX", "100", "NX"),
		request("SET", "k", "v", "PX", "100000", "GET"),
		request("SETEX", "k3", "100", "v"),
		request("GETEX", "k3", "EX", "50"),
		request("GETSET", "k3", "v"),
		request("MGET", "k", "k2", "missing", "n"),
		request("MSET", "k", "v", "k2", "w"),
		request("INCR", "n"),
		request("INCRBY", "n", "100"),
		request("DECR", "n"),
		request("APPEND", "n", "1"),
		request("STRLEN", "k"),
		request("GETRANGE", "k", "0", "2"),
		request("EXISTS", "k", "k2"),
		request("EXPIRE", "k", "100"),
		request("TTL", "k"),
		request("PERSIST", "k"),
		request("TYPE", "k"),
		request("DEL", "k3", "missing"),
	} {
		c.do("SET", "n", "1")
		if n := testing.AllocsPerRun(200, func() {
			c.Execute(args)
			c.out.Discard(c.out.Len())
		}); n != 0 {
			t.Errorf("%s: %v allocations", bytes.Join(args, []byte(" ")), n)
		}
	}
}

// TestLargeValues has values that fill segments of their own, whose memory goes
// back as soon as they are replaced.
func TestLargeValues(t *testing.T) {
	c := newTestClient(t)
	const size = 3 << 20
	value := strings.Repeat("0123456789abcdef", size/16)
	check := func(key, want string) {
		t.Helper()
		if got := c.do("GET", key); got != fmt.Sprintf("$%d\r\n%s\r\n", len(want), want) {
			t.Errorf("%s: %d bytes, want %d", key, len(got), len(want))
		}
	}
	c.do("SET", "a", value)
	c.do("APPEND", "a", value)
	check("a", value+value)
	c.do("SETRANGE", "a", fmt.Sprint(2*size+10), "end")
	check("a", value+value+strings.Repeat("\x00", 10)+"end")
	c.do("SET", "a", value)
	c.do("EXPIRE", "a", "100")
	check("a", value)
	c.do("RENAME", "a", "b")
	check("b", value)
	c.do("COPY", "b", "c")
	c.do("APPEND", "b", "x")
	check("c", value)
	if got := c.do("GETSET", "c", "short"); len(got) < size {
		t.Errorf("GETSET: %d bytes", len(got))
	}
	check("c", "short")
	c.do("SET", "c", value)
	if got := c.do("SET", "c", "v", "GET"); len(got) < size {
		t.Errorf("SET GET: %d bytes", len(got))
	}
	check("c", "v")
	if got := c.do("GETDEL", "b"); len(got) < size {
		t.Errorf("GETDEL: %d bytes", len(got))
	}
	check2 := c.do("EXISTS", "a", "b", "c")
	if check2 != ":1\r\n" {
		t.Errorf("left: %q", check2)
	}
}

// TestStringSizeLimit follows proto-max-bulk-len, as the reference server does.
func TestStringSizeLimit(t *testing.T) {
	c := newTestClient(t)
	c.do("CONFIG", "SET", "proto-max-bulk-len", "1mb")
	const limit = 1 << 20
	c.do("SET", "k", strings.Repeat("v", limit-1))
	if got := c.do("APPEND", "k", "xy"); got != "-"+errStringTooLong+"\r\n" {
		t.Errorf("APPEND above the limit: %q", got)
	}
	if got := c.do("APPEND", "k", "x"); got != fmt.Sprintf(":%d\r\n", limit) {
		t.Errorf("APPEND up to the limit: %q", got)
	}
	if got := c.do("SETRANGE", "k", fmt.Sprint(limit-1), "ab"); got != "-"+errStringTooLong+"\r\n" {
		t.Errorf("SETRANGE above the limit: %q", got)
	}
	if got := c.do("SETRANGE", "k", fmt.Sprint(limit-2), "ab"); got != fmt.Sprintf(":%d\r\n", limit) {
		t.Errorf("SETRANGE up to the limit: %q", got)
	}
}
