package command

import (
	"github.com/crucible-cache/crucible/internal/acl"
	"github.com/crucible-cache/crucible/internal/keyspace"
)

// transaction is what a client has queued after MULTI and what it watches.
//
// The arguments of queued commands are copied, one after another, into bytes;
// both slices are kept for the next transaction unless they grew large.
type transaction struct {
	active  bool // MULTI was given
	spoiled bool // a command was refused: EXEC will abort
	running bool // EXEC is carrying out the queue, the locks are held

	flags   Flag // of any queued command
	lacking Flag // those that any of them is without
	queue   []queued
	args    [][]byte
	bytes   []byte
	grows   growth
	watcher keyspace.Watcher
	watched int // length of the names of the keys that watcher has
}

// queued is one command that waits for EXEC.
type queued struct {
	spec *Spec
	args [][]byte
}

// keptBytes bounds what an idle client keeps of the memory of a transaction.
const keptBytes = 64 << 10

// queue puts a command that passed the checks before it behind the others.
func (c *Client) queue(s *Spec, args [][]byte) {
	switch {
	case s.Flags&NoMulti != 0:
		c.reject(s, errNoMulti)
		return
	case (s.Flags&DenyOOM != 0 || len(c.tx.bytes) > modestQueue) && c.W.Prepare(c.neededBytes(s, args)) != nil:
		c.W.Settle()
		c.reject(s, errOutOfMemory)
		return
	}
	c.W.Settle()
	tx := &c.tx
	if tx.spoiled || tx.watcher.Changed() {
		// EXEC will carry out nothing: the command would only take memory.
		c.Reply.SimpleString("QUEUED")
		return
	}
	if int64(len(tx.bytes)+requestBytes(args)) > c.W.Server.Params.QueryBufferLimit() {
		c.Killed = true
		return
	}
	tx.add(s, args)
	if s.Grows != nil {
		tx.grows.add(c.growing(s, args))
	}
	c.seen.queued.Set(int64(len(tx.queue)))
	c.seen.queuedBytes.Set(int64(len(tx.bytes)))
	c.Weigh()
	c.Reply.SimpleString("QUEUED")
}

// modestQueue is how much a transaction may queue, in bytes, while memory is
// full. Beyond it no command is queued, whatever it does, for that alone takes memory.
const modestQueue = 64 << 10

func (tx *transaction) add(s *Spec, args [][]byte) {
	first := len(tx.args)
	for _, a := range args {
		at := len(tx.bytes)
		tx.bytes = append(tx.bytes, a...)
		tx.args = append(tx.args, tx.bytes[at:len(tx.bytes):len(tx.bytes)])
	}
	// A slice that grows leaves earlier commands where they were copied first.
	tx.queue = append(tx.queue, queued{s, tx.args[first:len(tx.args):len(tx.args)]})
	tx.flags, tx.lacking = tx.flags|s.Flags, tx.lacking|^s.Flags
}

// spoil notes that a command was refused while queueing.
func (c *Client) spoil() {
	if c.tx.active {
		c.tx.spoiled = true
	}
}

// discard ends the transaction and forgets the watched keys.
func (c *Client) discard() {
	tx := &c.tx
	tx.active, tx.spoiled, tx.running, tx.flags, tx.lacking, tx.grows = false, false, false, 0, 0, growth{}
	clear(tx.queue)
	clear(tx.args)
	tx.queue, tx.args, tx.bytes = tx.queue[:0], tx.args[:0], tx.bytes[:0]
	if cap(tx.bytes)+24*cap(tx.args)+32*cap(tx.queue) > keptBytes {
		tx.queue, tx.args, tx.bytes = nil, nil, nil
	}
	c.seen.queued.Set(-1)
	c.seen.queuedBytes.Set(0)
	c.unwatch()
}

// abort ends the transaction with the reply of an EXEC that was refused for
// the reason given.
func (c *Client) abort(reason string) {
	c.discard()
	c.Error("EXECABORT Transaction discarded because of: " + reason)
}

func multiCommand(c *Client, _ [][]byte) {
	if c.tx.active {
		c.Error(errNestedMulti)
		return
	}
	c.tx.active = true
	c.seen.queued.Set(0)
	c.Reply.SimpleString("OK")
}

func discardCommand(c *Client, _ [][]byte) {
	if !c.tx.active {
		c.Error(errDiscardNoMulti)
		return
	}
	c.discard()
	c.Reply.SimpleString("OK")
}

func execCommand(c *Client, _ [][]byte) {
	tx, w := &c.tx, c.W
	switch {
	case !tx.active:
		c.Error(errExecNoMulti)
		return
	case tx.spoiled:
		c.discard()
		c.Error(errExecAbort)
		return
	case tx.flags&DenyOOM != 0 && w.Prepare(len(tx.bytes)+int(tx.grows.bytes())) != nil:
		w.Stats.PerCommand[w.Server.Table.exec.index].Rejected.Add(1)
		c.abort(errOutOfMemory)
		return
	}
	tx.running = true
	scripted := tx.flags&Scripted != 0
	dirty := tx.watcher.Watching() && w.Dirty(&tx.watcher)
	locked := c.lockTransaction()
	if locked && !scripted && w.Server.scripts.busy.Load() != nil {
		w.Unlock()
		c.reject(w.Server.Table.exec, w.Server.busyRefusal())
		return
	}
	// With all its locks held the transaction looks once more. A watched key
	// that it does not lock may be written from here on, but whoever wrote it
	// can't see the transaction's keys before the end: it came first.
	if dirty || tx.watcher.Changed() {
		c.Reply.NullArray()
	} else {
		c.Reply.ArrayLen(len(tx.queue))
		for i := range tx.queue {
			q := &tx.queue[i]
			if c.unchecked.Load() || c.stillPermitted(q) {
				w.noteKeys(q.spec, q.args)
				c.runQueued(q)
			}
		}
	}
	if locked {
		w.tellUnit()
		w.serveWaiters()
		w.Unlock()
	}
	c.discard()
}

// stillPermitted checks a queued command again, for rules may have changed since,
// and replies with an error in its place.
func (c *Client) stillPermitted(q *queued) bool {
	var why string
	switch reason, _ := c.check(q.spec, q.args, acl.InMulti); reason {
	case acl.Allowed:
		return true
	case acl.DeniedCommand:
		why = "no permission to execute the command or subcommand"
	case acl.DeniedKey:
		why = "no permission to touch the specified keys"
	default:
		why = "no permission to access one of the channels used as arguments to the command"
	}
	c.Error(errNoLongerPermitted + why)
	return false
}

// runQueued runs one queued command. A client that is about to be closed gets
// no more replies, but its transaction goes on to the end.
func (c *Client) runQueued(q *queued) {
	if !c.Closing {
		c.run(q.spec, q.args)
		return
	}
	mark := c.Reply.Out.Len()
	c.run(q.spec, q.args)
	c.Reply.Out.Truncate(mark)
}

// lockTransaction holds the shards of every key that the queue names, or all
// of them if a queued command can't name its keys.
func (c *Client) lockTransaction() bool {
	tx, w := &c.tx, c.W
	if tx.flags&(WholeKeyspace|Unlocked|Scripted) != 0 {
		w.LockAll()
		return true
	}
	w.keys = w.keys[:0]
	for i := range tx.queue {
		q := &tx.queue[i]
		q.spec.eachKey(q.args, func(at int, _ *KeySpec) {
			w.keys = append(w.keys, w.Worker.Key(q.args[at]))
		})
	}
	if len(w.keys) == 0 {
		return false
	}
	w.LockKeys(w.keys)
	return true
}

func watchCommand(c *Client, args [][]byte) {
	tx := &c.tx
	if tx.active {
		c.Error(errWatchInMulti)
		return
	}
	for i := 1; i < len(args); i++ {
		had := tx.watcher.Len()
		if c.W.Watch(c.DB, c.Key(args, i), &tx.watcher); tx.watcher.Len() > had {
			tx.watched += len(args[i])
			c.holdNames(1, len(args[i]))
		}
	}
	c.seen.watching.Set(int64(tx.watcher.Len()))
	c.Reply.SimpleString("OK")
}

func unwatchCommand(c *Client, _ [][]byte) {
	if !c.tx.running { // EXEC lets go of all keys when it is done
		c.unwatch()
	}
	c.Reply.SimpleString("OK")
}

// unwatch forgets all watched keys. No lock is held.
func (c *Client) unwatch() {
	if c.tx.watcher.Watching() {
		c.holdNames(-c.tx.watcher.Len(), -c.tx.watched)
		c.tx.watched = 0
		c.W.Unwatch(&c.tx.watcher)
		c.seen.watching.Set(0)
	}
}
