package memcached

import (
	"regexp"
	"strings"
	"testing"
)

// TestTold has each write told in the words of Redis' protocol, and nothing else.
func TestTold(t *testing.T) {
	c := newTestClient(t)
	var told []string
	c.W.Server.Tell = func(_ int, name string, args ...[]byte) {
		for _, arg := range args {
			name += " " + string(arg)
		}
		told = append(told, name)
	}
	if c.do("set a 0 0 1\r\n1\r\n"); len(told) > 0 {
		t.Fatalf("nobody follows, and is told %q", told)
	}
	c.W.Keyspace().Follow(true)
	instant := regexp.MustCompile(`\b[0-9]{13}\b`)
	for _, x := range []struct{ request, want string }{
		{"set a 5 0 1\r\n1\r\n", "SET a 1"},
		{"set b 0 100 1\r\n1\r\n", "SET b 1 PXAT T"},
		{"add a 0 0 1\r\n2\r\n", ""},
		{"append a 0 0 1\r\n2\r\n", "APPEND a 2"},
		{"prepend a 0 0 1\r\n3\r\n", "SET a 312 KEEPTTL"},
		{"incr a 1\r\n", "SET a 313 KEEPTTL"},
		{"decr a 300\r\n", "SET a 13  KEEPTTL"},
		{"incr nosuch 1\r\n", ""},
		{"touch a 100\r\n", "PEXPIREAT a T"},
		{"gat 0 a\r\n", "PERSIST a"},
		{"gets a\r\n", ""},
		{"touch b -1\r\n", "DEL b"},
		{"delete a\r\n", "DEL a"},
		{"delete a\r\n", ""},
		{"set a 0 -1 1\r\n1\r\n", ""},
		{"flush_all\r\n", "FLUSHDB"},
	} {
		told = nil
		reply := c.do(x.request)
		if got := instant.ReplaceAllString(strings.Join(told, "; "), "T"); got != x.want {
			t.Errorf("%q (%q): told %q, want %q", x.request, reply, got, x.want)
		}
	}
}
