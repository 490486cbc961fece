package memcached

import (
	"strconv"

	"github.com/crucible-cache/crucible/internal/keyspace"
	"github.com/crucible-cache/crucible/internal/metrics"
	"github.com/crucible-cache/crucible/internal/protocol/memcache"
)

// maxDigits is the length of the largest number, 2^64-1.
const maxDigits = 20

// arithmetic is incr and decr, on unsigned 64-bit numbers: incr wraps, decr
// stops at 0. A number that becomes shorter keeps its length, filled with
// blanks, for it is changed in place; only one that grows needs memory.
func (c *Client) arithmetic(r *memcache.Request, k keyspace.Key) {
	w := c.W
	full := w.Prepare(len(r.Key)+maxDigits+itemOverhead) != nil
	w.LockKey(k)
	it, ok := w.Peek(database, k)
	ok = ok && readable(it)
	hits, misses := c.arithmeticStats(r.Op)
	count(ok, hits, misses)
	if !ok {
		c.Out.Status(memcache.NotFound)
	} else if n, numeric := memcache.ParseCounter(it.Value()); !numeric {
		c.Out.Error(memcache.ErrNonNumeric)
	} else {
		c.add(r, k, it, n, full)
	}
	w.Unlock()
	w.Settle()
}

func (c *Client) arithmeticStats(op memcache.Op) (hits, misses *metrics.Counter) {
	if op == memcache.OpIncr {
		return &c.W.Stats.IncrHits, &c.W.Stats.IncrMisses
	}
	return &c.W.Stats.DecrHits, &c.W.Stats.DecrMisses
}

// add stores the new number and replies with it, unless memory is full and it
// needs more.
func (c *Client) add(r *memcache.Request, k keyspace.Key, it keyspace.Item, n uint64, full bool) {
	if r.Op == memcache.OpIncr {
		n += r.Delta
	} else {
		n -= min(n, r.Delta)
	}
	var text [maxDigits]byte
	digits := strconv.AppendUint(text[:0], n, 10)
	size := max(len(digits), it.Len())
	if size > it.Len() {
		if full {
			c.W.Stats.StoreNoMemory.Add(1)
			c.Out.Error(memcache.ErrOutOfMemory)
			return
		}
		c.W.Stats.TotalItems.Add(1)
	}
	value := c.W.Resize(database, k, it, size, keyspace.Options{KeepTTL: true, Flags: it.Flags()})
	for i := copy(value, digits); i < size; i++ {
		value[i] = ' '
	}
	c.tellEdited(k, value)
	c.Out.Number(n)
}
