package command

import (
	"bytes"

	"github.com/crucible-cache/crucible/internal/keyspace"
	"github.com/crucible-cache/crucible/internal/protocol/resp"
)

func renameCommand(c *Client, args [][]byte) {
	if c.rename(args, true) != renameNoKey {
		c.Reply.Raw(resp.OK)
	}
}

func renamenxCommand(c *Client, args [][]byte) {
	switch c.rename(args, false) {
	case renameDone:
		c.Reply.Int(1)
	case renameBlocked:
		c.Reply.Int(0)
	}
}

// renamed is how a rename ended.
type renamed uint8

const (
	renameDone    renamed = iota
	renameBlocked         // the new name is taken, by the key itself perhaps
	renameNoKey           // there is no such key, which has been replied
)

func (c *Client) rename(args [][]byte, replace bool) renamed {
	from, to := c.Key(args, 1), c.Key(args, 2)
	it, found := c.W.Peek(c.DB, from)
	if !found {
		c.Error(errNoKey)
		return renameNoKey
	}
	if bytes.Equal(args[1], args[2]) {
		return renameBlocked
	}
	if !replace {
		if _, taken := c.W.Peek(c.DB, to); taken {
			return renameBlocked
		}
	}
	c.W.Rename(c.DB, from, it, c.DB, to)
	c.notify(keyspace.GenericEvent, "rename_from", from)
	c.notify(keyspace.GenericEvent, "rename_to", to)
	return renameDone
}

func copyCommand(c *Client, args [][]byte) {
	db, replace, ok := c.parseCopy(args[3:])
	if !ok {
		return
	}
	if db == c.DB && bytes.Equal(args[1], args[2]) {
		c.Error(errSameObject)
		return
	}
	from, to := c.Key(args, 1), c.Key(args, 2)
	it, found := c.Get(from)
	if !found || !replace && c.exists(db, to) {
		c.Reply.Int(0)
		return
	}
	if it.Type() == keyspace.TypeVectorSet {
		c.Error(errModuleCopy)
		return
	}
	c.W.Copy(from, it, db, to)
	c.W.Event(keyspace.GenericEvent, "copy_to", db, to)
	c.Reply.Int(1)
}

func (c *Client) parseCopy(options [][]byte) (db int, replace, ok bool) {
	db = c.DB
	for i := 0; i < len(options); i++ {
		switch {
		case equalName(options[i], "replace"):
			replace = true
		case equalName(options[i], "db") && i+1 < len(options):
			i++
			if db, ok = c.parseDB(options[i]); !ok {
				return 0, false, false
			}
		default:
			c.Error(errSyntax)
			return 0, false, false
		}
	}
	return db, replace, true
}

// parseDB reads the number of a database, and replies with an error if there is
// none of that number.
func (c *Client) parseDB(b []byte) (db int, ok bool) {
	n, isInt, inRange := parseInt32(b)
	switch {
	case !isInt:
		c.Error(errNotInteger)
	case !inRange:
		c.Error(errInt32Range)
	case n < 0 || int(n) >= c.W.Server.Keyspace.Databases():
		c.Error(errDBIndex)
	default:
		return int(n), true
	}
	return 0, false
}

func (c *Client) exists(db int, k keyspace.Key) bool {
	_, found := c.W.Peek(db, k)
	return found
}

func moveCommand(c *Client, args [][]byte) {
	if c.W.Server.cluster != nil {
		c.Error(errClusterMove)
		return
	}
	db, ok := c.parseDB(args[2])
	if !ok {
		return
	}
	if db == c.DB {
		c.Error(errSameObject)
		return
	}
	k := c.Key(args, 1)
	it, found := c.W.Peek(c.DB, k)
	if !found || c.exists(db, k) {
		c.Reply.Int(0)
		return
	}
	c.W.Rename(c.DB, k, it, db, k)
	c.notify(keyspace.GenericEvent, "move_from", k)
	c.W.Event(keyspace.GenericEvent, "move_to", db, k)
	c.Reply.Int(1)
}
