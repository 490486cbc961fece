package command

import (
	"strings"
	"testing"
)

func TestObjectFrequency(t *testing.T) {
	c := newTestClient(t)
	c.do("SET", "k", "v")
	before := c.do("OBJECT", "FREQ", "k")
	for range 2000 {
		c.do("GET", "k")
	}
	after := c.do("OBJECT", "FREQ", "k")
	if !strings.HasPrefix(before, ":") || !strings.HasPrefix(after, ":") || before == after {
		t.Errorf("FREQ: %q before 2000 uses, %q after", before, after)
	}
	if got := c.do("OBJECT", "FREQ", "k"); got != after {
		t.Errorf("OBJECT counted as a use: %q, then %q", after, got)
	}
	if got := c.do("OBJECT", "IDLETIME", "k"); got != "-"+errIdleTime+"\r\n" {
		t.Errorf("IDLETIME: %q", got)
	}
}

// TestObjectRefcount has integers shared only where the policy doesn't need to
// know about the use of each.
func TestObjectRefcount(t *testing.T) {
	c := newTestClient(t)
	c.do("SET", "k", "7")
	for policy, want := range map[string]string{
		"noeviction": ":2147483647\r\n", "allkeys-random": ":2147483647\r\n", "volatile-ttl": ":2147483647\r\n",
		"allkeys-lru": ":1\r\n", "volatile-lfu": ":1\r\n",
	} {
		c.do("CONFIG", "SET", "maxmemory-policy", policy)
		if got := c.do("OBJECT", "REFCOUNT", "k"); got != want {
			t.Errorf("%s: %q, want %q", policy, got, want)
		}
	}
}
