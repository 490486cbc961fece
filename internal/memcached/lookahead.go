package memcached

import (
	"github.com/crucible-cache/crucible/internal/keyspace"
	"github.com/crucible-cache/crucible/internal/protocol/memcache"
)

// Ahead is what is known of a request before it is carried out.
type Ahead struct {
	key   keyspace.Key
	known bool
}

// LookAhead starts to load what a request that follows shortly will read: the
// first of its keys. The result is for Approach.
func (c *Client) LookAhead(r *memcache.Request) (a Ahead) {
	if len(r.Key) > 0 {
		a.key, a.known = c.W.Key(r.Key), true
		c.W.PrefetchIndex(database, a.key)
	}
	return a
}

// Approach goes on loading where LookAhead stopped, when that had time to arrive.
func (c *Client) Approach(a Ahead) {
	if a.known {
		c.W.PrefetchItem(database, a.key)
	}
}
