package command

import (
	"github.com/crucible-cache/crucible/internal/keyspace"
	"github.com/crucible-cache/crucible/internal/protocol/resp"
)

// readString looks up a key that is to hold a string, and counts the use. ok is
// false if it holds something else, which has been replied.
func (c *Client) readString(k keyspace.Key) (it keyspace.Item, found, ok bool) {
	it, found = c.Get(k)
	return it, found, !found || c.isString(it)
}

// peekString is readString for commands that write: it counts nothing.
func (c *Client) peekString(k keyspace.Key) (it keyspace.Item, found, ok bool) {
	it, found = c.W.Peek(c.DB, k)
	return it, found, !found || c.isString(it)
}

func (c *Client) isString(it keyspace.Item) bool {
	if it.Type() == keyspace.TypeString {
		return true
	}
	c.Error(errWrongType)
	return false
}

// replyString looks up a string and replies with it. ok is false if the key
// holds something else.
func (c *Client) replyString(k keyspace.Key) (it keyspace.Item, found, ok bool) {
	it, found, ok = c.readString(k)
	switch {
	case !ok:
	case found:
		c.Reply.Bulk(it.Value())
	default:
		c.Reply.Null()
	}
	return it, found, ok
}

func getCommand(c *Client, args [][]byte) { c.replyString(c.Key(args, 1)) }

func mgetCommand(c *Client, args [][]byte) {
	c.Reply.ArrayLen(len(args) - 1)
	for i := 1; i < len(args); i++ {
		it, found := c.Get(c.Key(args, i))
		if found && it.Type() == keyspace.TypeString {
			c.Reply.Bulk(it.Value())
		} else {
			c.Reply.Null()
		}
	}
}

func strlenCommand(c *Client, args [][]byte) {
	it, found, ok := c.readString(c.Key(args, 1))
	switch {
	case !ok:
	case found:
		c.Reply.Int(int64(len(it.Value())))
	default:
		c.Reply.Int(0)
	}
}

func getdelCommand(c *Client, args [][]byte) {
	k := c.Key(args, 1)
	if _, found, ok := c.replyString(k); ok && found {
		c.deleteKey(k)
		c.effect("DEL", k.Name)
	}
}

func getsetCommand(c *Client, args [][]byte) {
	k := c.Key(args, 1)
	if _, _, ok := c.replyString(k); ok {
		c.W.Set(c.DB, k, args[2], keyspace.Options{})
		c.notify(keyspace.StringEvent, "set", k)
		c.effect("SET", k.Name, args[2])
	}
}

func msetCommand(c *Client, args [][]byte) {
	if len(args)%2 == 0 {
		c.Error(errArity("mset"))
		return
	}
	c.setPairs(args)
	c.Reply.Raw(resp.OK)
}

func msetnxCommand(c *Client, args [][]byte) {
	if len(args)%2 == 0 {
		c.Error(errArity("msetnx"))
		return
	}
	for i := 1; i < len(args); i += 2 {
		if _, found := c.W.Peek(c.DB, c.Key(args, i)); found {
			c.Reply.Int(0)
			return
		}
	}
	c.setPairs(args)
	c.Reply.Int(1)
}

// setPairs sets the keys at odd positions to the values behind them.
func (c *Client) setPairs(args [][]byte) {
	for i := 1; i < len(args); i += 2 {
		k := c.Key(args, i)
		c.W.Set(c.DB, k, args[i+1], keyspace.Options{})
		c.notify(keyspace.StringEvent, "set", k)
	}
}
