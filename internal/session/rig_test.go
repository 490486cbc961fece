package session

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/crucible-cache/crucible/internal/command"
	"github.com/crucible-cache/crucible/internal/keyspace"
	"github.com/crucible-cache/crucible/internal/memcached"
	"github.com/crucible-cache/crucible/internal/offheap"
	"github.com/crucible-cache/crucible/internal/protocol/memcache"
)

// rig is a worker over a small keyspace, with no engine: the test takes its place.
type rig struct {
	*Worker
	keyspace *keyspace.Keyspace
	server   *command.Server
	shared   *Shared
	now      time.Time
}

const rigMemory = 32 << 20

func rigSettings() command.Settings {
	return command.Settings{
		Maxmemory: rigMemory, MaxmemoryPolicy: "allkeys-fifo", Maxclients: 100, Databases: 16,
		ProtoMaxBulkLen: 1 << 20, QueryBufferLimit: 4 << 20, LogLevel: "notice",
	}
}

func newRig(tb testing.TB, s command.Settings) *rig {
	tb.Helper()
	ks, err := keyspace.New(keyspace.Config{Databases: s.Databases, Maxmemory: s.Maxmemory, SegmentSize: 256 << 10, Policy: "fifo"})
	if err != nil {
		tb.Fatal(err)
	}
	s.Persistence.Dir = tb.TempDir() // what is saved must not lie about in the source tree
	now := time.Unix(1_700_000_000, 0)
	server := command.NewServer(ks, command.NewParams(s, command.Hooks{}), command.Identity{Started: now})
	mc := memcached.NewServer(memcached.Settings{MaxItem: 1 << 20, MaxLine: memcache.DefaultMaxLine, MaxConnections: 50}, now)
	keys := ks.NewWorker(0, 1)
	r := &rig{
		keyspace: ks, server: server, now: now,
		shared: &Shared{MaxRESP: server.Params.Maxclients, MaxMemcache: func() int64 { return mc.Settings.MaxConnections }},
	}
	r.Worker = NewWorker(server.NewWorker(keys), mc.NewWorker(keys), r.shared)
	r.Awake(now)
	tb.Cleanup(func() {
		server.Snapshots.Wait()
		r.Stopped()
		ks.Close()
	})
	return r
}

// pass lets time go by, with the ticks that are due.
func (r *rig) pass(d time.Duration) {
	for end := r.now.Add(d); r.now.Before(end); {
		r.now = r.now.Add(100 * time.Millisecond)
		r.Awake(r.now)
		r.Tick()
	}
}

// client is the engine's side of one connection.
type client struct {
	*Session
	tb     tester
	paused bool // what the engine knows
	shown  bool // the last bytes were shown before they were fed
	killed bool
	gone   bool
}

// Post implements Peer: the test has one thread.
func (c *client) Post(fn func())     { fn() }
func (c *client) Close()             { c.killed = true }
func (c *client) RemoteAddr() string { return "127.0.0.1:50000" }
func (c *client) LocalAddr() string  { return "127.0.0.1:6379" }
func (c *client) FD() int            { return 7 }
func (c *client) Loop() int          { return 0 }
func (c *client) Flush()             {}

func (r *rig) connect(tb tester, p Protocol) *client {
	tb.Helper()
	c := &client{tb: tb}
	c.Session = r.Accept(c, p)
	tb.Cleanup(c.hangUp)
	return c
}

// hangUp ends the connection from the client's side.
func (c *client) hangUp() {
	if !c.gone {
		c.gone = true
		c.Closed(nil)
		c.Output().Release()
	}
}

// feed hands over bytes as an engine does, which holds its tongue while the
// session is paused.
func (c *client) feed(data []byte) {
	c.tb.Helper()
	if c.paused {
		c.tb.Fatal("fed while paused")
	}
	if c.Done() || c.killed {
		return
	}
	scratch := bytes.Clone(data)
	if c.shown = !c.shown; c.shown && len(data) > 0 {
		c.Expect(scratch)
	}
	c.Feed(scratch)
	for i := range scratch {
		scratch[i] = 0xdb // the session may not look at it again
	}
	c.react()
}

func (c *client) react() {
	if !c.Done() && c.Session.Paused() {
		c.paused = true
	}
}

// read takes up to limit bytes of replies, as a client does that reads, and
// lets the session go on when it may.
func (c *client) read(limit int) string {
	var got []byte
	for !c.killed && len(got) < limit && c.Output().Len() > 0 {
		b := c.Output().Front()
		b = b[:min(len(b), limit-len(got))]
		got = append(got, b...)
		c.Output().Discard(len(b))
		if c.paused && !c.Done() && !c.Session.Paused() {
			c.paused = false
			c.Resume()
			c.react()
		}
	}
	return string(got)
}

const everything = 1 << 40

// closedMark follows the replies in what ask returns when the connection is over.
const closedMark = "<closed>"

// ask sends and returns all replies. A session that is to be closed when they
// are sent, or was at once, leaves a mark.
func (c *client) ask(request string) string {
	c.tb.Helper()
	c.feed([]byte(request))
	return c.replies()
}

func (c *client) replies() string {
	got := c.read(everything)
	if c.Done() || c.killed {
		got += closedMark
	}
	return got
}

// expect asks and compares.
func (c *client) expect(request, want string) {
	c.tb.Helper()
	if got := c.ask(request); got != want {
		c.tb.Errorf("%q:\n got %q\nwant %q", request, got, want)
	}
}

func bulk(s string) string { return fmt.Sprintf("$%d\r\n%s\r\n", len(s), s) }

// array writes a request as RESP clients do.
func array(words ...string) string {
	s := fmt.Sprintf("*%d\r\n", len(words))
	for _, w := range words {
		s += bulk(w)
	}
	return s
}

// mapped is what input and output hold.
func mapped() int64 { return offheap.Resident(offheap.Input) + offheap.Resident(offheap.Output) }

// tester is a test, a benchmark, or one run of a property.
type tester interface {
	Helper()
	Cleanup(func())
	Fatal(...any)
	Errorf(string, ...any)
}
