package command

import "testing"

// latePeer keeps what is posted until the test has its loop run.
type latePeer struct {
	testPeer
	posted []func()
}

func (p *latePeer) Post(fn func()) { p.posted = append(p.posted, fn) }

// lateClient is a client whose loop runs when the test says so.
type lateClient struct {
	*testClient
	peer *latePeer
}

func newLateClient(t *testing.T, s *testServer, worker int) lateClient {
	c := lateClient{s.client(t, worker), &latePeer{}}
	c.Peer = c.peer
	return c
}

// wait sends a request that is to block.
func (c lateClient) wait(t *testing.T, words ...string) {
	t.Helper()
	if got := c.do(words...); got != "" || !c.Blocked() {
		t.Fatalf("%q: %q at once", words, got)
	}
}

// read lets the client's loop run and returns what the client has been sent.
func (c lateClient) read() string {
	for len(c.peer.posted) > 0 {
		fn := c.peer.posted[0]
		c.peer.posted = c.peer.posted[1:]
		fn()
	}
	got := string(c.out.Front())
	c.out.Discard(len(got))
	return got
}

func TestStreamWaiters(t *testing.T) {
	s := newTestServer(t, 2, Hooks{})
	a, b, d := s.client(t, 0), newLateClient(t, s, 1), newLateClient(t, s, 0)
	expect := func(c lateClient, want string) {
		t.Helper()
		if got := c.read(); got != want {
			t.Fatalf("got %q\nwant %q", got, want)
		}
		if c.Blocked() != (want == "") {
			t.Fatalf("blocked: %v after %q", c.Blocked(), want)
		}
	}
	const (
		entry1  = "*1\r\n*2\r\n$1\r\ns\r\n*1\r\n*2\r\n$3\r\n1-1\r\n*2\r\n$1\r\nf\r\n$1\r\nv\r\n"
		entry2  = "*1\r\n*2\r\n$1\r\ns\r\n*1\r\n*2\r\n$3\r\n2-1\r\n*2\r\n$1\r\nf\r\n$1\r\nv\r\n"
		noGroup = "-NOGROUP No such key 's' or consumer group 'g' in XREADGROUP with GROUP option\r\n"
	)

	b.wait(t, "XREAD", "BLOCK", "0", "STREAMS", "other", "s", "$", "$")
	d.wait(t, "XREAD", "BLOCK", "0", "STREAMS", "s", "$")
	a.do("RPUSH", "s", "no stream")
	a.do("DEL", "s")
	expect(b, "")
	a.do("XADD", "s", "1-1", "f", "v")
	expect(b, entry1)
	expect(d, entry1)

	// Of those who read from a group one gets the entry, the first who came.
	a.do("XGROUP", "CREATE", "s", "g", "$")
	b.wait(t, "XREADGROUP", "GROUP", "g", "b", "BLOCK", "0", "STREAMS", "s", ">")
	d.wait(t, "XREADGROUP", "GROUP", "g", "d", "BLOCK", "0", "STREAMS", "s", ">")
	a.do("XADD", "s", "2-1", "f", "v")
	expect(b, entry2)
	expect(d, "")
	a.do("XGROUP", "DESTROY", "s", "g")
	expect(d, noGroup)

	b.wait(t, "XREAD", "BLOCK", "100", "STREAMS", "s", "$")
	b.W.Tick()
	expect(b, "")
	b.W.NowMS += 100
	b.W.Tick()
	expect(b, "*-1\r\n")

	// In a transaction nobody waits.
	b.do("MULTI")
	b.do("XREAD", "BLOCK", "0", "STREAMS", "s", "$")
	if got := b.do("EXEC"); got != "*1\r\n*-1\r\n" {
		t.Errorf("EXEC: %q", got)
	}
}

// A key that expires while nothing is written wakes those who read from its
// groups.
func TestStreamWaitersOfExpiredKey(t *testing.T) {
	s := newTestServer(t, 1, Hooks{})
	a, b := s.client(t, 0), newLateClient(t, s, 0)
	a.do("XGROUP", "CREATE", "s", "g", "0", "MKSTREAM")
	a.do("PEXPIRE", "s", "50")
	b.wait(t, "XREADGROUP", "GROUP", "g", "b", "BLOCK", "0", "STREAMS", "s", ">")
	a.W.NowMS += 100
	for range 100 {
		a.W.Tick()
	}
	if got := b.read(); got == "" || got[:8] != "-NOGROUP" {
		t.Errorf("got %q", got)
	}
}
