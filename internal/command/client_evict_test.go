package command

import (
	"strings"
	"testing"
)

func TestClientsThatTakeTheMostAreEvicted(t *testing.T) {
	s := newTestServer(t, 1, Hooks{})
	sizes := []int64{100 << 10, 300 << 10, 50 << 10, 200 << 10, 400 << 10}
	var clients []*testClient
	for _, n := range sizes {
		c := s.client(t, 0)
		c.Buffers.Output.Set(n)
		clients = append(clients, c)
	}
	killed := func() (which string) {
		for i, c := range clients {
			if c.Killed {
				which += itoa(i)
			}
		}
		return which
	}
	clients[4].do("CLIENT", "NO-EVICT", "ON")
	s.evictClients()
	if got := killed(); got != "" {
		t.Errorf("without a limit: %s", got)
	}
	clients[0].do("CONFIG", "SET", "maxmemory-clients", "700kb")
	s.evictClients()
	if got := killed(); got != "13" { // 1050 kb less 300 is 750, less 200 is 550
		t.Errorf("at 700 kb: %s, want 13", got)
	}
	clients[0].do("CONFIG", "SET", "maxmemory-clients", "1")
	s.evictClients()
	if got := killed(); got != "0123" {
		t.Errorf("at the least there is: %s, want all but the one that is kept", got)
	}
	if got := clients[4].info("stats")["evicted_clients"]; got != "4" {
		t.Errorf("evicted_clients is %s", got)
	}
}

func TestShareOfMaxmemory(t *testing.T) {
	s := newTestServer(t, 1, Hooks{})
	c := s.client(t, 0)
	c.do("CONFIG", "SET", "maxmemory", "100mb")
	for text, want := range map[string]int64{"0": 0, "5%": 5 << 20, "0%": 0, "100%": 100 << 20, "2mb": 2 << 20, "7": clientMemoryMin} {
		if got := c.do("CONFIG", "SET", "maxmemory-clients", text); got != "+OK\r\n" {
			t.Errorf("%s: %q", text, got)
		}
		if got := s.Params.clientMemory(); got != want {
			t.Errorf("%s is %d, want %d", text, got, want)
		}
	}
	for _, text := range []string{"101%", "-1", "x", "%", "5.5%"} {
		if got := c.do("CONFIG", "SET", "maxmemory-clients", text); !strings.HasPrefix(got, "-ERR CONFIG SET failed") {
			t.Errorf("%s: %q", text, got)
		}
	}
}
