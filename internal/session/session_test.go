package session

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/crucible-cache/crucible/internal/command"
)

// What the reference servers answer, whole and byte by byte. closedMark stands
// where they close the connection; what follows it in the input is not read.
var conversations = []struct {
	name     string
	protocol Protocol
	request  string
	want     string
}{
	{"array", RESP, array("SET", "k", "v") + array("GET", "k"), "+OK\r\n$1\r\nv\r\n"},
	{"inline", RESP, "SET k \"a b\"\r\nGET k\r\n", "+OK\r\n$3\r\na b\r\n"},
	{"inline and array", RESP, "SET k 1\n" + array("INCR", "k") + "GET k\r\n", "+OK\r\n:2\r\n$1\r\n2\r\n"},
	{"empty requests", RESP, "\r\n*0\r\n*-5\r\n\r\nPING\r\n", "+PONG\r\n"},
	{"quit", RESP, "PING\r\nQUIT\r\nPING\r\n", "+PONG\r\n+OK\r\n" + closedMark},
	{"bulk length", RESP, array("PING") + "*1\r\n$-2\r\nPING\r\n", "+PONG\r\n-ERR Protocol error: invalid bulk length\r\n" + closedMark},
	{"bulk too long", RESP, "*1\r\n$1048577\r\n", "-ERR Protocol error: invalid bulk length\r\n" + closedMark},
	{"count", RESP, "PING\r\n*x\r\nPING\r\n", "+PONG\r\n-ERR Protocol error: invalid multibulk length\r\n" + closedMark},
	{"no bulk", RESP, "*1\r\nPING\r\n", "-ERR Protocol error: expected '$', got 'P'\r\n" + closedMark},
	{"quotes", RESP, "SET a \"b\r\nPING\r\n", "-ERR Protocol error: unbalanced quotes in request\r\n" + closedMark},
	{"unknown command", RESP, "NOPE\r\nPING\r\n", "-ERR unknown command 'NOPE', with args beginning with: \r\n+PONG\r\n"},
	{"HTTP get", RESP, "GET / HTTP/1.0\r\nPING\r\n", "-ERR wrong number of arguments for 'get' command\r\n+PONG\r\n"},
	{"value with line ends", RESP, array("SET", "k", "\r\n*1\r\n$4\r\nPING\r\n") + array("GET", "k"), "+OK\r\n$16\r\n\r\n*1\r\n$4\r\nPING\r\n\r\n"},
	{"transaction", RESP, "MULTI\r\nSET a 1\r\nINCR a\r\nEXEC\r\n", "+OK\r\n+QUEUED\r\n+QUEUED\r\n*2\r\n+OK\r\n:2\r\n"},

	{"text", Memcache, "set k 7 0 1\r\nv\r\nget k\r\n", "STORED\r\nVALUE k 7 1\r\nv\r\nEND\r\n"},
	{"text value with line ends", Memcache, "set k 0 0 9\r\n\r\nget k\r\n\r\nget k\r\n", "STORED\r\nVALUE k 0 9\r\n\r\nget k\r\n\r\nEND\r\n"},
	{"text noreply", Memcache, "set k 0 0 1 noreply\r\n7\r\nincr k 3 noreply\r\nget k\r\n", "VALUE k 0 2\r\n10\r\nEND\r\n"},
	{"text errors", Memcache, "nope\r\nget\r\nincr k x\r\nversion\r\n", "ERROR\r\nERROR\r\nCLIENT_ERROR invalid numeric delta argument\r\nVERSION 1.6.38\r\n"},
	{"text too large", Memcache, "set k 0 0 1048577\r\n" + strings.Repeat("x", 1048577) + "\r\nget k\r\n", "SERVER_ERROR object too large for cache\r\nEND\r\n"},
	{"text quit", Memcache, "version\r\nquit\r\nversion\r\n", "VERSION 1.6.38\r\n" + closedMark},

	{"ping", Ping, "PING\r\nping\nPiNg\r\n", "PONG\r\nPONG\r\nPONG\r\n"},
	{"ping and something else", Ping, "PING\r\nPANG\r\nPING\r\n", "PONG\r\n" + closedMark},
	{"ping without end", Ping, strings.Repeat("p", 64), closedMark},

	{"auto array", Auto, array("PING"), "+PONG\r\n"},
	{"auto word", Auto, "PING\r\n", "+PONG\r\n"},
	{"auto text", Auto, "get k\r\nset k 0 0 1\r\nv\r\n", "END\r\nSTORED\r\n"},
}

func TestConversations(t *testing.T) {
	for _, c := range conversations {
		for _, step := range []int{everything, 1, 2, 3, 7, 1000} {
			if step < 1000 && len(c.request) > 1<<16 {
				continue // the same again a million times
			}
			t.Run(fmt.Sprintf("%s by %d", c.name, min(step, len(c.request))), func(t *testing.T) {
				r := newRig(t, rigSettings())
				in := r.connect(t, c.protocol)
				got := ""
				for rest := c.request; len(rest) > 0 && !in.Done(); {
					n := min(step, len(rest))
					in.feed([]byte(rest[:n]))
					got += in.read(everything)
					rest = rest[n:]
				}
				if got += in.replies(); got != c.want {
					t.Errorf("got %q\nwant %q", got, c.want)
				}
			})
		}
	}
}

// A browser that was tricked into talking to this port gets nothing, not even
// the replies to what came before: so Redis.
func TestBrowserIsCutOff(t *testing.T) {
	for _, request := range []string{"PING\r\nPOST / HTTP/1.1\r\nPING\r\n", "PING\r\nHost: x\r\nPING\r\n", "PING\r\n" + array("post")} {
		r := newRig(t, rigSettings())
		c := r.connect(t, RESP)
		c.feed([]byte(request))
		if !c.killed {
			t.Errorf("%q: the connection stays", request)
		}
	}
}

// Both protocols work on the same items.
func TestProtocolsShareItems(t *testing.T) {
	r := newRig(t, rigSettings())
	redis, text := r.connect(t, RESP), r.connect(t, Memcache)
	redis.expect(array("SET", "k", "v"), "+OK\r\n")
	text.expect("get k\r\n", "VALUE k 0 1\r\nv\r\nEND\r\n")
	text.expect("set n 5 60 2\r\n41\r\n", "STORED\r\n")
	redis.expect(array("INCR", "n")+array("TTL", "n"), ":42\r\n:60\r\n")
}

func TestTooManyClients(t *testing.T) {
	s := rigSettings()
	s.Maxclients = 2
	r := newRig(t, s)
	first, _ := r.connect(t, RESP), r.connect(t, RESP)
	third := r.connect(t, RESP)
	third.expect("", "-ERR max number of clients reached\r\n"+closedMark)
	if n := r.Commands.Stats.Connections.Load(); n != 2 {
		t.Errorf("%d connections received, want 2: a refused one does not count", n)
	}
	if n := r.Commands.Stats.Rejected.Load(); n != 1 {
		t.Errorf("%d rejected", n)
	}
	// Memcached's clients have a limit of their own.
	r.connect(t, Memcache).expect("version\r\n", "VERSION 1.6.38\r\n")
	// A refused connection keeps its place until it is gone.
	third.hangUp()
	first.hangUp()
	r.connect(t, RESP).expect("PING\r\n", "+PONG\r\n")
	// CONFIG SET maxclients holds for the next connection.
	r.connect(t, RESP).expect("", "-ERR max number of clients reached\r\n"+closedMark)
	if err := r.server.Params.Set("maxclients", "10"); err != nil {
		t.Fatal(err)
	}
	r.connect(t, RESP).expect("PING\r\n", "+PONG\r\n")
}

func TestTooManyMemcachedClients(t *testing.T) {
	r := newRig(t, rigSettings())
	r.Memcached.Server.Settings.MaxConnections = 1
	r.connect(t, Memcache)
	r.connect(t, Memcache).expect("", "ERROR Too many open connections\r\n"+closedMark)
	if n := r.MemcacheStats.Rejected.Load(); n != 1 {
		t.Errorf("%d rejected", n)
	}
	r.connect(t, RESP).expect("PING\r\n", "+PONG\r\n")
}

// On an auto listener the first byte decides which limit counts.
func TestTooManyAutoClients(t *testing.T) {
	s := rigSettings()
	s.Maxclients = 1
	r := newRig(t, s)
	r.Memcached.Server.Settings.MaxConnections = 1
	r.connect(t, Auto).expect("PING\r\n", "+PONG\r\n")
	r.connect(t, Auto).expect("PING\r\n", "-ERR max number of clients reached\r\n"+closedMark)
	r.connect(t, Auto).expect("version\r\n", "VERSION 1.6.38\r\n")
	// Now neither has a place, and nothing tells what to say.
	r.connect(t, Auto).expect("", closedMark)
}

func TestIdleTimeout(t *testing.T) {
	s := rigSettings()
	s.TimeoutSeconds = 5
	r := newRig(t, s)
	r.Memcached.Server.Settings.IdleSeconds = 20
	idle, busy, text := r.connect(t, RESP), r.connect(t, RESP), r.connect(t, Memcache)
	for range 10 {
		r.pass(time.Second)
		busy.expect("PING\r\n", "+PONG\r\n")
	}
	if !idle.killed || busy.killed || text.killed {
		t.Errorf("after 10 s: idle %v, busy %v, memcached %v", idle.killed, busy.killed, text.killed)
	}
	r.pass(15 * time.Second)
	if !text.killed {
		t.Error("memcached's idle client is still there after 25 s")
	}
}

// A client that has a reply, or a part of one, or is there to be told things, isn't idle,
// however long ago its request was.
func TestWhoIsNotIdle(t *testing.T) {
	s := rigSettings()
	s.TimeoutSeconds = 5
	r := newRig(t, s)
	other, waits, slow, part := r.connect(t, RESP), r.connect(t, RESP), r.connect(t, RESP), r.connect(t, RESP)
	monitor, subscriber := r.connect(t, RESP), r.connect(t, RESP)
	other.expect("SETRANGE large 1000000 x\r\n", ":1000001\r\n")
	waits.feed([]byte("BLPOP list 11.5\r\n"))
	slow.feed([]byte("GET large\r\n"))
	monitor.expect("MONITOR\r\n", "+OK\r\n")
	subscriber.expect("SUBSCRIBE c\r\n", "*3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n")
	part.feed([]byte("*2\r\n$4\r\nECHO\r\n$20\r\n"))
	for range 12 {
		r.pass(time.Second)
		other.expect("PING\r\n", "+PONG\r\n")
		part.feed([]byte("a"))
		slow.read(1000)
	}
	r.pass(3 * time.Second)
	if got := waits.replies(); got != "*-1\r\n" {
		t.Errorf("who waited 11.5 s has %q", got)
	}
	waits.expect("PING\r\n", "+PONG\r\n")
	for name, c := range map[string]*client{"reader": slow, "sender": part, "monitor": monitor, "subscriber": subscriber} {
		if c.killed {
			t.Errorf("the %s is disconnected", name)
		}
	}
	if list := other.ask("CLIENT LIST\r\n"); !strings.Contains(list, "idle=0 flags=O") || !strings.Contains(list, "idle=15 flags=P") {
		t.Errorf("a monitor that was told something and a subscriber that was not: %s", list)
	}
	r.pass(10 * time.Second)
	if !slow.killed || !part.killed || !waits.killed {
		t.Errorf("after 10 s more: reader %v, sender %v, waiting %v", slow.killed, part.killed, waits.killed)
	}
}

// What one client does to another takes effect without the other's doing.
func TestClientKill(t *testing.T) {
	r := newRig(t, rigSettings())
	killer, victim := r.connect(t, RESP), r.connect(t, RESP)
	killer.expect(array("CLIENT", "KILL", "ID", "2"), ":1\r\n")
	if !victim.killed {
		t.Error("the other client is not killed")
	}
	killer.expect(array("CLIENT", "KILL", "ID", "1", "SKIPME", "no"), ":1\r\n"+closedMark)
}

// CLIENT LIST shows what a client holds.
func TestClientListShowsBuffers(t *testing.T) {
	r := newRig(t, rigSettings())
	half, asks := r.connect(t, RESP), r.connect(t, RESP)
	half.feed([]byte("*2\r\n$3\r\nGET\r\n$5\r\nab"))
	for _, field := range []string{" qbuf=2 ", " argv-mem=3 ", " tot-mem=16384 "} {
		if got := asks.ask("CLIENT LIST ID 1\r\n"); !strings.Contains(got, field) {
			t.Errorf("%q does not say%s", got, field)
		}
	}
	half.feed([]byte("cde\r\n"))
	if got := asks.ask("CLIENT LIST ID 1\r\n"); !strings.Contains(got, " qbuf=0 ") {
		t.Errorf("%q does not say qbuf=0", got)
	}
}

// Who is cut off for too long a reply keeps no more of it than the limit, and a request that
// follows is not carried out.
func TestCutOffAtOnce(t *testing.T) {
	r := newRig(t, rigSettings())
	greedy, asks := r.connect(t, RESP), r.connect(t, RESP)
	asks.expect("CONFIG SET client-output-buffer-limit \"normal 100000 0 0\"\r\n", "+OK\r\n")
	asks.expect("HSET h f v\r\n", ":1\r\n")
	greedy.feed([]byte("HRANDFIELD h -1000000000\r\nSET k v\r\n"))
	if !greedy.killed {
		t.Errorf("%d bytes wait for a client that may have 100000", greedy.Output().Len())
	}
	asks.expect("EXISTS k\r\n", ":0\r\n")
	if got := r.CutOff.Output.Load(); got != 1 {
		t.Errorf("%d clients were cut off", got)
	}
}

// A session that is over leaves nothing behind.
func TestClosedGivesEverythingBack(t *testing.T) {
	r := newRig(t, rigSettings())
	before := mapped()
	for _, p := range []Protocol{RESP, Memcache, Ping, Auto} {
		c := r.connect(t, p)
		c.feed([]byte("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$500000\r\n" + strings.Repeat("x", 100000)))
		c.hangUp()
	}
	watcher := r.connect(t, RESP)
	watcher.expect("WATCH a b\r\nMULTI\r\nSET a 1\r\n", "+OK\r\n+OK\r\n+QUEUED\r\n")
	watcher.hangUp()
	r.Stopped() // the pool of chunks
	if after := mapped(); after != before {
		t.Errorf("%d bytes before, %d after", before, after)
	}
	if n := r.Sessions(); n != 0 {
		t.Errorf("%d sessions", n)
	}
	for p := range protocols {
		if n := r.shared.Connected(p); n != 0 {
			t.Errorf("%d connections of protocol %d", n, p)
		}
	}
	if n := r.server.Clients.Len(); n != 0 {
		t.Errorf("%d clients", n)
	}
}

func TestParseProtocol(t *testing.T) {
	for name, want := range map[string]Protocol{"resp": RESP, "memcache": Memcache, "ping": Ping, "auto": Auto} {
		if p, err := ParseProtocol(name); err != nil || p != want {
			t.Errorf("%s: %v, %v", name, p, err)
		}
	}
	if _, err := ParseProtocol("http"); err == nil {
		t.Error("http is a protocol")
	}
}

var _ command.Peer = (*client)(nil)
