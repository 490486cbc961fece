package command

import (
	"math"
	"math/big"
	"runtime"
	"slices"
	"sync/atomic"

	"github.com/crucible-cache/crucible/internal/keyspace"
	"github.com/crucible-cache/crucible/internal/protocol"
	"github.com/crucible-cache/crucible/internal/ticks"
)

// attempt carries out a blocking command as far as it can be for the key at
// args[at], and reports whether it replied. It may run on the thread of another
// loop than the client's, for whom c stands in then.
type attempt func(c *Client, args [][]byte, at int) (done bool)

// blocking is what a command that found nothing waits for.
type blocking struct {
	deadline    int64         // unix ms, 0 = none
	first, last int           // the arguments that are the keys
	wants       keyspace.Type // what a key has to hold to be of use
	needs       int           // another key that is written to, 0 = none
	untilGone   bool          // a key that is gone ends the wait, too
	try         attempt
	acks        *acks // what WAIT waits for instead of a key
	served      bool  // work goes on for it, such as SAVE: to other clients it isn't waiting
}

// waiter is a client that waits in the queues of its keys. It is taken out of
// waiting by whoever wins the race to serve it, end it or time it out.
type waiter struct {
	blocking
	client *Client
	args   [][]byte // its own copy
	db     int
	proto  int
	muted  bool
	state  atomic.Int32
	ns     int64 // how long it took to carry it out
}

// The states of a waiter.
const (
	waiting int32 = iota
	tried         // somebody is trying to serve it, and may fail
	settled       // it has its reply, or will never get one
)

// Waiting implements keyspace.Waiter.
func (x *waiter) Waiting() bool { return x.state.Load() != settled }

// claim takes the waiter out of waiting for as long as an attempt takes.
func (x *waiter) claim() bool { return x.state.CompareAndSwap(waiting, tried) }

// cancel settles the waiter, and reports false if somebody else has. An attempt
// that is under way, at most some microseconds, is waited for.
func (x *waiter) cancel() bool {
	for !x.state.CompareAndSwap(waiting, settled) {
		if x.state.Load() == settled {
			return false
		}
		runtime.Gosched()
	}
	return true
}

// parseTimeout reads a timeout in seconds and returns the time at which it is
// over, 0 for never, or replies with an error.
func (c *Client) parseTimeout(b []byte) (deadline int64, ok bool) {
	seconds, ok := parseLongDouble(b)
	if !ok {
		c.Error(errTimeout)
		return 0, false
	}
	ms := new(big.Float).Mul(seconds, big.NewFloat(1000))
	n, accuracy := ms.Int64()
	if accuracy == big.Below && n < math.MaxInt64 {
		n++ // a part of a millisecond counts as one
	}
	switch {
	case n < 0:
		c.Error(errTimeoutNegative)
		return 0, false
	case ms.IsInf() || n > math.MaxInt64-c.W.NowMS:
		c.Error(errTimeoutRange)
		return 0, false
	case n > 0:
		n += c.W.NowMS
	}
	return n, true
}

// wait tries a blocking command with each of its keys in turn. If none is of
// use the client blocks, unless it is in a transaction: then it is told at once
// what it would be after the timeout, which none replies.
func (c *Client) wait(args [][]byte, b blocking, none func(*Client)) {
	for at := b.first; at <= b.last; at++ {
		if b.try(c, args, at) {
			return
		}
	}
	if c.tx.running {
		none(c)
		return
	}
	c.block(args, b)
}

// block puts the client into the queues of its keys, whose shards are locked.
func (c *Client) block(args [][]byte, b blocking) {
	x := &waiter{
		blocking: b, client: c, db: c.DB, proto: c.Reply.Proto,
		args: cloneArgs(args), muted: c.mute != replyOn,
	}
	c.waiter.Store(x)
	c.W.blocked = append(c.W.blocked, x)
	c.W.remind(x.deadline)
	c.W.Server.blocked.Add(1)
	c.seen.setFlag(seenBlocked, true)
	for at := b.first; at <= b.last; at++ {
		if !x.repeats(at) {
			c.W.Await(c.DB, c.Key(args, at), x)
		}
	}
}

// repeats reports whether the key at args[at] stands before it too.
func (x *waiter) repeats(at int) bool {
	return slices.ContainsFunc(x.args[x.first:at], func(a []byte) bool { return string(a) == string(x.args[at]) })
}

// Blocked reports whether the client waits for a key, or for its script: it is
// served no request until it has its reply. If the script's debugger waits for the client
// it isn't.
func (c *Client) Blocked() bool {
	return c.aside && !c.W.aside.prompting() || c.put != nil || c.waiter.Load() != nil || c.relay != nil && c.relay.full
}

// unblock ends the client's wait, which is settled, with a reply; nil if the
// client is gone. It runs on the client's thread with nothing locked.
func (c *Client) unblock(x *waiter, reply []byte) {
	if c.waiter.Load() != x {
		return
	}
	w := c.W
	c.waiter.Store(nil)
	w.Server.blocked.Add(-1)
	c.seen.setFlag(seenBlocked, false)
	if x.acks != nil {
		w.Server.followers.waiters.remove(x)
	} else {
		c.wrote = w.Server.Stream.End()
	}
	if i := slices.Index(w.blocked, x); i >= 0 {
		w.blocked = slices.Delete(w.blocked, i, i+1)
	}
	for at := x.first; at <= x.last; at++ {
		w.Forget(x.db, w.Worker.Key(x.args[at]), x)
	}
	if !x.muted {
		c.Reply.Out.Write(reply)
	}
	if reply != nil {
		c.countWaited(x)
	}
}

// post has the client's thread end its wait, which the caller settled.
func (x *waiter) post(reply []byte) {
	x.client.Peer.Post(func() { x.client.unblock(x, reply) })
}

// leave ends the wait of a client that is gone.
func (c *Client) leave() {
	if x := c.waiter.Load(); x != nil {
		x.cancel()
		c.unblock(x, nil)
	}
}

// timeOut ends the waits that have lasted long enough, and those that are for nothing.
func (w *Worker) timeOut() {
	w.redirectBlocked()
	var next int64
	for i := len(w.blocked) - 1; i >= 0; i-- {
		x := w.blocked[i]
		switch {
		case x.deadline == 0:
		case x.deadline > w.NowMS:
			if next == 0 || x.deadline < next {
				next = x.deadline
			}
		case x.cancel():
			x.post([]byte(x.nothing()))
		}
	}
	w.remind(next)
}

// nothing is what a client reads that waited in vain.
func (x *waiter) nothing() string {
	if x.acks != nil {
		return x.acks.reply(x.acks.have())
	}
	if x.proto >= 3 {
		return "_\r\n"
	}
	return "*-1\r\n"
}

// serveWaiters serves those who wait for the keys that were written to, before
// the locks are let go: nobody sees what they take.
func (w *Worker) serveWaiters() {
	for {
		db, k, ok := w.Woken()
		if !ok {
			return
		}
		w.serveKey(db, k)
	}
}

// lateKey is a key whose waiters need locks that the writer does not hold.
type lateKey struct {
	db   int
	name []byte
}

// serveKey serves those who wait for k, oldest first, as long as k has
// something for them. One that needs another key, which is not locked, is
// served after the locks are let go, and those behind it too.
func (w *Worker) serveKey(db int, k keyspace.Key) {
	for i := 0; ; {
		queue := w.Waiters(db, k)
		it, found := w.Peek(db, k)
		if i >= len(queue) {
			return
		}
		x := queue[i].(*waiter)
		switch {
		case !x.Waiting():
			i++ // its loop is about to take it out
		case !found && x.wants != keyspace.TypeStream:
			return
		case found && it.Type() != x.wants && x.wants != keyspace.TypeStream:
			i++
		case x.needs != 0 && !w.Holds(w.Worker.Key(x.args[x.needs])):
			w.late = append(w.late, lateKey{db, slices.Clone(k.Name)})
			return
		case x.claim() && w.serve(x):
			w.Served(db, k, x)
		default:
			i++
		}
	}
}

// serve tries to give a waiter that is claimed what it waits for: its command is
// carried out anew, for those of its keys whose shards are locked.
func (w *Worker) serve(x *waiter) (done bool) {
	c, begin := w.standIn(x), ticks.Now()
	errors := w.Stats.ErrorReplies.Load()
	if w.Saving() {
		w.preserveFor(x)
	}
	opened := w.beginUnit()
	for at := x.first; at <= x.last && !done; at++ {
		done = w.Holds(w.Worker.Key(x.args[at])) && x.try(c, x.args, at)
	}
	w.tellUnit() // also in a transaction, all of which was told before
	w.endUnit(opened)
	if !done {
		x.state.Store(waiting)
		return false
	}
	x.state.Store(settled)
	if w.Stats.ErrorReplies.Load() != errors {
		w.countFailed(x)
	}
	reply := make([]byte, 0, c.Reply.Out.Len())
	for c.Reply.Out.Len() > 0 {
		part := c.Reply.Out.Front()
		reply = append(reply, part...)
		c.Reply.Out.Discard(len(part))
	}
	x.ns += ticks.Nanoseconds(ticks.Now() - begin)
	x.post(reply)
	return true
}

// countFailed counts the command of a waiter as one that failed.
func (w *Worker) countFailed(x *waiter) {
	if s := w.Server.Table.resolve(x.args); s != nil {
		w.Stats.PerCommand[s.index].Failed.Add(1)
	}
}

// standIn returns a client that has the database and the protocol version of
// the one that waits, and the worker that serves it.
func (w *Worker) standIn(x *waiter) *Client {
	if w.agent == nil {
		w.agent = &Client{W: w}
		w.agent.Reply.Out = protocol.NewOutput(&w.agentPool)
	}
	w.agent.DB, w.agent.Reply.Proto = x.db, x.proto
	w.keyAt, w.keysAt = -1, w.keysAt[:0] // the keys at hand are another request's
	return w.agent
}

// serveLate serves those who could not be served under the locks of the writer.
// Nothing is locked.
func (w *Worker) serveLate() {
	for len(w.late) > 0 {
		late := w.late[0]
		w.late = slices.Delete(w.late, 0, 1)
		k := w.Worker.Key(late.name)
		keys := []keyspace.Key{k}
		w.LockKey(k)
		for _, other := range w.Waiters(late.db, k) {
			if x := other.(*waiter); x.needs != 0 && x.Waiting() {
				keys = append(keys, w.Worker.Key(x.args[x.needs]))
				break
			}
		}
		w.Unlock()
		w.LockKeys(keys)
		w.serveKey(late.db, k)
		w.serveWaiters()
		w.Unlock()
	}
}

// clientUnblockCommand ends the wait of a client, as if it had timed out or with
// an error.
func clientUnblockCommand(c *Client, args [][]byte) {
	failing := len(args) == 4 && equalName(args[3], "error")
	switch {
	case len(args) > 4:
		c.Error(errSubcommandSyntax("CLIENT", args))
		return
	case len(args) == 4 && !failing && !equalName(args[3], "timeout"):
		c.Error(errUnblockReason)
		return
	}
	id, ok := parseInt(args[2])
	if !ok {
		c.Error(errNotInteger)
		return
	}
	for _, other := range c.W.Server.Clients.get([]int64{id}) {
		x := other.waiter.Load()
		if x == nil || x.served || !x.cancel() {
			continue
		}
		reply := x.nothing()
		if failing {
			c.W.countError(errUnblocked)
			c.W.countFailed(x)
			reply = "-" + errUnblocked + "\r\n"
		}
		x.post([]byte(reply))
		c.Reply.Int(1)
		return
	}
	c.Reply.Int(0)
}
