package memcached

import (
	"github.com/crucible-cache/crucible/internal/keyspace"
	"github.com/crucible-cache/crucible/internal/protocol/memcache"
	"github.com/crucible-cache/crucible/internal/store"
)

// Ahead is what is known of a request before it is carried out.
type Ahead struct {
	key   keyspace.Key // its first, if that was looked for
	reads bool         // the request asks for the value
	room  int          // how many bytes it is to write over the value, 0 if it doesn't
	value store.Loc    // of the item that is to be read or written over, if that is known; else 0
	more  bool         // the key may be found by another step
}

// LookAhead starts to load what a request that follows shortly will read: the
// first of its keys. The result is for Approach, Gather and Execute.
func (c *Client) LookAhead(r *memcache.Request) (a Ahead) {
	if len(r.Key) > 0 {
		a.look(c.W, r.Key, r.Count > 0)
		a.room = len(r.Data)
	}
	return a
}

func (a *Ahead) look(w *Worker, key []byte, reads bool) {
	*a = Ahead{key: w.Key(key), reads: reads}
	w.PrefetchIndex(database, a.key)
}

// Approach goes on loading where LookAhead stopped, when that had time to arrive.
func (c *Client) Approach(a *Ahead) {
	if a.key.Name != nil {
		at, more := c.W.PrefetchItem(database, a.key)
		a.more = more
		if a.reads || a.room > 0 {
			a.value = at
		}
	}
}

// Gather loads the rest of what a retrieval asks for, or where a value is to be written,
// shortly before its turn.
func (c *Client) Gather(a *Ahead) {
	switch {
	case a.more:
		c.W.PrefetchBehind(database, a.key)
	case a.value == 0:
	case a.reads:
		c.W.PrefetchValue(a.value, nil, nil)
	default:
		c.W.PrefetchRoom(a.value, a.room)
	}
}

// together is how many keys of a retrieval are looked for at once, so that the
// waits for memory overlap.
const together = 16

// lookTogether takes the next keys of a retrieval, none at its end, and starts to
// load what they lead to. They hold until the next call.
func (c *Client) lookTogether(keys *memcache.Tokens) []Ahead {
	ahead := c.W.together[:0]
	for len(ahead) < together {
		key := keys.Next()
		if key == nil {
			break
		}
		ahead = ahead[:len(ahead)+1]
		ahead[len(ahead)-1].look(c.W, key, true)
	}
	for i := range ahead {
		c.Approach(&ahead[i])
	}
	return ahead
}
