package command

import (
	"strings"
	"testing"

	"github.com/crucible-cache/crucible/internal/keyspace"
)

// What is evicted to make room, and what expires with nobody asking for it, is
// told of too.
func TestEventsOfTheKeyspace(t *testing.T) {
	s := newTestServer(t, 1, Hooks{MaxmemoryPolicy: func(string) error { return nil }})
	if err := s.Keyspace.SetPolicy("fifo"); err != nil {
		t.Fatal(err)
	}
	c := s.client(t, 0)
	c.do("HELLO", "3")
	c.do("CONFIG", "SET", "notify-keyspace-events", "Eex")
	c.do("SUBSCRIBE", "__keyevent@0__:evicted", "__keyevent@0__:expired")
	c.do("SET", "soon", "v", "PX", "1")
	c.W.NowMS += 10
	c.W.Tick()
	c.W.Tick()
	if got := c.do("PING"); !strings.Contains(got, "expired\r\n$4\r\nsoon\r\n") {
		t.Errorf("after the key's time: %q", got)
	}
	s.Keyspace.SetMaxmemory(s.Keyspace.Resident() + 8<<20)
	value := strings.Repeat("v", 10_000)
	evicted := 0
	for i := range 2000 {
		reply := c.do("SET", "key:"+itoa(i), value)
		evicted += strings.Count(reply, "__keyevent@0__:evicted\r\n$")
	}
	if want := c.W.Evicted(); evicted == 0 || uint64(evicted) != want {
		t.Errorf("told of %d evicted keys, want %d", evicted, want)
	}
}

// Events that nobody chose, or that nobody listens to, cost no allocation.
func TestEventsUnheard(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector allocates")
	}
	c := newTestClient(t)
	request := request("SET", "k", "v")
	for _, classes := range []string{"", "KEA"} {
		c.do("CONFIG", "SET", "notify-keyspace-events", classes)
		if n := testing.AllocsPerRun(100, func() {
			c.Execute(request)
			c.out.Discard(c.out.Len())
		}); n != 0 {
			t.Errorf("%q: %v allocations", classes, n)
		}
	}
	if got := c.W.Server.Keyspace.Events(); got&(keyspace.KeyspaceChannel|keyspace.StringEvent) == 0 {
		t.Errorf("events are %b", got)
	}
}
