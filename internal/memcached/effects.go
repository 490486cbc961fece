package memcached

import (
	"strconv"

	"github.com/crucible-cache/crucible/internal/keyspace"
)

// Those who follow the server are told of writes in the words of Redis' protocol, with the shard of the key
// locked. Client flags and unique numbers have none: they stay here.

// told reports whether somebody follows the server, so that a write to k is told.
func (c *Client) told(k keyspace.Key) bool { return c.W.Server.Tell != nil && c.W.Followed(k) }

// tell tells of what was done to k.
func (c *Client) tell(name string, k keyspace.Key, args ...[]byte) {
	c.W.Server.Tell(database, name, append([][]byte{k.Name}, args...)...)
}

// tellStored tells that k holds data from now on, until at.
func (c *Client) tellStored(k keyspace.Key, data []byte, at int64) {
	switch {
	case !c.told(k):
	case at == 0:
		c.tell("SET", k, data)
	default:
		c.tell("SET", k, data, []byte("PXAT"), strconv.AppendInt(nil, at, 10))
	}
}

// tellEdited tells what k holds now, for longer or shorter than before.
func (c *Client) tellEdited(k keyspace.Key, value []byte) {
	if c.told(k) {
		c.tell("SET", k, value, []byte("KEEPTTL"))
	}
}

// drop removes k, whose shard is locked, and reports whether it was there.
func (c *Client) drop(k keyspace.Key) (there bool) {
	there = c.W.Delete(database, k)
	if there && c.told(k) {
		c.tell("DEL", k)
	}
	return there
}

// tellTimed tells that k expires at another time, 0 for never.
func (c *Client) tellTimed(k keyspace.Key, at int64) {
	switch {
	case !c.told(k):
	case at == 0:
		c.tell("PERSIST", k)
	default:
		c.tell("PEXPIREAT", k, strconv.AppendInt(nil, at, 10))
	}
}
