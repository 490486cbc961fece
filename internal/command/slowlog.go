package command

import (
	"slices"
	"strconv"
	"sync"
)

// Of a request, the slow log keeps the first slowArgs arguments, and of each
// the first slowBytes.
const (
	slowArgs  = 32
	slowBytes = 128
)

// slowlog holds the latest commands that took long, the newest last. It is
// bounded by slowlog-max-len. Any thread may call its methods.
type slowlog struct {
	mu      sync.Mutex
	nextID  int64
	entries []slowEntry
}

// slowEntry is one command that took long.
type slowEntry struct {
	id, unix, us int64
	args         []string
	peer, name   string
}

// add enters a command. With a length of 0 nothing changes any more, as in Redis.
func (l *slowlog) add(c *Client, s *Spec, args [][]byte, us int64) {
	most := c.W.Server.Params.slowMax.Load()
	if most == 0 {
		return
	}
	e := slowEntry{unix: c.W.NowMS / 1000, us: us, args: kept(s, args)}
	if c.Peer != nil && !c.scripting() { // what a script calls is nobody's
		e.peer, e.name = c.Peer.RemoteAddr(), text(&c.seen.name)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	e.id = l.nextID
	l.nextID++
	l.entries = append(l.entries, e)
	if over := int64(len(l.entries)) - most; over > 0 {
		l.entries = slices.Delete(l.entries, 0, int(over))
	}
}

// kept returns what is kept of a request.
func kept(s *Spec, args [][]byte) []string {
	n := min(len(args), slowArgs)
	hidden := redacted(s, args)
	words := make([]string, n)
	for i := range n {
		switch {
		case i == slowArgs-1 && len(args) > slowArgs:
			words[i] = "... (" + strconv.Itoa(len(args)-slowArgs+1) + " more arguments)"
		case hidden[i]:
			words[i] = "(redacted)"
		case len(args[i]) > slowBytes:
			words[i] = string(args[i][:slowBytes]) + "... (" + strconv.Itoa(len(args[i])-slowBytes) + " more bytes)"
		default:
			words[i] = string(args[i])
		}
	}
	return words
}

// latest returns up to n entries, the newest first; all with n below 0.
func (l *slowlog) latest(n int64) []slowEntry {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n < 0 || n > int64(len(l.entries)) {
		n = int64(len(l.entries))
	}
	newest := slices.Clone(l.entries[int64(len(l.entries))-n:])
	slices.Reverse(newest)
	return newest
}

func slowlogGetCommand(c *Client, args [][]byte) {
	n := int64(10)
	if len(args) > 3 {
		c.Error("ERR unknown subcommand or wrong number of arguments for '" + printed(args[1], quotedBytes) + "'. Try SLOWLOG HELP.")
		return
	}
	if len(args) == 3 {
		v, ok := parseInt(args[2])
		if !ok || v < -1 {
			c.Error("ERR count should be greater than or equal to -1")
			return
		}
		n = v
	}
	entries := c.W.Server.slowlog.latest(n)
	c.Reply.ArrayLen(len(entries))
	for i := range entries {
		e := &entries[i]
		c.Reply.ArrayLen(6)
		c.Reply.Int(e.id)
		c.Reply.Int(e.unix)
		c.Reply.Int(e.us)
		c.Reply.ArrayLen(len(e.args))
		for _, a := range e.args {
			c.Reply.BulkString(a)
		}
		c.Reply.BulkString(e.peer)
		c.Reply.BulkString(e.name)
	}
}

func slowlogLenCommand(c *Client, _ [][]byte) {
	l := &c.W.Server.slowlog
	l.mu.Lock()
	defer l.mu.Unlock()
	c.Reply.Int(int64(len(l.entries)))
}

func slowlogResetCommand(c *Client, _ [][]byte) {
	l := &c.W.Server.slowlog
	l.mu.Lock()
	l.entries = nil
	l.mu.Unlock()
	c.Reply.SimpleString("OK")
}
