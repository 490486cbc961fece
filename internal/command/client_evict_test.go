package command

import (
	"strconv"
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
	s.evictClients(0, nil)
	if got := killed(); got != "" {
		t.Errorf("without a limit: %s", got)
	}
	clients[0].do("CONFIG", "SET", "maxmemory-clients", "700kb")
	s.evictClients(0, nil)
	if got := killed(); got != "13" { // 1050 kb less 300 is 750, less 200 is 550
		t.Errorf("at 700 kb: %s, want 13", got)
	}
	clients[0].do("CONFIG", "SET", "maxmemory-clients", "1")
	s.evictClients(0, nil)
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

// What the server keeps for a client under names counts as its memory, until it is kept no more, and ends a client
// that has too much of it.
func TestNamesCountAsMemory(t *testing.T) {
	c := newTestClient(t)
	for _, x := range []struct {
		hold, let []string
		want      int64
	}{
		{[]string{"WATCH", "a", "bb", "a"}, []string{"UNWATCH"}, 2*nameBytes + 3},
		{[]string{"WATCH", "a"}, []string{"RESET"}, nameBytes + 1},
		{[]string{"CLIENT", "TRACKING", "ON", "BCAST", "PREFIX", "ab", "PREFIX", "b"}, []string{"CLIENT", "TRACKING", "OFF"}, 2*nameBytes + 3},
		{[]string{"SUBSCRIBE", "ch", "ch"}, []string{"UNSUBSCRIBE", "ch"}, nameBytes + 2},
	} {
		c.do(x.hold...)
		if got := c.memory(); got != x.want {
			t.Errorf("%q: %d bytes, want %d", x.hold, got, x.want)
		}
		c.do(x.let...)
		if got := c.memory(); got != 0 {
			t.Errorf("%d bytes after %q", got, x.let)
		}
	}
	c.do("CONFIG", "SET", "client-query-buffer-limit", "1mb")
	for i := 0; !c.Killed; i++ {
		if i > 1<<20/nameBytes {
			t.Fatal("any number of keys can be watched")
		}
		c.do("WATCH", strconv.Itoa(i))
	}
}

// However prefixes come and go they are in order, and each knows who tracks it.
func TestPrefixesOfTrackers(t *testing.T) {
	var all trackers
	a, b := &tracking{}, &tracking{}
	for _, x := range []struct {
		of    *tracking
		texts []string
		enter bool
		want  string
	}{
		{a, []string{"m", "c"}, true, "c:1 m:1"},
		{b, []string{"z", "m", "a"}, true, "a:1 c:1 m:2 z:1"},
		{a, []string{"c", "m"}, false, "a:1 m:1 z:1"},
		{a, []string{"q"}, true, "a:1 m:1 q:1 z:1"},
		{b, []string{"a", "m", "z"}, false, "q:1"},
		{a, []string{"q"}, false, ""},
	} {
		all.change(x.of, x.texts, x.enter)
		var got []string
		for _, p := range all.list() {
			got = append(got, p.text+":"+strconv.Itoa(len(p.of)))
		}
		if strings.Join(got, " ") != x.want {
			t.Errorf("after %q, %t: %q, want %q", x.texts, x.enter, got, x.want)
		}
	}
}
