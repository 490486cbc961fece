package command

import (
	"github.com/crucible-cache/crucible/internal/keyspace"
	"github.com/crucible-cache/crucible/internal/object"
)

func bzpopminCommand(c *Client, args [][]byte) { c.waitZpop(args, tryZpopMin) }
func bzpopmaxCommand(c *Client, args [][]byte) { c.waitZpop(args, tryZpopMax) }

func (c *Client) waitZpop(args [][]byte, try attempt) {
	deadline, ok := c.parseTimeout(args[len(args)-1])
	if !ok {
		return
	}
	c.wait(args, blocking{
		deadline: deadline, first: 1, last: len(args) - 2, wants: keyspace.TypeZSet, try: try,
	}, replyNullArray)
}

func tryZpopMin(c *Client, args [][]byte, at int) bool { return c.tryZpop(args, at, false) }
func tryZpopMax(c *Client, args [][]byte, at int) bool { return c.tryZpop(args, at, true) }

// tryZpop replies with a key and an element from one end of its set, if there is
// one, or with an error if the key holds something else.
func (c *Client) tryZpop(args [][]byte, at int, fromEnd bool) bool {
	var z zset
	ok := z.open(c, c.Key(args, at))
	if !ok || !z.exists {
		return !ok
	}
	c.Reply.ArrayLen(3)
	c.Reply.Bulk(args[at])
	z.pop(1, fromEnd, func(member object.Elem, score float64) {
		c.replyElem(member)
		c.Reply.Double(score)
	})
	z.close(zpopEvent(fromEnd))
	c.effect(zpopName(fromEnd), args[at])
	return true
}

func bzmpopCommand(c *Client, args [][]byte) {
	p, ok := c.parseZpopMany(args, 2)
	if !ok {
		return
	}
	deadline, ok := c.parseTimeout(args[1])
	if !ok {
		return
	}
	c.wait(args, blocking{
		deadline: deadline, first: p.first, last: p.first + p.keys - 1, wants: keyspace.TypeZSet, try: tryZmpop,
	}, replyNullArray)
}

func tryZmpop(c *Client, args [][]byte, at int) bool {
	p, _ := c.parseZpopMany(args, 2)
	var z zset
	ok := z.open(c, c.Key(args, at))
	if !ok || !z.exists {
		return !ok
	}
	c.replyPopped(&z, args[at], int(p.count), p.fromEnd)
	return true
}
