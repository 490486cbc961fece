package command

import (
	"bytes"
	"math"

	"github.com/crucible-cache/crucible/internal/keyspace"

	"github.com/crucible-cache/crucible/internal/object"
)

// sought is a value that elements are compared with.
type sought struct {
	text  []byte
	n     int64
	isInt bool
}

func asElem(v []byte) sought {
	n, isInt := parseInt(v)
	return sought{v, n, isInt}
}

func (s *sought) equals(e object.Elem) bool {
	if e.Str == nil {
		return s.isInt && s.n == e.Int
	}
	return bytes.Equal(s.text, e.Str)
}

func llenCommand(c *Client, args [][]byte) {
	var l listView
	found, ok := l.read(c, c.Key(args, 1))
	switch {
	case !ok:
	case found:
		c.Reply.Int(int64(l.len()))
	default:
		c.Reply.Int(0)
	}
}

func lindexCommand(c *Client, args [][]byte) {
	var l listView
	found, ok := l.read(c, c.Key(args, 1))
	if !ok {
		return
	}
	if !found {
		c.Reply.Null()
		return
	}
	i, ok := c.parseIndex(args[2])
	if !ok {
		return
	}
	if x := l.seek(i); x.valid() {
		c.replyElem(x.elem())
	} else {
		c.Reply.Null()
	}
}

func lrangeCommand(c *Client, args [][]byte) {
	start, ok := c.parseIndex(args[2])
	if !ok {
		return
	}
	end, ok := c.parseIndex(args[3])
	if !ok {
		return
	}
	var l listView
	found, ok := l.read(c, c.Key(args, 1))
	if !ok {
		return
	}
	if !found {
		c.Reply.ArrayLen(0)
		return
	}
	first, count := bounds(start, end, l.len())
	c.Reply.ArrayLen(count)
	if count == 0 {
		return
	}
	l.replyElems(first, count)
}

func ltrimCommand(c *Client, args [][]byte) {
	start, ok := c.parseIndex(args[2])
	if !ok {
		return
	}
	end, ok := c.parseIndex(args[3])
	if !ok {
		return
	}
	var l listView
	found, ok := l.edit(c, c.Key(args, 1))
	if !ok {
		return
	}
	if found {
		n := l.len()
		first, count := bounds(start, end, n)
		c.notify(keyspace.ListEvent, "ltrim", l.k)
		if count == 0 {
			c.deleteKey(l.k)
		} else {
			l.drop(false, n-first-count)
			l.drop(true, first)
			l.removed()
			c.hasEffect(count < n)
		}
	}
	c.Reply.SimpleString("OK")
}

func lremCommand(c *Client, args [][]byte) {
	count, ok := c.parseSignedCount(args[2])
	if !ok {
		return
	}
	var l listView
	found, ok := l.edit(c, c.Key(args, 1))
	if !ok {
		return
	}
	if !found {
		c.Reply.Int(0)
		return
	}
	backwards, start, limit := false, 0, math.MaxInt
	switch {
	case count < 0:
		backwards, start, limit = true, -1, -count
	case count > 0:
		limit = count
	}
	v, removed := asElem(args[3]), 0
	for x := l.seek(start); x.valid() && removed != limit; {
		if v.equals(x.elem()) {
			x.delete(backwards)
			removed++
		} else {
			x.next(backwards)
		}
	}
	if removed > 0 {
		c.notify(keyspace.ListEvent, "lrem", l.k)
		l.removed()
	}
	c.Reply.Int(int64(removed))
}

// lposOptions are the options of LPOS.
type lposOptions struct {
	rank   int64 // which match is the first to be told, negative from the end
	count  int64 // how many are told, 0 = all; -1 = not given
	maxlen int64 // how many elements are looked at, 0 = all
}

func lposCommand(c *Client, args [][]byte) {
	o, ok := c.parseLpos(args[3:])
	if !ok {
		return
	}
	var l listView
	found, ok := l.read(c, c.Key(args, 1))
	if !ok {
		return
	}
	w := c.W
	w.positions = w.positions[:0]
	if found {
		w.positions = l.positions(asElem(args[2]), o, w.positions)
	}
	switch {
	case o.count >= 0:
		c.Reply.ArrayLen(len(w.positions))
		for _, at := range w.positions {
			c.Reply.Int(at)
		}
	case len(w.positions) > 0:
		c.Reply.Int(w.positions[0])
	default:
		c.Reply.Null()
	}
	if cap(w.positions) > scratchKept/8 {
		w.positions = nil
	}
}

// positions appends the positions of the elements asked for.
func (l *listView) positions(v sought, o lposOptions, found []int64) []int64 {
	backwards, start, skip := o.rank < 0, 0, o.rank-1
	at, step := int64(0), int64(1)
	if backwards {
		start, skip = -1, -o.rank-1
		at, step = int64(l.len()-1), -1
	}
	looked := int64(0)
	for x := l.seek(start); x.valid() && (o.maxlen == 0 || looked < o.maxlen); x.next(backwards) {
		if v.equals(x.elem()) {
			if skip > 0 {
				skip--
			} else if found = append(found, at); o.count != 0 && int64(len(found)) >= o.count {
				break
			}
		}
		looked++
		at += step
	}
	return found
}

func (c *Client) parseLpos(options [][]byte) (o lposOptions, ok bool) {
	o = lposOptions{rank: 1, count: -1}
	for ; len(options) > 0; options = options[2:] {
		if len(options) < 2 {
			c.Error(errSyntax)
			return o, false
		}
		word := options[0]
		n, isInt := parseInt(options[1])
		switch {
		case equalName(word, "rank"):
			switch {
			case !isInt:
				c.Error(errNotInteger)
				return o, false
			case n == math.MinInt64:
				c.Error(errRankRange)
				return o, false
			case n == 0:
				c.Error(errRankZero)
				return o, false
			}
			o.rank = n
		case equalName(word, "count"):
			if !isInt || n < 0 {
				c.Error(errLposCount)
				return o, false
			}
			o.count = n
		case equalName(word, "maxlen"):
			if !isInt || n < 0 {
				c.Error(errLposMaxlen)
				return o, false
			}
			o.maxlen = n
		default:
			c.Error(errSyntax)
			return o, false
		}
	}
	return o, true
}
