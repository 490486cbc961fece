package command

import (
	"fmt"
	"strings"
	"testing"
)

// scanAll walks a database to the end and returns how often each name came.
func scanAll(t *testing.T, c *testClient, options ...string) map[string]int {
	t.Helper()
	seen := map[string]int{}
	cursor := "0"
	for range 100000 {
		reply := strings.Split(c.do(append([]string{"SCAN", cursor}, options...)...), "\r\n")
		if reply[0] != "*2" {
			t.Fatalf("SCAN %s: %q", cursor, reply)
		}
		cursor = reply[2]
		for i := 5; i < len(reply); i += 2 {
			seen[reply[i]]++
		}
		if cursor == "0" {
			return seen
		}
	}
	t.Fatal("the scan does not end")
	return nil
}

func TestScanVisitsAll(t *testing.T) {
	c := newTestClient(t)
	const n = 5000
	for i := range n {
		c.do("SET", fmt.Sprintf("key:%d", i), "v")
	}
	for _, options := range [][]string{nil, {"COUNT", "1"}, {"COUNT", "100"}, {"COUNT", "9223372036854775807"}} {
		if seen := scanAll(t, c, options...); len(seen) != n {
			t.Errorf("%v: %d names, want %d", options, len(seen), n)
		}
	}
	if seen := scanAll(t, c, "MATCH", "key:1?", "COUNT", "50"); len(seen) != 10 {
		t.Errorf("MATCH: %d names, want 10", len(seen))
	}
	if seen := scanAll(t, c, "TYPE", "hash"); len(seen) != 0 {
		t.Errorf("TYPE: %d names, want none", len(seen))
	}
}

// TestScanWhileWriting has the promise of SCAN: what is there all along is
// returned, whatever comes and goes meanwhile.
func TestScanWhileWriting(t *testing.T) {
	c := newTestClient(t)
	const n = 1000
	for i := range n {
		c.do("SET", fmt.Sprintf("stays:%d", i), "v")
	}
	seen := map[string]int{}
	cursor, others := "0", 0
	for range 100000 {
		reply := strings.Split(c.do("SCAN", cursor), "\r\n")
		cursor = reply[2]
		for i := 5; i < len(reply); i += 2 {
			seen[reply[i]]++
		}
		if cursor == "0" {
			break
		}
		for range 20 {
			c.do("SET", fmt.Sprintf("comes:%d", others), "v")
			if others%2 == 0 {
				c.do("DEL", fmt.Sprintf("comes:%d", others/2))
			}
			others++
		}
	}
	for i := range n {
		if seen[fmt.Sprintf("stays:%d", i)] == 0 {
			t.Fatalf("stays:%d was not returned", i)
		}
	}
}

func TestKeysAndRandomkey(t *testing.T) {
	c := newTestClient(t)
	const n = 300
	for i := range n {
		c.do("SET", fmt.Sprintf("key:%d", i), "v")
	}
	if got := c.do("KEYS", "key:*"); !strings.HasPrefix(got, fmt.Sprintf("*%d\r\n", n)) {
		t.Errorf("KEYS: %.20q", got)
	}
	random := map[string]bool{}
	for range 400 {
		random[c.do("RANDOMKEY")] = true
	}
	if len(random) < n/3 {
		t.Errorf("RANDOMKEY: 400 calls returned %d of %d keys", len(random), n)
	}
}
