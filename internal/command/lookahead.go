package command

import (
	"github.com/crucible-cache/crucible/internal/keyspace"
	"github.com/crucible-cache/crucible/internal/object"
	"github.com/crucible-cache/crucible/internal/store"
)

// Ahead is what is known of a request before it is carried out. The zero value
// says that nothing is.
type Ahead struct {
	spec  *Spec        // nil if it is yet to be looked up
	key   keyspace.Key // with known
	known bool         // the request has one key, which is key
	again bool         // the one before has the same key: of what it loads only the element is to be loaded yet
	value store.Loc    // of the item that is to be read or written over, if that is known; else 0
	more  bool         // the key may be found by another step
	room  int          // how many bytes are to be written over it, with Spec.Stores

	element []byte        // that the request names, with Spec.element
	search  object.Search // for it
}

// Forget makes a that of another request.
func (a *Ahead) Forget() {
	a.spec, a.known, a.again, a.more, a.value, a.room, a.element = nil, false, false, false, 0, 0, nil
	a.search = object.Search{}
}

// LookAhead starts to load what a request that follows shortly will read. It
// guesses: that the client will still be in the same database, that the request
// is in order. A wrong guess costs a useless load. What it learns it notes in a,
// for Approach and ExecuteAhead.
func (c *Client) LookAhead(args [][]byte, a *Ahead) {
	a.Forget()
	if len(args) == 0 {
		return
	}
	s := c.W.Server.Table.resolve(args)
	a.spec = s
	if s == nil || s.oneKey == 0 || s.oneKey >= len(args) {
		return
	}
	a.key, a.known = c.W.Worker.Key(args[s.oneKey]), true
	if s.Stores > 0 && s.Stores < len(args) {
		a.room = len(args[s.Stores])
	}
	if s.element > 0 && s.element < len(args) {
		a.element = args[s.element]
	}
	seen := &c.W.ahead
	if a.key.Hash() == seen.hash {
		a.again = true
		return
	}
	seen.hash, seen.item = a.key.Hash(), 0
	c.W.PrefetchIndex(c.DB, a.key)
}

// Approach goes on loading where LookAhead stopped, when that had time to arrive.
func (c *Client) Approach(a *Ahead) {
	seen := &c.W.ahead
	switch {
	case !a.known:
	case !a.again:
		at, more := c.W.PrefetchItem(c.DB, a.key)
		a.more = more
		if a.spec.looks || a.spec.Stores > 0 {
			a.value = at
		}
		if seen.hash == a.key.Hash() {
			seen.item = at
		}
	case a.element != nil:
		a.value = seen.item
	}
}

// Gather loads the rest of what a read asks for, or where a write will write, two
// requests before its turn.
func (c *Client) Gather(a *Ahead) {
	switch {
	case a.more:
		c.W.PrefetchBehind(c.DB, a.key)
	case a.value == 0:
	case a.spec.looks:
		c.W.PrefetchValue(a.value, a.element, &a.search)
	default:
		c.W.PrefetchRoom(a.value, a.room)
	}
}

// Reach loads what Gather had to find first, the request before its turn.
func (c *Client) Reach(a *Ahead) {
	if a.element != nil {
		c.W.PrefetchEntry(&a.search)
	}
}
