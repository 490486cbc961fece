package command

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
)

// Scripts on several loops write keys that they did not declare, in either order,
// one by one, while others read them in one step and write them in another: nobody
// may see half a script, and no two may wait for each other.
func TestNobodySeesHalfAScript(t *testing.T) {
	const workers, duration = 4, 400 * time.Millisecond
	s := newTestServer(t, workers, Hooks{})
	clients := make([]*testClient, workers)
	for i := range clients {
		clients[i] = s.client(t, i)
	}
	clients[0].do("MSET", "a", "0", "b", "0", "count", "0")
	forth := "redis.call('SET','a',ARGV[1]) for i=1,50 do redis.call('GET','x'..i) end redis.call('SET','b',ARGV[1]) return redis.call('INCR','count')"
	back := "redis.call('SET','b',ARGV[1]) for i=50,1,-1 do redis.call('GET','x'..i) end redis.call('SET','a',ARGV[1]) return redis.call('INCR','count')"
	stop := time.Now().Add(duration)
	runs := make([]int, workers)
	var wait sync.WaitGroup
	for i, c := range clients {
		wait.Go(func() {
			for n := 0; time.Now().Before(stop); n++ {
				value := fmt.Sprintf("%d-%d", i, n)
				switch i {
				case 0:
					c.do("EVAL", forth, "0", value)
					runs[i]++
				case 1:
					c.do("EVAL", back, "0", value)
					runs[i]++
				case 2:
					c.do("MULTI")
					c.do("EVAL", forth, "1", "z", value)
					c.do("GET", "a")
					c.do("EXEC")
					runs[i]++
				default:
					c.do("MSET", "b", value, "a", value)
				}
				checkPair(t, c.do("MGET", "a", "b"))
				checkPair(t, c.do("EVAL_RO", "return redis.call('MGET','b','a')", "0"))
			}
		})
	}
	wait.Wait()
	total := runs[0] + runs[1] + runs[2]
	if got, want := clients[0].do("GET", "count"), bulk(fmt.Sprint(total)); got != want || total == 0 {
		t.Errorf("count is %q after %d scripts", got, total)
	}
	for _, w := range s.Workers() {
		if w.Holding() {
			t.Error("a lock is still held")
		}
	}
}

// roused makes the workers' loops by hand: what one asks for runs when the test
// calls the function that is returned.
func (s *testServer) roused() (turn func()) {
	waiting := map[*Worker]bool{}
	for _, w := range s.Workers() {
		w.Rouse = func(other *Worker) { waiting[other] = true }
	}
	return func() {
		for w := range waiting {
			delete(waiting, w)
			w.ReadInbox()
		}
	}
}

// While a script takes long others are answered BUSY on every loop, some commands
// are carried out, and SCRIPT KILL ends it unless it has written.
func TestBusyScript(t *testing.T) {
	s := newTestServer(t, 2, Hooks{})
	turn := s.roused()
	a, b, other := s.client(t, 0), s.client(t, 0), s.client(t, 1)
	a.do("CONFIG", "SET", "busy-reply-threshold", "1")
	b.do("SET", "k", "v")
	if got := a.do("EVAL", "while true do redis.call('GET','k') end", "1", "k"); got != "" || !a.Blocked() {
		t.Fatalf("the script is through: %q", got)
	}
	busy := "-" + errBusyScript + "\r\n"
	for _, c := range []*testClient{b, other} {
		for _, request := range []string{"GET k", "PING", "EVAL x 0", "KEYS *", "INFO"} {
			if got := c.do(strings.Fields(request)...); got != busy {
				t.Errorf("%s: %q", request, got)
			}
		}
		if got := c.do("MULTI") + c.do("GET", "k") + c.do("DISCARD"); got != "+OK\r\n"+busy+"+OK\r\n" {
			t.Errorf("MULTI: %q", got)
		}
		c.do("MULTI")
		if got := c.do("EXEC"); !strings.HasPrefix(got, "-EXECABORT Transaction discarded because of: BUSY") {
			t.Errorf("EXEC: %q", got)
		}
		turn()
	}
	if got := other.do("SCRIPT", "KILL"); got != "+OK\r\n" {
		t.Errorf("SCRIPT KILL: %q", got)
	}
	for range 100 {
		turn()
	}
	if got := a.reply(); a.Blocked() || !strings.HasPrefix(got, "-ERR Error running script") && !strings.Contains(got, "Script killed by user with SCRIPT KILL.") {
		t.Errorf("the script was told %q", got)
	}
	if got := b.do("GET", "k"); got != "$1\r\nv\r\n" {
		t.Errorf("after the script: %q", got)
	}
	if got := b.do("SCRIPT", "KILL"); got != "-"+errNotBusy+"\r\n" {
		t.Errorf("nothing to kill: %q", got)
	}
}

// A script that has written goes on to its end, also when its client is gone.
func TestBusyScriptThatWrote(t *testing.T) {
	s := newTestServer(t, 2, Hooks{})
	turn := s.roused()
	a, other := s.client(t, 0), s.client(t, 1)
	other.do("CONFIG", "SET", "busy-reply-threshold", "1")
	a.do("MULTI")
	a.do("EVAL", "redis.call('SET','k',1) local n=0 for i=1,3000000 do n=n+i end redis.call('INCR','k') return n", "0")
	a.do("INCR", "k")
	a.do("EXEC")
	if got := other.do("SCRIPT", "KILL"); got != "-"+errUnkillable+"\r\n" {
		t.Errorf("SCRIPT KILL: %q", got)
	}
	a.Close()
	for n := 0; a.Blocked(); n++ {
		if n > 10000 {
			t.Fatal("the script never ends")
		}
		turn()
	}
	if got := other.do("GET", "k"); got != "$1\r\n3\r\n" {
		t.Errorf("k is %q", got)
	}
	if n := s.Clients.Len(); n != 1 {
		t.Errorf("%d clients are left", n)
	}
}

// The end of a loop ends its script.
func TestLoopEndsWithItsScript(t *testing.T) {
	s := newTestServer(t, 1, Hooks{})
	s.roused()
	a := s.client(t, 0)
	a.do("CONFIG", "SET", "busy-reply-threshold", "0")
	a.do("EVAL", "while true do pcall(function() while true do end end) end", "0")
	s.Workers()[0].Stopped()
	if s.Workers()[0].Holding() {
		t.Error("a lock is still held")
	}
}

func BenchmarkEvalsha(b *testing.B) {
	for name, source := range map[string]string{
		"get":    "return redis.call('GET',KEYS[1])",
		"return": "return 1",
		"limit":  "local n=redis.call('INCR',KEYS[1]) if n==1 then redis.call('PEXPIRE',KEYS[1],ARGV[1]) end return {n,redis.call('PTTL',KEYS[1])}",
	} {
		b.Run(name, func(b *testing.B) {
			c := newTestClient(b)
			sum := strings.Split(c.do("SCRIPT", "LOAD", source), "\r\n")[1]
			r := request("EVALSHA", sum, "1", "key", "1000")
			b.ReportAllocs()
			for b.Loop() {
				c.Execute(r)
				if c.out.Len() > 8<<10 {
					c.out.Discard(c.out.Len())
				}
			}
		})
	}
}

// A pause puts off what writes, and what was put off is carried out in order when
// it ends.
func TestPause(t *testing.T) {
	s := newTestServer(t, 2, Hooks{})
	turn := s.roused()
	a, b := s.client(t, 0), s.client(t, 1)
	a.do("CLIENT", "PAUSE", "100000", "WRITE")
	for _, request := range []string{"SET k v", "EVAL x 0"} {
		c := s.client(t, 1)
		if got := c.do(strings.Fields(request)...); got != "" || !c.Blocked() {
			t.Errorf("%s: %q", request, got)
		}
		c.Close()
	}
	if got := b.do("SET", "k", "w"); got != "" || !b.Blocked() {
		t.Errorf("SET: %q", got)
	}
	if got := a.do("GET", "k"); got != "$-1\r\n" {
		t.Errorf("GET: %q", got)
	}
	if !s.Keyspace.Frozen() {
		t.Error("keys may expire")
	}
	a.do("CLIENT", "UNPAUSE")
	turn()
	if got := b.reply(); got != "+OK\r\n" || b.Blocked() {
		t.Errorf("after the pause: %q", got)
	}
	if got := a.do("GET", "k"); got != "$1\r\nw\r\n" || s.Keyspace.Frozen() || s.hindered.Load() != 0 {
		t.Errorf("k is %q", got)
	}
}
