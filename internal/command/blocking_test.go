package command

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// loopRig is a server whose workers run on goroutines of their own, with a
// mailbox each, as the engine's loops do.
type loopRig struct {
	*testServer
	mail []chan func()
	wg   sync.WaitGroup
}

type loopPeer struct {
	testPeer
	rig *loopRig
}

func (p *loopPeer) Post(fn func()) { p.rig.mail[p.loop] <- fn }

func newLoopRig(t *testing.T, workers int) *loopRig {
	r := &loopRig{testServer: newTestServer(t, workers, Hooks{})}
	for i := range workers {
		mail := make(chan func(), 1<<16)
		r.mail = append(r.mail, mail)
		r.wg.Add(1)
		go func() {
			defer r.wg.Done()
			w := r.Workers()[i]
			for fn := range mail {
				w.NowMS = time.Now().UnixMilli()
				fn()
			}
		}()
	}
	return r
}

// on runs fn on a loop and waits for it.
func (r *loopRig) on(worker int, fn func()) {
	done := make(chan struct{})
	r.mail[worker] <- func() { fn(); close(done) }
	<-done
}

// connect makes a client of a loop, on which alone it is used.
func (r *loopRig) connect(t *testing.T, worker int) (c *testClient) {
	r.on(worker, func() {
		c = r.client(t, worker)
		c.Peer = &loopPeer{testPeer{remote: "127.0.0.1:1", loop: worker}, r}
	})
	return c
}

func (r *loopRig) stop() {
	for _, m := range r.mail {
		close(m)
	}
	r.wg.Wait()
}

// Blocked clients of all loops, and pushers on all loops, over a few keys: each
// element is delivered exactly once, those that one client gets of one key come
// in the order in which they were pushed, and nobody is passed over.
func TestBlockedClientsAreServedOnce(t *testing.T) {
	const workers, clients, keys, each = 4, 80, 5, 500
	r := newLoopRig(t, workers)
	var (
		mu       sync.Mutex
		got      = map[string]int{}
		perOne   = make([]int, clients)
		received atomic.Int64
		done     = make(chan struct{})
	)
	take := func(id int, last map[string]int, reply string) {
		words := strings.Split(reply, "\r\n")
		key, n := words[2], words[4]
		seq, err := strconv.Atoi(n)
		mu.Lock()
		defer mu.Unlock()
		if err != nil || seq <= last[key] {
			t.Errorf("client %d got %s of %s after %d", id, n, key, last[key])
		}
		last[key] = seq
		got[key+" "+n]++
		perOne[id]++
		if received.Add(1) == keys*each {
			close(done)
		}
	}
	for id := range clients {
		c := r.connect(t, id%workers)
		last := map[string]int{}
		words := []string{"BLPOP", fmt.Sprint("k", id%keys), fmt.Sprint("k", (id+1)%keys), "0"}
		var turn func()
		turn = func() {
			for c.Blocked() || c.out.Len() > 0 {
				if c.Blocked() {
					r.mail[c.W.ID] <- func() { time.Sleep(10 * time.Microsecond); turn() }
					return
				}
				take(id, last, c.sent())
			}
			if received.Load() < keys*each {
				c.Execute(request(words...))
				r.mail[c.W.ID] <- turn
			}
		}
		r.mail[c.W.ID] <- turn
	}
	// One pusher a key, so that the order of the elements is known.
	for k := range keys {
		p, n := r.connect(t, k%workers), 0
		var push func()
		push = func() {
			for range 1 + rand.IntN(3) {
				if n++; n > each {
					return
				}
				p.Execute(request("RPUSH", fmt.Sprint("k", k), strconv.Itoa(n)))
			}
			p.sent()
			r.mail[p.W.ID] <- push
		}
		r.mail[p.W.ID] <- push
	}
	select {
	case <-done:
	case <-time.After(30 * time.Second):
		t.Errorf("%d of %d elements were delivered", received.Load(), keys*each)
	}
	r.drain(t)
	for element, n := range got {
		if n != 1 {
			t.Errorf("%s was delivered %d times", element, n)
		}
	}
	for id, n := range perOne {
		if fair := keys * each / clients; n < fair/4 || n > fair*4 {
			t.Errorf("client %d got %d elements, a fair share is %d", id, n, fair)
		}
	}
}

// drain ends what still waits and stops the loops.
func (r *loopRig) drain(t *testing.T) {
	for _, c := range r.Clients.snapshot() {
		r.on(c.W.ID, c.leave)
	}
	r.stop()
	if n := r.blocked.Load(); n != 0 {
		t.Errorf("%d clients are blocked", n)
	}
}

// sent returns what the client was sent since it was last asked.
func (c *testClient) sent() string {
	var reply []byte
	for _, b := range c.out.Vector(nil, 1<<20) {
		reply = append(reply, b...)
	}
	c.out.Discard(c.out.Len())
	return string(reply)
}

// A move that is served under other locks than the push: source, destination
// and who waits for that lie in shards of their own.
func TestBlockedMovesChain(t *testing.T) {
	r := newLoopRig(t, 3)
	const hops, rounds = 6, 200
	ready := make(chan struct{})
	last := r.connect(t, 2)
	var movers []*testClient
	for i := range hops {
		movers = append(movers, r.connect(t, i%3))
	}
	pusher := r.connect(t, 0)
	for round := range rounds {
		var waiting sync.WaitGroup
		for i, c := range movers {
			waiting.Add(1)
			r.mail[c.W.ID] <- func() {
				c.Execute(request("BLMOVE", fmt.Sprint("hop", i), fmt.Sprint("hop", i+1), "LEFT", "RIGHT", "0"))
				waiting.Done()
			}
		}
		waiting.Add(1)
		r.mail[last.W.ID] <- func() {
			last.Execute(request("BRPOP", fmt.Sprint("hop", hops), "0"))
			waiting.Done()
		}
		waiting.Wait()
		r.mail[pusher.W.ID] <- func() { pusher.do("RPUSH", "hop0", strconv.Itoa(round)) }
		var poll func()
		poll = func() {
			if last.Blocked() {
				time.Sleep(10 * time.Microsecond)
				r.mail[last.W.ID] <- poll
				return
			}
			if reply := last.sent(); !strings.HasSuffix(reply, "\r\n"+strconv.Itoa(round)+"\r\n") {
				t.Errorf("round %d: %q", round, reply)
			}
			ready <- struct{}{}
		}
		r.mail[last.W.ID] <- poll
		<-ready
		for _, c := range movers {
			for blocked := true; blocked; {
				r.on(c.W.ID, func() { blocked = c.Blocked() })
			}
			r.on(c.W.ID, func() { c.sent() })
		}
	}
	r.drain(t)
}

// Timeouts, CLIENT UNBLOCK and disconnects race with pushes: an element goes to
// one client or stays in the list.
func TestBlockedClientsThatGiveUp(t *testing.T) {
	const workers, clients, elements = 3, 30, 3000
	r := newLoopRig(t, workers)
	var taken atomic.Int64
	stop := make(chan struct{})
	for id := range clients {
		c := r.connect(t, id%workers)
		var turn func()
		turn = func() {
			select {
			case <-stop:
				return
			default:
			}
			if !c.Blocked() {
				if reply := c.sent(); strings.HasPrefix(reply, "*2") {
					taken.Add(1)
				}
				c.Execute(request("BLPOP", "k", "0.001"))
			}
			c.W.timeOut()
			r.mail[c.W.ID] <- turn
		}
		r.mail[c.W.ID] <- turn
	}
	var pushed sync.WaitGroup
	pushed.Add(1)
	p, n := r.connect(t, 0), 0
	var push func()
	push = func() {
		p.do("RPUSH", "k", strconv.Itoa(n))
		p.do("CLIENT", "UNBLOCK", strconv.Itoa(1+rand.IntN(clients)))
		if n++; n < elements {
			r.mail[0] <- push
		} else {
			pushed.Done()
		}
	}
	r.mail[0] <- push
	pushed.Wait()
	close(stop)
	var left int64
	r.on(0, func() { left, _ = strconv.ParseInt(strings.Trim(p.do("LLEN", "k"), ":\r\n"), 10, 64) })
	// What was sent to clients who have not looked yet.
	for _, c := range r.Clients.snapshot() {
		r.mail[c.W.ID] <- func() {
			if c.Reply.Out.Len() > 0 && c.Reply.Out.Front()[1] == '2' {
				taken.Add(1)
			}
		}
	}
	r.drain(t)
	if taken.Load()+left != elements {
		t.Errorf("%d taken and %d left of %d", taken.Load(), left, elements)
	}
}

// A wait ends when its time is over, though no tick comes: the first one's, the
// one's that began later and ends sooner, and that of the next after both.
func TestTimeoutsBetweenTicks(t *testing.T) {
	r := newLoopRig(t, 1)
	defer r.stop()
	r.on(0, func() { r.Workers()[0].Post = func(fn func()) { r.mail[0] <- fn } })
	begin := time.Now()
	ended := make(chan time.Duration, 4)
	wait := func(timeout string) {
		c := r.connect(t, 0)
		var look func()
		look = func() {
			if c.Blocked() {
				time.Sleep(50 * time.Microsecond)
				r.mail[0] <- look
				return
			}
			if got := c.sent(); got != "*-1\r\n" {
				t.Errorf("after %s s: %q", timeout, got)
			}
			ended <- time.Since(begin)
		}
		r.on(0, func() {
			c.Execute(request("BLPOP", "k", timeout))
			r.mail[0] <- look
		})
	}
	wait("0.030")
	wait("0.010")
	wait("0.060")
	for _, least := range []time.Duration{10 * time.Millisecond, 30 * time.Millisecond, 60 * time.Millisecond} {
		select {
		case took := <-ended:
			if took < least {
				t.Errorf("one of %v ended after %v", least, took)
			}
		case <-time.After(10 * time.Second):
			t.Fatalf("the wait of %v has no end", least)
		}
	}
}

// CLIENT PAUSE ends when its time is over, too, and with it what was put off.
func TestPauseEndsBetweenTicks(t *testing.T) {
	r := newLoopRig(t, 1)
	defer r.stop()
	a, b := r.connect(t, 0), r.connect(t, 0)
	ended := make(chan string)
	var look func()
	look = func() {
		if b.Blocked() {
			time.Sleep(50 * time.Microsecond)
			r.mail[0] <- look
			return
		}
		ended <- b.sent()
	}
	r.on(0, func() {
		r.Workers()[0].Post = func(fn func()) { r.mail[0] <- fn }
		a.do("CLIENT", "PAUSE", "20", "WRITE")
		b.Execute(request("SET", "k", "v"))
		if !b.Blocked() {
			t.Error("the request is not put off")
		}
		r.mail[0] <- look
	})
	select {
	case got := <-ended:
		if got != "+OK\r\n" {
			t.Errorf("after the pause: %q", got)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("the pause has no end")
	}
}

// What INFO says of those who wait.
func TestInfoOfBlockedClients(t *testing.T) {
	s := newTestServer(t, 1, Hooks{})
	a, b, c := s.client(t, 0), s.client(t, 0), s.client(t, 0)
	c.do("XGROUP", "CREATE", "s", "g", "$", "MKSTREAM")
	a.do("BLPOP", "k", "l", "0")
	b.do("XREADGROUP", "GROUP", "g", "b", "BLOCK", "0", "STREAMS", "s", ">")
	info := c.do("INFO", "clients")
	for _, line := range []string{"blocked_clients:2\r\n", "total_blocking_keys:3\r\n", "total_blocking_keys_on_nokey:1\r\n"} {
		if !strings.Contains(info, line) {
			t.Errorf("no %q in %q", line, info)
		}
	}
}

// CLIENT UNBLOCK leaves alone who waits for work that is done for it, as for SAVE.
func TestUnblockOfBusyClient(t *testing.T) {
	s := newTestServer(t, 1, Hooks{})
	busy, idle, other := s.client(t, 0), s.client(t, 0), s.client(t, 0)
	busy.Client.await([][]byte{[]byte("save")})
	idle.do("BLPOP", "q", "0")
	if got := other.do("CLIENT", "UNBLOCK", strconv.FormatInt(busy.ID, 10)); got != ":0\r\n" || busy.waiter.Load() == nil {
		t.Errorf("of the busy one: %q", got)
	}
	if got := other.do("CLIENT", "UNBLOCK", strconv.FormatInt(idle.ID, 10)); got != ":1\r\n" {
		t.Errorf("of the idle one: %q", got)
	}
}

// TestServeLateBehindSettled has a client served that waits behind one whose wait is over, but who is still in the queue.
func TestServeLateBehindSettled(t *testing.T) {
	s := newTestServer(t, 1, Hooks{})
	a, b, c := s.client(t, 0).ownThread(), s.client(t, 0).ownThread(), s.client(t, 0)
	a.do("BLMOVE", "q", "to:a", "LEFT", "LEFT", "0")
	b.do("BLMOVE", "q", "to:b", "LEFT", "LEFT", "0")
	if x := a.waiter.Load(); x == nil || !x.cancel() {
		t.Fatal("the first client does not wait")
	}
	c.do("RPUSH", "q", "x")
	b.attend()
	if got := c.do("LRANGE", "to:b", "0", "-1"); got != "*1\r\n$1\r\nx\r\n" {
		t.Errorf("the second client's list is %q", got)
	}
}
