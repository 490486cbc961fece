package command

import (
	"sync/atomic"

	"github.com/crucible-cache/crucible/internal/acl"
	"github.com/crucible-cache/crucible/internal/keyspace"
	"github.com/crucible-cache/crucible/internal/protocol"
	"github.com/crucible-cache/crucible/internal/protocol/resp"
)

// Peer is the connection of a client, as far as commands may reach it.
type Peer interface {
	// Post runs fn on the thread of the connection's loop, then flushes the
	// connection's output and looks at Client.Closing and Client.Killed. Any
	// thread may call it; nothing happens if the connection is gone.
	Post(fn func())
	RemoteAddr() string // "127.0.0.1:50000", "[::1]:50000", "/path/to.sock:0"
	LocalAddr() string
	FD() int
	Loop() int

	// Flush has what was appended to the client's output sent before the loop
	// next waits, though the client asked for nothing. It is called on the
	// loop's thread.
	Flush()
}

// Client is the state of one RESP connection. It belongs to the thread of its
// loop, except for Buffers, seen and waiter, which others read through the Registry.
type Client struct {
	ID    int64
	W     *Worker
	Peer  Peer
	Reply resp.Writer
	DB    int

	// Closing ends the connection once the replies so far are sent: QUIT,
	// CLIENT KILL of oneself, a protocol error.
	Closing bool

	// Killed ends the connection at once, whatever waits to be sent: CLIENT
	// KILL by another, a transaction larger than the query buffer may be.
	Killed bool

	Buffers Buffers

	account       *acl.Account // whose permissions it has; see become
	authenticated bool         // no password was needed or it was given
	unchecked     *atomic.Bool // whether requests are carried out without a look at permissions
	limited       bool         // few commands are allowed: see noteListening
	monitoring    bool         // in monitors of its worker
	stirred       bool         // in inbox.stirred of its worker
	aside         bool         // its request is held up, see aside.go
	ofMaster      bool         // it is the master whose replica this server is
	gone          bool         // the connection is, though that request may go on
	put           [][]byte     // a request that is put off, see pause.go
	noTouch       bool         // CLIENT NO-TOUCH: reads leave no mark on the items
	mute          muteState
	debugs        debugMode  // SCRIPT DEBUG: what it evaluates is debugged
	debugging     *debugging // the session with the debugger that is under way
	slot          int        // of the keys of its request, in a cluster only
	weight        int64      // bytes, as it last told the server; see Weigh
	tx            transaction
	seen          seen
	subs          *subscriptions           // nil until it first subscribes
	tracking      *tracking                // nil unless CLIENT TRACKING is on
	published     atomic.Pointer[tracking] // the same for other threads
	migrating     *migration               // what MIGRATE waits for
	wish          *wish                    // nil until it said what it wants to be sent
	feed          *feed                    // brings it what is no reply of a handler
	follower      atomic.Pointer[follower] // it is a replica
	wrote         int64                    // offset of the stream behind its last request
	relay         *relay                   // has a copy of the server debug its script

	// waiter is what the client waits for in a blocking command, nil if it
	// does not. Its own thread sets it.
	waiter atomic.Pointer[waiter]
}

// NewClient makes the state of a new connection, whose replies go to out, and
// enters it into the Registry. It runs on the loop's thread.
func (w *Worker) NewClient(peer Peer, out *protocol.Output) *Client {
	s := w.Server
	c := &Client{ID: s.nextID.Add(1), W: w, Peer: peer}
	c.Reply.Out = out
	c.Reply.Proto = 2
	c.begin()
	c.seen.start(w.NowMS)
	s.Clients.add(c)
	return c
}

// Close releases what the client holds: its watched keys, its place in the
// Registry. It runs on the loop's thread when the connection is gone.
func (c *Client) Close() {
	if c.aside {
		c.gone = true
		c.Reply.Out = c.W.scriptHost().sink
		if c.W.aside.prompting() && c.W.Rouse != nil {
			c.W.Rouse(c.W) // the script goes on without it
		}
		return
	}
	c.forgetPostponed()
	c.discard()
	c.leave()
	if c.migrating != nil {
		c.migrating.forget(c.W)
	}
	if c.feed != nil {
		close(c.feed.gone)
		c.feed = nil
	}
	c.unfollow()
	c.endAll()
	c.setMonitoring(false)
	c.trackNoMore()
	c.gone = true
	c.W.Server.Clients.remove(c)
}

// Key returns the key at args[i], hashed. Positions that the key specs of the
// running command name cost nothing: they were hashed to lock their shards.
func (c *Client) Key(args [][]byte, i int) keyspace.Key {
	if w := c.W; i == w.keyAt {
		return w.key
	}
	return c.W.keyAmong(args, i)
}

// Get reads the item of a key whose shard is locked, in the client's database,
// as [keyspace.Worker.Get] does, or without marking the use if the client asked
// for that with CLIENT NO-TOUCH.
func (c *Client) Get(k keyspace.Key) (keyspace.Item, bool) {
	if c.noTouch {
		return c.getUntouched(k)
	}
	return c.W.Get(c.DB, k)
}

// getUntouched is Get without marking the use.
func (c *Client) getUntouched(k keyspace.Key) (keyspace.Item, bool) {
	it, ok := c.countUntouched(k)
	if !ok {
		c.notify(keyspace.KeyMissEvent, "keymiss", k)
	}
	return it, ok
}

// countUntouched is getUntouched for commands about keys, not their values: that
// there is none is no event.
func (c *Client) countUntouched(k keyspace.Key) (keyspace.Item, bool) {
	it, ok := c.W.Peek(c.DB, k)
	if ok {
		c.W.Worker.Stats.Hits.Add(1)
	} else {
		c.W.Worker.Stats.Misses.Add(1)
	}
	return it, ok
}

// Error replies with an error, text being its code and message without the
// dash, and counts it under its code. Handlers use it instead of Reply.Error.
func (c *Client) Error(text string) {
	c.W.countError(text)
	c.Reply.Error(text)
}

// InTransaction reports whether commands are being queued after MULTI.
func (c *Client) InTransaction() bool { return c.tx.active }

// selectDB moves the client to a database that exists.
func (c *Client) selectDB(db int) {
	c.DB = db
	c.seen.db.Set(int64(db))
}

// muteState is what CLIENT REPLY asked for.
type muteState uint8

const (
	replyOn        muteState = iota
	replyOff                 // drop every reply
	replySkipNext            // SKIP was just given: drop its own reply and the next one's
	replySkip                // drop the reply of the command that runs now
	replyDebugging           // what comes is for the debugger; nothing is dropped
	replyRelayed             // what comes is for a copy of the server
	replyFollower            // it is a replica, that gets no replies
)
