package command

import (
	"github.com/crucible-cache/crucible/internal/keyspace"
	"github.com/crucible-cache/crucible/internal/object"
)

func delCommand(c *Client, args [][]byte) {
	c.deleteKeys(args, c.W.Server.Params.lazyDel.get() == "yes")
}

// unlinkCommand is DEL: giving back an item's memory costs no more than forgetting
// it, and that of what is large goes in pieces, so there is nothing more to defer.
func unlinkCommand(c *Client, args [][]byte) { c.deleteKeys(args, true) }

// deleteKeys deletes the keys of a request. With later, those count as freed in the
// background that the reference server would free there.
func (c *Client) deleteKeys(args [][]byte, later bool) {
	deleted := 0
	for i := 1; i < len(args); i++ {
		k := c.Key(args, i)
		laborious := later && c.laborious(k)
		if c.deleteKey(k) {
			deleted++
			if laborious {
				c.W.Stats.FreedLater.Add(1)
			}
		}
	}
	c.Reply.Int(int64(deleted))
}

// freedAtOnce is of how many parts a value may consist that the reference server
// frees at once though it was asked to do so later.
const freedAtOnce = 64

// laborious reports whether a value has more parts than that: elements, or the
// packed pieces of a list or a stream.
func (c *Client) laborious(k keyspace.Key) bool {
	it, found := c.W.Peek(c.DB, k)
	if !found || it.Type() == keyspace.TypeString || it.Encoding() != keyspace.EncodingObject {
		return false
	}
	switch o := c.W.Object(k, it).(type) {
	case *object.List:
		return o.Nodes() > freedAtOnce
	case *object.Stream:
		return o.Nodes() > freedAtOnce || o.RadixNodes()+groupParts(o.Groups()) > freedAtOnce
	default:
		return o.Len() > freedAtOnce
	}
}

// groupParts estimates as the reference server does: all groups are as the first.
func groupParts(groups []*object.StreamGroup) int {
	if len(groups) == 0 {
		return 0
	}
	return len(groups) * (1 + groups[0].Pending())
}

func existsCommand(c *Client, args [][]byte) {
	found := 0
	for i := 1; i < len(args); i++ {
		if _, ok := c.getUntouched(c.Key(args, i)); ok {
			found++
		}
	}
	c.Reply.Int(int64(found))
}

// touchCommand marks a use even for a client that asked for none to be marked:
// that is what the command is for.
func touchCommand(c *Client, args [][]byte) {
	found := 0
	for i := 1; i < len(args); i++ {
		if _, ok := c.W.Get(c.DB, c.Key(args, i)); ok {
			found++
		}
	}
	c.Reply.Int(int64(found))
}

func typeCommand(c *Client, args [][]byte) {
	it, found := c.getUntouched(c.Key(args, 1))
	if !found {
		c.Reply.SimpleString("none")
		return
	}
	c.Reply.SimpleString(typeName(it.Type()))
}

// typeName is what TYPE and the TYPE option of SCAN call a type.
func typeName(t keyspace.Type) string {
	switch t {
	case keyspace.TypeString:
		return "string"
	case keyspace.TypeList:
		return "list"
	case keyspace.TypeSet:
		return "set"
	case keyspace.TypeZSet:
		return "zset"
	case keyspace.TypeHash:
		return "hash"
	case keyspace.TypeStream:
		return "stream"
	case keyspace.TypeVectorSet:
		return "vectorset"
	}
	return "unknown"
}

func randomkeyCommand(c *Client, _ [][]byte) {
	if name, ok := c.W.Random(c.DB); ok {
		c.Reply.Bulk(name)
		return
	}
	c.Reply.Null()
}
