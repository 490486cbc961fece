package command

import "github.com/crucible-cache/crucible/internal/keyspace"

func blpopCommand(c *Client, args [][]byte) { c.waitPop(args, tryPopFront) }
func brpopCommand(c *Client, args [][]byte) { c.waitPop(args, tryPopBack) }

func (c *Client) waitPop(args [][]byte, try attempt) {
	deadline, ok := c.parseTimeout(args[len(args)-1])
	if !ok {
		return
	}
	c.wait(args, blocking{
		deadline: deadline, first: 1, last: len(args) - 2, wants: keyspace.TypeList, try: try,
	}, replyNullArray)
}

func replyNullArray(c *Client) { c.Reply.NullArray() }
func replyNull(c *Client)      { c.Reply.Null() }

func tryPopFront(c *Client, args [][]byte, at int) bool { return c.tryPop(args, at, true) }
func tryPopBack(c *Client, args [][]byte, at int) bool  { return c.tryPop(args, at, false) }

// tryPop replies with a key and an element of its list, if there is one, or
// with an error if the key holds something else.
func (c *Client) tryPop(args [][]byte, at int, front bool) bool {
	var l listView
	found, ok := l.edit(c, c.Key(args, at))
	if !ok || !found {
		return !ok
	}
	c.Reply.ArrayLen(2)
	c.Reply.Bulk(args[at])
	l.take(front, 1)
	l.notifyPop(front)
	l.removed()
	c.effect(popName(front), args[at])
	return true
}

func blmoveCommand(c *Client, args [][]byte) {
	_, ok1 := parseSide(args[3])
	_, ok2 := parseSide(args[4])
	if !ok1 || !ok2 {
		c.Error(errSyntax)
		return
	}
	c.waitMove(args, args[5], tryMove)
}

func brpoplpushCommand(c *Client, args [][]byte) { c.waitMove(args, args[3], tryRotate) }

func (c *Client) waitMove(args [][]byte, timeout []byte, try attempt) {
	if deadline, ok := c.parseTimeout(timeout); ok {
		c.wait(args, blocking{
			deadline: deadline, first: 1, last: 1, needs: 2, wants: keyspace.TypeList, try: try,
		}, replyNull)
	}
}

func tryMove(c *Client, args [][]byte, _ int) bool {
	from, _ := parseSide(args[3])
	to, _ := parseSide(args[4])
	moved, done := c.tryMove(args, from, to)
	if moved {
		c.effect("LMOVE", args[1:5]...)
	}
	return done
}

func tryRotate(c *Client, args [][]byte, _ int) bool {
	moved, done := c.tryMove(args, false, true)
	if moved {
		c.effect("RPOPLPUSH", args[1:3]...)
	}
	return done
}

func blmpopCommand(c *Client, args [][]byte) {
	o, ok := c.parseMpop(args, 2)
	if !ok {
		return
	}
	if deadline, ok := c.parseTimeout(args[1]); ok {
		c.wait(args, blocking{
			deadline: deadline, first: o.first, last: o.first + o.keys - 1, wants: keyspace.TypeList, try: tryMpop,
		}, replyNullArray)
	}
}

func tryMpop(c *Client, args [][]byte, at int) bool {
	o, _ := c.parseMpop(args, 2)
	o.first, o.keys = at, 1
	return c.popFirst(args, o)
}
