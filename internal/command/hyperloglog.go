package command

import (
	"github.com/crucible-cache/crucible/internal/hyperloglog"
	"github.com/crucible-cache/crucible/internal/keyspace"
	"github.com/crucible-cache/crucible/internal/protocol/resp"
)

// sketch is a copy of the HyperLogLog value of a key, to be changed and stored. It
// lies in memory of the worker, so there is one at a time.
type sketch struct {
	key   keyspace.Key
	item  keyspace.Item
	found bool
	value []byte
}

// isSketch replies with an error if an item holds something else.
func (c *Client) isSketch(it keyspace.Item) bool {
	if !c.isString(it) {
		return false
	}
	if !hyperloglog.Is(it.Value()) {
		c.Error(errNotSketch)
		return false
	}
	return true
}

// readSketch looks up a key that is to hold a HyperLogLog, and counts the use.
// ok is false if it holds something else, which has been replied.
func (c *Client) readSketch(k keyspace.Key) (it keyspace.Item, found, ok bool) {
	it, found = c.Get(k)
	return it, found, !found || c.isSketch(it)
}

// peekSketch is readSketch for commands that write: it counts nothing.
func (c *Client) peekSketch(k keyspace.Key) (it keyspace.Item, found, ok bool) {
	it, found = c.W.Peek(c.DB, k)
	return it, found, !found || c.isSketch(it)
}

// copySketch copies the value of a key, an absent one being empty.
func (c *Client) copySketch(k keyspace.Key, it keyspace.Item, found bool) sketch {
	s := sketch{key: k, item: it, found: found}
	if found {
		s.value = append(c.W.scratch[:0], it.Value()...)
	} else {
		s.value = hyperloglog.AppendEmpty(c.W.scratch[:0])
	}
	return s
}

// storeSketch makes the copy the value of its key.
func (c *Client) storeSketch(s *sketch) {
	if cap(s.value) <= scratchKept {
		c.W.scratch = s.value[:0]
	}
	if !s.found {
		c.W.Set(c.DB, s.key, s.value, keyspace.Options{Encoding: keyspace.EncodingRaw})
		return
	}
	copy(c.W.Resize(c.DB, s.key, s.item, len(s.value), edited(s.item)), s.value)
}

// replyChanged replies with 1 if a value was changed.
func (c *Client) replyChanged(changed bool) {
	if changed {
		c.Reply.Int(1)
	} else {
		c.Reply.Int(0)
	}
}

func pfaddCommand(c *Client, args [][]byte) {
	k, elements := c.Key(args, 1), args[2:]
	it, found, ok := c.peekSketch(k)
	if !ok {
		return
	}
	var changed bool
	if found && hyperloglog.Dense(it.Value()) {
		changed = c.addDense(k, it, elements)
	} else if changed, ok = c.addSparse(c.copySketch(k, it, found), elements); !ok {
		c.Error(errCorruptSketch)
		return
	}
	if changed {
		c.notify(keyspace.StringEvent, "pfadd", k)
	}
	c.replyChanged(changed)
}

// addDense adds elements to a dense value where it lies, and reports whether
// that changed it.
func (c *Client) addDense(k keyspace.Key, it keyspace.Item, elements [][]byte) bool {
	value := it.Value()
	for i, element := range elements {
		if !hyperloglog.Raises(value, element) {
			continue
		}
		value = c.W.Resize(c.DB, k, it, len(value), edited(it))
		for _, element := range elements[i:] {
			_, _, _ = hyperloglog.Add(value, element, 0) // a dense value stays where it is and can't be corrupt
		}
		return true
	}
	return false
}

// addSparse adds elements to a value that is sparse or new, and reports whether
// that changed it. ok is false if the value turns out to be corrupt; what was
// added before stays.
func (c *Client) addSparse(s sketch, elements [][]byte) (changed, ok bool) {
	changed, ok = !s.found, true
	sparseMax := c.W.Server.Params.hllSparseBytes()
	for _, element := range elements {
		value, raised, err := hyperloglog.Add(s.value, element, sparseMax)
		s.value, changed = value, changed || raised
		if err != nil {
			ok = false
			break
		}
	}
	if changed {
		hyperloglog.Invalidate(s.value)
		c.storeSketch(&s)
	}
	return changed, ok
}

func pfcountCommand(c *Client, args [][]byte) {
	if len(args) > 2 {
		if u, _, ok := c.uniteSketches(args, 1); ok {
			c.Reply.Int(int64(u.Count()))
		}
		return
	}
	k := c.Key(args, 1)
	it, found, ok := c.readSketch(k)
	switch {
	case !ok:
	case found:
		c.replyEstimate(k, it)
	default:
		c.Reply.Int(0)
	}
}

// replyEstimate replies with the estimate of a value, which keeps it for the
// next time.
func (c *Client) replyEstimate(k keyspace.Key, it keyspace.Item) {
	value := it.Value()
	if n, ok := hyperloglog.Cached(value); ok {
		c.Reply.Int(int64(n))
		return
	}
	n, err := hyperloglog.Count(value)
	if err != nil {
		c.Error(errCorruptSketch)
		return
	}
	hyperloglog.SetCached(c.W.Resize(c.DB, k, it, len(value), edited(it)), n)
	c.Reply.Int(int64(n))
}

// uniteSketches puts the values of the keys from argument i on together. dense tells
// whether one of them is. ok is false if a key holds something else, which has
// been replied.
func (c *Client) uniteSketches(args [][]byte, i int) (u hyperloglog.Union, dense, ok bool) {
	for ; i < len(args); i++ {
		it, found, ok := c.readSketch(c.Key(args, i))
		if !ok {
			return u, false, false
		}
		if !found {
			continue
		}
		dense = dense || hyperloglog.Dense(it.Value())
		if u.Merge(it.Value()) != nil {
			c.Error(errCorruptSketch)
			return u, false, false
		}
	}
	return u, dense, true
}

// pfmergeCommand counts its destination among the sources. One dense source
// makes the destination dense.
func pfmergeCommand(c *Client, args [][]byte) {
	u, dense, ok := c.uniteSketches(args, 1)
	if !ok {
		return
	}
	k := c.Key(args, 1)
	it, found := c.W.Peek(c.DB, k)
	s := c.copySketch(k, it, found)
	var err error
	if dense {
		s.value, err = hyperloglog.ToDense(s.value)
	}
	if err == nil {
		s.value, err = u.Raise(s.value, c.W.Server.Params.hllSparseBytes())
	}
	if err != nil {
		c.Error(errCorruptSketch)
		return
	}
	c.storeSketch(&s)
	c.notify(keyspace.StringEvent, "pfadd", k)
	c.Reply.Raw(resp.OK)
}
