package memcached

import (
	"github.com/crucible-cache/crucible/internal/keyspace"
	"github.com/crucible-cache/crucible/internal/protocol/memcache"
	"github.com/crucible-cache/crucible/internal/store"
)

// Ahead is what is known of a request before it is carried out.
type Ahead struct {
	key   keyspace.Key
	known bool
	reads bool      // the request asks for the value
	value store.Loc // of the item that is to be read, if that is known; else 0
}

// LookAhead starts to load what a request that follows shortly will read: the
// first of its keys. The result is for Approach and Gather.
func (c *Client) LookAhead(r *memcache.Request) (a Ahead) {
	if len(r.Key) > 0 {
		a.key, a.known, a.reads = c.W.Key(r.Key), true, r.Count > 0
		c.W.PrefetchIndex(database, a.key)
	}
	return a
}

// Approach goes on loading where LookAhead stopped, when that had time to arrive.
func (c *Client) Approach(a *Ahead) {
	if a.known {
		at := c.W.PrefetchItem(database, a.key)
		if a.reads {
			a.value = at
		}
	}
}

// Gather loads the rest of what a retrieval asks for, shortly before its turn.
func (c *Client) Gather(a *Ahead) {
	if a.value != 0 {
		c.W.PrefetchValue(a.value)
	}
}
