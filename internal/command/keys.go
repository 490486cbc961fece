package command

import "github.com/crucible-cache/crucible/internal/keyspace"

// delCommand also serves UNLINK: giving back an item's memory costs no more
// than forgetting it, so there is nothing to defer.
func delCommand(c *Client, args [][]byte) {
	deleted := 0
	for i := 1; i < len(args); i++ {
		if c.deleteKey(c.Key(args, i)) {
			deleted++
		}
	}
	c.Reply.Int(int64(deleted))
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
