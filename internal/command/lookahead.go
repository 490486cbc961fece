package command

import "github.com/crucible-cache/crucible/internal/keyspace"

// Ahead is what is known of a request before it is carried out.
type Ahead struct {
	key   keyspace.Key
	known bool // it has one key, which is key
}

// LookAhead starts to load what a request that follows shortly will read. It
// guesses: that the client will still be in the same database, that the request
// is in order. A wrong guess costs a useless load. The result is for Approach.
func (c *Client) LookAhead(args [][]byte) (a Ahead) {
	if len(args) == 0 {
		return a
	}
	s := c.W.Server.Table.resolve(args)
	if s == nil || s.oneKey == 0 || s.oneKey >= len(args) {
		return a
	}
	a.key, a.known = c.W.Worker.Key(args[s.oneKey]), true
	c.W.PrefetchIndex(c.DB, a.key)
	return a
}

// Approach goes on loading where LookAhead stopped, when that had time to arrive.
func (c *Client) Approach(a Ahead) {
	if a.known {
		c.W.PrefetchItem(c.DB, a.key)
	}
}
