package session

import (
	"math/rand/v2"
	"testing"
	"time"
)

// FuzzSession feeds any bytes, cut anywhere, by a client that reads now and
// then, to every protocol. Nothing may panic or hang, and when the client is
// gone nothing of it may be left.
func FuzzSession(f *testing.F) {
	for _, c := range conversations {
		if len(c.request) < 4096 {
			f.Add(byte(c.protocol), uint64(len(c.request)), []byte(c.request))
		}
	}
	for _, more := range []string{
		array("HELLO", "3") + array("CLIENT", "REPLY", "OFF") + array("GET", "k"),
		"gets a b\r\ncas a 0 0 1 1\r\nx\r\ngat 1 a\r\nstats settings\r\nflush_all 1\r\n",
		array("SETRANGE", "k", "1000000", "x") + array("APPEND", "k", "y") + array("GETRANGE", "k", "0", "-1"),
		array("SCAN", "0") + array("KEYS", "*") + array("INFO") + array("CONFIG", "GET", "*") + array("COMMAND"),
	} {
		f.Add(byte(Auto), uint64(7), []byte(more))
	}
	r := newRig(f, rigSettings())
	f.Fuzz(func(t *testing.T, protocol byte, seed uint64, stream []byte) {
		before := mapped()
		dice := rand.New(rand.NewPCG(seed, 1)) //nolint:gosec // a test
		c := r.connect(t, Protocol(protocol)%protocols)
		begin := time.Now()
		for len(stream) > 0 && !c.Done() && !c.killed {
			n := min(1+dice.IntN(1<<dice.IntN(12)), len(stream))
			if !c.paused {
				c.feed(stream[:n])
				stream = stream[n:]
			}
			if dice.IntN(4) == 0 || c.paused {
				c.read(1 << dice.IntN(20))
			}
			if dice.IntN(16) == 0 {
				r.pass(100 * time.Millisecond)
			}
		}
		c.hangUp()
		r.Stopped()
		if d := time.Since(begin); d > time.Minute {
			t.Errorf("took %v", d)
		}
		if after := mapped(); after != before {
			t.Errorf("%d bytes before, %d after", before, after)
		}
		if r.Sessions() != 0 || r.server.Clients.Len() != 0 {
			t.Error("a session is left")
		}
		if r.Commands.Holding() {
			t.Error("a shard is left locked")
		}
		for p := range protocols {
			if r.shared.Connected(p) != 0 {
				t.Error("a connection is left")
			}
		}
	})
}
