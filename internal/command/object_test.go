package command

import (
	"strings"
	"testing"
)

func TestObjectFrequency(t *testing.T) {
	c := newTestClient(t)
	if err := c.W.Keyspace().SetPolicy("allkeys-lfu"); err != nil {
		t.Fatal(err)
	}
	c.do("SET", "k", "v")
	before := c.do("OBJECT", "FREQ", "k")
	if before != ":5\r\n" {
		t.Errorf("a new key has frequency %q", before)
	}
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

// TestObjectIdletime has the time since a key was used under the policies that
// go by it, and an error for its frequency.
func TestObjectIdletime(t *testing.T) {
	c := newTestClient(t)
	c.do("SET", "k", "v")
	c.W.NowMS += 75_000
	for _, policy := range []string{"noeviction", "allkeys-lru", "volatile-ttl"} {
		if err := c.W.Keyspace().SetPolicy(policy); err != nil {
			t.Fatal(err)
		}
		if got := c.do("OBJECT", "IDLETIME", "k"); got != ":75\r\n" {
			t.Errorf("%s: IDLETIME %q", policy, got)
		}
		if got := c.do("OBJECT", "FREQ", "k"); got != "-"+errFrequency+"\r\n" {
			t.Errorf("%s: FREQ %q", policy, got)
		}
	}
	if got := c.do("OBJECT", "FREQ", "missing"); got != "$-1\r\n" {
		t.Errorf("FREQ of a key that is not there: %q", got)
	}
	c.do("GET", "k")
	if got := c.do("OBJECT", "IDLETIME", "k"); got != ":0\r\n" {
		t.Errorf("after a GET: %q", got)
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
