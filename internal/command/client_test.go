package command

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/crucible-cache/crucible/internal/keyspace"
	"github.com/crucible-cache/crucible/internal/protocol"
)

// testServer is a server that has nothing but memory.
type testServer struct {
	*Server
	pools []protocol.Pool // of each worker
}

// testSettings are those of a Redis that was told nothing.
var testSettings = Settings{
	MaxmemoryPolicy: "noeviction", Maxclients: 10000, KeepaliveSeconds: 300, Databases: 16,
	ProtoMaxBulkLen: 512 << 20, QueryBufferLimit: 1 << 30, LogLevel: "notice",
	Addresses: Addresses{Port: 6379}, TCPBacklog: 511, IOThreads: 1,
}

func newTestServer(t testing.TB, workers int, hooks Hooks) *testServer {
	t.Helper()
	ks, err := keyspace.New(keyspace.Config{Databases: 16, Maxmemory: 64 << 20, SegmentSize: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	settings := testSettings
	settings.Persistence.Dir = t.TempDir() // what is saved must not lie about in the source tree
	s := &testServer{Server: NewServer(ks, NewParams(settings, hooks), Identity{Started: time.Now(), Engine: "test"})}
	s.pools = make([]protocol.Pool, workers)
	for i := range workers {
		w := s.NewWorker(ks.NewWorker(i, workers))
		w.NowUS = time.Now().UnixMicro()
		w.NowMS = w.NowUS / 1000
	}
	t.Cleanup(func() {
		s.Snapshots.Wait()
		for i := range s.pools {
			s.pools[i].Close()
		}
		ks.Close()
	})
	return s
}

// client connects to a worker.
func (s *testServer) client(t testing.TB, worker int) *testClient {
	peer := &testPeer{remote: fmt.Sprintf("127.0.0.1:%d", 50000+s.Clients.Len()), loop: worker}
	c := &testClient{out: protocol.NewOutput(&s.pools[worker]), peer: peer}
	c.Client = s.Workers()[worker].NewClient(peer, c.out)
	t.Cleanup(func() {
		c.Close()
		c.out.Release()
	})
	return c
}

// testPeer runs at once what is posted to it, as the test has one thread, or
// leaves it to the thread of its client where there is one.
type testPeer struct {
	remote string
	loop   int
	posted chan func() // nil: there is one thread
}

func (p *testPeer) Post(fn func()) {
	if p.posted == nil {
		fn()
		return
	}
	p.posted <- fn
}

func (p *testPeer) RemoteAddr() string { return p.remote }
func (p *testPeer) LocalAddr() string  { return "127.0.0.1:6379" }
func (p *testPeer) FD() int            { return 8 }
func (p *testPeer) Loop() int          { return p.loop }
func (p *testPeer) Flush()             {}

// testClient is a client whose replies can be read.
type testClient struct {
	*Client
	out  *protocol.Output
	peer *testPeer
}

// ownThread makes what others post to the client wait until it is attended to.
func (c *testClient) ownThread() *testClient {
	c.peer.posted = make(chan func(), 1024)
	return c
}

// attend runs what was posted to the client, as its loop does between requests.
func (c *testClient) attend() {
	for len(c.peer.posted) > 0 {
		(<-c.peer.posted)()
	}
}

// newTestClient connects to a server of its own.
func newTestClient(t testing.TB) *testClient {
	t.Helper()
	return newTestServer(t, 1, Hooks{}).client(t, 0)
}

// do executes a request and returns the reply.
func (c *testClient) do(words ...string) string {
	c.Execute(request(words...))
	return c.reply()
}

// reply returns what waits for the client.
func (c *testClient) reply() string {
	var reply []byte
	for _, b := range c.out.Vector(nil, 1<<20) {
		reply = append(reply, b...)
	}
	c.out.Discard(c.out.Len())
	return string(reply)
}

// closedLine stands in a transcript where the connection was closed.
const closedLine = "(closed)"

// TestClients replays testdata/clients/*.txt. They are transcripts as the
// others, of several clients of one server: a request is the first client's
// unless it begins with another's name, as in "@2 PING".
func TestClients(t *testing.T) {
	files, err := filepath.Glob("testdata/clients/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no transcripts: %v", err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".txt")
		t.Run(name, func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			s := newTestServer(t, 2, Hooks{})
			clients := map[string]*testClient{}
			for _, x := range parseTranscript(string(text)) {
				who, request := "@1", x.request
				if request[0] == '@' {
					who, request, _ = strings.Cut(request, " ")
				}
				c := clients[who]
				if c == nil {
					c = s.client(t, len(clients)%2)
					if name == "resp3" {
						c.do("HELLO", "3")
					}
					clients[who] = c
				}
				if got := c.lines(transcriptWords(t, request)); strings.Join(got, "\n") != strings.Join(x.reply, "\n") {
					t.Errorf("line %d: %s\n got %q\nwant %q", x.line, x.request, got, x.reply)
				}
			}
		})
	}
}

// lines executes a request and returns its reply as a transcript has it.
func (c *testClient) lines(words []string) (lines []string) {
	if c.Killed {
		return []string{closedLine}
	}
	if reply := c.do(words...); reply != "" {
		for _, line := range strings.Split(strings.TrimSuffix(reply, "\r\n"), "\r\n") {
			lines = append(lines, transcriptEscape(line))
		}
	}
	if c.Closing || c.Killed {
		c.Close()
		c.Killed = true
		lines = append(lines, closedLine)
	}
	return lines
}
