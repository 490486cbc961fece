package memcached

import (
	"bytes"
	"strconv"

	"github.com/crucible-cache/crucible/internal/keyspace"
	"github.com/crucible-cache/crucible/internal/metrics"
	"github.com/crucible-cache/crucible/internal/protocol/memcache"
)

// maxDigits is the length of the largest number, 2^64-1.
const maxDigits = 20

// arithmetic is incr and decr, on unsigned 64-bit numbers: incr wraps, decr
// stops at 0. A number that becomes shorter keeps its length, filled with
// blanks, for it is changed in place.
func (c *Client) arithmetic(r *memcache.Request) {
	w := c.W
	if w.Prepare(len(r.Key)+maxDigits+itemOverhead) != nil {
		w.Stats.StoreNoMemory.Add(1)
		c.Out.Error(memcache.ErrOutOfMemory)
		return
	}
	k := w.Key(r.Key)
	w.LockKey(k)
	it, ok := w.Peek(database, k)
	hits, misses := c.arithmeticStats(r.Op)
	count(ok, hits, misses)
	if !ok {
		c.Out.Status(memcache.NotFound)
	} else if n, numeric := parseNumber(it.Value()); !numeric {
		c.Out.Error(memcache.ErrNonNumeric)
	} else {
		c.Out.Number(c.add(r, k, it, n))
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

// add stores the new number and returns it.
func (c *Client) add(r *memcache.Request, k keyspace.Key, it keyspace.Item, n uint64) uint64 {
	if r.Op == memcache.OpIncr {
		n += r.Delta
	} else {
		n -= min(n, r.Delta)
	}
	var text [maxDigits]byte
	digits := strconv.AppendUint(text[:0], n, 10)
	size := max(len(digits), it.Len())
	value := c.W.Resize(database, k, it, size, keyspace.Options{KeepTTL: true, Flags: it.Flags()})
	for i := copy(value, digits); i < size; i++ {
		value[i] = ' '
	}
	return n
}

// parseNumber reads a stored number: digits, with blanks around them.
func parseNumber(value []byte) (uint64, bool) {
	value = bytes.TrimLeft(value, " \t\n\v\f\r")
	end := 0
	n := uint64(0)
	for ; end < len(value) && '0' <= value[end] && value[end] <= '9'; end++ {
		d := uint64(value[end] - '0')
		if n > (1<<64-1-d)/10 {
			return 0, false
		}
		n = n*10 + d
	}
	if end == 0 {
		return 0, false
	}
	// What follows the digits must be a blank, or nothing.
	return n, end == len(value) || bytes.IndexByte([]byte(" \t\n\v\f\r"), value[end]) >= 0
}
