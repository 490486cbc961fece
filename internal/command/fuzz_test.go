package command

import (
	"bytes"
	"strconv"
	"testing"
)

// FuzzExecute sends requests, one a line, their words apart by blanks. Whatever
// they are, each gets exactly one whole reply, unless none was asked for or it is
// about channels, and no lock stays held.
func FuzzExecute(f *testing.F) {
	for _, s := range Commands().all {
		name := bytes.ReplaceAll([]byte(s.fullname), []byte("|"), []byte(" "))
		for _, tail := range []string{
			"", " k", " k v", " k 1 2", " k v EX 10 GET", " 1 k k2", " * COUNT 5", " ID 1 SKIPME no",
			" k DB 1 REPLACE", " -1 99999999999999999999", " MULTI", " k NX XX",
		} {
			f.Add(append(append([]byte("SET k v\nMULTI\nINCR k\n"), name...), tail+"\nEXEC"...))
			f.Add(append(append([]byte("HELLO 3\n"), name...), tail...))
		}
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		c := newTestClient(t)
		c.W.Server.Shutdown = func(ShutdownRequest) error { return nil }
		talkative := false // there may be several confirmations, and messages
		for _, line := range bytes.Split(text, []byte("\n")) {
			args := bytes.Split(line, []byte(" "))
			muted := c.mute
			switch s := c.W.Server.Table.resolve(args); {
			case s == nil:
			case (s.Name == "sync" || s.Name == "psync") && !c.tx.active:
				return // what follows comes from a thread of its own, and is no reply
			case s.Flags&PubSub != 0:
				talkative = true
			}
			c.Execute(args)
			if c.W.Holding() {
				t.Fatalf("%q: a lock is held", line)
			}
			var reply []byte
			for _, b := range c.out.Vector(nil, 1<<20) {
				reply = append(reply, b...)
			}
			c.out.Discard(c.out.Len())
			if c.Closing || c.Killed || c.Blocked() {
				return
			}
			if len(reply) == 0 {
				silent := muted != replyOn || c.mute != replyOn || equalName(args[0], "shutdown")
				if !silent {
					t.Fatalf("%q: no reply", line)
				}
				continue
			}
			rest, ok := skipReply(reply)
			for ok && talkative && len(rest) > 0 {
				rest, ok = skipReply(rest)
			}
			if !ok || len(rest) > 0 {
				t.Fatalf("%q: not one reply: %q", line, reply)
			}
		}
	})
}

// skipReply returns what follows the first reply of b.
func skipReply(b []byte) (rest []byte, ok bool) {
	line, rest, ok := bytes.Cut(b, []byte("\r\n"))
	if !ok || len(line) == 0 {
		return nil, false
	}
	n, err := strconv.Atoi(string(line[1:]))
	switch line[0] {
	case '+', '-', ',', '#', '_', '(':
		return rest, true
	case ':':
		return rest, err == nil
	case '$', '=':
		if n == -1 {
			return rest, true
		}
		if err != nil || n < 0 || len(rest) < n+2 || string(rest[n:n+2]) != "\r\n" {
			return nil, false
		}
		return rest[n+2:], true
	case '%':
		n *= 2
	case '*', '~', '>':
	default:
		return nil, false
	}
	if err != nil {
		return nil, false
	}
	for ; n > 0 && ok; n-- {
		rest, ok = skipReply(rest)
	}
	return rest, ok
}
