package command

import (
	"log/slog"
	"strings"
)

// Execute carries out one request, args[0] being the name of the command, and
// appends its reply, or queues it in a transaction. The bytes of args are only
// read, and not needed after the return. It runs on the loop's thread.
func (c *Client) Execute(args [][]byte) { c.ExecuteAhead(args, &Ahead{}) }

// ExecuteAhead is Execute for a request of which something is known: LookAhead
// was told of it, or a is empty.
func (c *Client) ExecuteAhead(args [][]byte, a *Ahead) {
	if c.mute == replyOn {
		c.execute(args, a)
	} else {
		c.executeMuted(args, a)
	}
	if c.W.pending {
		c.finish()
	}
}

// execute finds the command and makes the checks that come before a handler,
// in the order of Redis, so that a request that is wrong twice gets the same
// answer.
func (c *Client) execute(args [][]byte, a *Ahead) {
	w := c.W
	s := a.spec
	if s == nil {
		s = w.Server.Table.resolve(args)
	}
	c.seen.lastMS.Set(w.NowMS)
	if s == nil {
		c.rejectUnknown(args)
		return
	}
	c.seen.command.Set(int64(s.index) + 1)
	if !s.arityFits(len(args)) {
		c.reject(s, errArity(s.fullname))
		return
	}
	if s.Flags&Protected != 0 && !c.unlocks(s) {
		c.reject(s, errProtected(s))
		return
	}
	if !c.unchecked.Load() {
		if problem := c.barred(s, args); problem != "" {
			c.reject(s, problem)
			return
		}
	}
	if w.Server.cluster != nil && c.refuseSlots(s, args) {
		return
	}
	if c.limited && c.refuseLimited(s, args) {
		return
	}
	if w.Server.hindered.Load() != 0 && c.heldUp(s, args) {
		return
	}
	if w.Server.Snapshots.Failing.Load() && c.refuseUnsaved(s) {
		return
	}
	if c.tx.active && s.Flags&NotQueued == 0 {
		c.queue(s, args)
		return
	}
	if s.Flags&(Scripted|Alone) != 0 || c.tx.flags&(Scripted|Alone) != 0 && s == w.Server.Table.exec {
		c.runAside(s, args)
		return
	}
	if s.Flags&DenyOOM != 0 && w.Prepare(c.neededBytes(s, args)) != nil {
		c.reject(s, errOutOfMemory)
		return
	}
	locked := w.lock(c.DB, s, args, a)
	if locked && w.Server.scripts.busy.Load() != nil {
		// It became so while we waited for it.
		w.Unlock()
		c.reject(s, w.Server.busyRefusal())
		return
	}
	c.run(s, args)
	if locked {
		w.serveWaiters()
		w.Unlock()
	}
	if len(w.late) > 0 {
		w.serveLate()
	}
	w.Settle()
}

// run calls the handler, with the locks it needs held, and counts.
func (c *Client) run(s *Spec, args [][]byte) {
	if c.W.Server.attention.Load() == 0 {
		c.runAlone(s, args)
		return
	}
	w, outer := c.W, c.W.current
	if outer == nil {
		w.current = c // else the command is part of its transaction or script
	}
	if s.Flags&SkipMonitor != 0 {
		c.monitored(args) // a script comes before what it calls
	}
	c.runFollowed(s, args)
	if c.aside && s == w.aside.spec {
		args = w.aside.args // the ones it came with are gone
	}
	c.attended(s, args)
	w.current = outer
}

// runAlone is run for a request that concerns nobody but the client and the keys.
func (c *Client) runAlone(s *Spec, args [][]byte) {
	w := c.W
	stats := &w.Stats.PerCommand[s.index]
	w.errorsSeen = w.Stats.ErrorReplies.Load()
	if s.Flags&Write != 0 && w.Saving() {
		w.preserve(c.DB)
	}
	if w.group.open && len(args) <= s.brief {
		s.Run(c, args)
		w.group.add(stats)
	} else {
		c.runTimed(s, args, stats)
	}
	w.Stats.Commands.Add(1)
	if n := w.Stats.ErrorReplies.Load(); n != w.errorsSeen {
		// EXEC itself has not failed when a command that it ran has.
		w.errorsSeen = n
		stats.Failed.Add(1)
	}
}

// executeMuted is Execute for a client that used CLIENT REPLY: the reply is
// made as ever and dropped. Of one that debugs a script the debugger is given the request.
func (c *Client) executeMuted(args [][]byte, a *Ahead) {
	switch c.mute {
	case replyDebugging:
		c.debugging.take(args)
		return
	case replyRelayed:
		c.relay.take(args)
		return
	case replyFollower:
		c.executeFollower(args, a)
		return
	}
	if c.mute == replySkipNext {
		c.mute = replySkip
	}
	mark := c.Reply.Out.Len()
	c.execute(args, a)
	switch c.mute {
	case replySkip:
		c.mute = replyOn
		c.Reply.Out.Truncate(mark)
	case replyOff, replySkipNext:
		c.Reply.Out.Truncate(mark)
	}
}

// executeFollower is Execute for a replica. What it says is not answered: one that would have an answer is disconnected, for that
// would be in the middle of the stream.
func (c *Client) executeFollower(args [][]byte, a *Ahead) {
	mark, f := c.Reply.Out.Len(), c.follower.Load()
	flowed := f.flows
	c.execute(args, a)
	c.mute = replyFollower
	switch {
	case c.Reply.Out.Len() > mark:
		c.Reply.Out.Truncate(mark)
		slog.Warn("a replica is disconnected", "replica", f.name(), "reason", "it sent a command that has a reply",
			"command", string(args[0]))
		c.Killed = true
	case f.flows && !flowed:
		f.flow()
	}
}

// reject answers a request that is not carried out. It counts as such, and
// spoils a transaction that is being queued. A refused EXEC ends it.
func (c *Client) reject(s *Spec, text string) {
	c.W.Stats.PerCommand[s.index].Rejected.Add(1)
	c.spoil()
	if s == c.W.Server.Table.exec {
		c.abort(strings.TrimPrefix(text, "ERR "))
		return
	}
	c.Error(text)
}

// rejectUnknown answers a request for a command or subcommand that there is not.
//
// What looks like HTTP was sent by a browser that some web page made talk to
// this port. The connection ends without a word, before the body of the
// request, which the page chose, is taken for commands.
func (c *Client) rejectUnknown(args [][]byte) {
	if equalName(args[0], "post") || equalName(args[0], "host:") {
		c.Killed = true
		return
	}
	c.seen.command.Set(0)
	c.spoil()
	if c.W.Server.Table.Lookup(args[0]) != nil {
		c.Error(errUnknownSubcommand(args))
		return
	}
	c.Error(errUnknownCommand(args))
}

// neededBytes is how much memory a request to a command may make the keyspace
// need, growth of what is there included.
func (c *Client) neededBytes(s *Spec, args [][]byte) int {
	n := requestBytes(args)
	if s.Grows != nil {
		n += int(s.Grows(c, args))
	}
	return n
}

// storedBytes is how much memory the value of a key takes that a request names. No
// shard is locked.
func (c *Client) storedBytes(name []byte) (n int64) {
	k := c.W.Worker.Key(name)
	c.W.LockKey(k)
	if it, ok := c.W.Peek(c.DB, k); ok {
		n = c.W.Weight(k, it)
	}
	c.W.Unlock()
	return n
}

// requestBytes is how much memory a request may make the keyspace need.
func requestBytes(args [][]byte) int {
	n := 0
	for _, a := range args {
		n += len(a)
	}
	return n
}
