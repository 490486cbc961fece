package command

import (
	"slices"

	"github.com/crucible-cache/crucible/internal/keyspace"
	"github.com/crucible-cache/crucible/internal/protocol/resp"
)

func setCommand(c *Client, args [][]byte) {
	var o setOptions
	if len(args) > 3 && !o.parse(c, args[3:], setOnly) {
		return
	}
	c.set(args, args[2], &o)
}

func setnxCommand(c *Client, args [][]byte) {
	k := c.Key(args, 1)
	if _, found := c.W.Peek(c.DB, k); found {
		c.Reply.Int(0)
		return
	}
	c.W.Set(c.DB, k, args[2], keyspace.Options{})
	c.notify(keyspace.StringEvent, "set", k)
	c.Reply.Int(1)
}

func setexCommand(c *Client, args [][]byte) {
	c.set(args, args[3], &setOptions{unit: expireEX, number: args[2]})
}

func psetexCommand(c *Client, args [][]byte) {
	c.set(args, args[3], &setOptions{unit: expirePX, number: args[2]})
}

// set carries out SET and its relatives. An expiry is checked before anything
// else; a key whose has passed already is there until somebody looks.
func (c *Client) set(args [][]byte, value []byte, o *setOptions) {
	k := c.Key(args, 1)
	var at int64
	if o.unit != expireNone {
		var ok bool
		if at, ok = c.expireTime(args[0], o); !ok {
			return
		}
	}
	if o.get {
		_, found, ok := c.replyString(k)
		if !ok || o.forbids(found) {
			return
		}
	} else if o.exist != existAny {
		if _, found := c.W.Peek(c.DB, k); o.forbids(found) {
			c.Reply.Null()
			return
		}
	}
	c.W.Set(c.DB, k, value, keyspace.Options{ExpireAt: at, KeepTTL: o.keepTTL})
	c.notify(keyspace.StringEvent, "set", k)
	if o.unit != expireNone {
		c.notify(keyspace.GenericEvent, "expire", k)
	}
	if (o.unit != expireNone || o.get) && c.telling() {
		c.tellSet(args, value, o, at)
	}
	if !o.get {
		c.Reply.Raw(resp.OK)
	}
}

func getexCommand(c *Client, args [][]byte) {
	var o setOptions
	if !o.parse(c, args[2:], getexOnly) {
		return
	}
	k := c.Key(args, 1)
	it, found, ok := c.readString(k)
	if !ok {
		return
	}
	if !found {
		c.Reply.Null()
		return
	}
	var at int64
	if o.unit != expireNone {
		if at, ok = c.expireTime(args[0], &o); !ok {
			return
		}
	}
	c.Reply.Bulk(it.Value())
	switch {
	case o.unit != expireNone && at <= c.W.NowMS:
		c.deleteKey(k)
		c.effectDeleted(k, "lazyfree-lazy-expire")
	case o.unit != expireNone:
		c.W.SetExpire(c.DB, k, it, at)
		c.notify(keyspace.GenericEvent, "expire", k)
		c.effect("PEXPIREAT", k.Name, new(intText).format(at))
	case o.persist && it.ExpireAt() != 0:
		c.W.SetExpire(c.DB, k, it, 0)
		c.notify(keyspace.GenericEvent, "persist", k)
		c.effect("PERSIST", k.Name)
	}
}

// tellSet tells of a SET or one of its relatives: one with an expiry becomes one with the time that it comes
// to, and GET, which is nobody else's, is left out.
func (c *Client) tellSet(args [][]byte, value []byte, o *setOptions, at int64) {
	switch {
	case o.unit == expirePXAT && !o.get:
	case o.unit != expireNone:
		c.effect("SET", args[1], value, []byte("PXAT"), new(intText).format(at))
	case o.get:
		rest := slices.Clone(args[1:])
		kept := slices.DeleteFunc(rest[2:], func(word []byte) bool { return equalName(word, "get") })
		c.effect(string(args[0]), rest[:2+len(kept)]...)
	}
}
