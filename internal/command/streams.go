package command

import (
	"math"
	"slices"

	"github.com/crucible-cache/crucible/internal/keyspace"
	"github.com/crucible-cache/crucible/internal/object"
)

// stream finds the stream of a key. It is nil if there is no such key; ok is
// false if the key holds something else, which has been replied.
func (c *Client) stream(k keyspace.Key) (s *object.Stream, ok bool) {
	it, found, ok := c.readTyped(k, keyspace.TypeStream)
	if !ok || !found {
		return nil, ok
	}
	return c.W.Object(k, it).(*object.Stream), true
}

// peekStream is stream for commands that write: it counts nothing.
func (c *Client) peekStream(k keyspace.Key) (s *object.Stream, ok bool) {
	it, found, ok := c.peekTyped(k, keyspace.TypeStream)
	if !ok || !found {
		return nil, ok
	}
	return c.W.Object(k, it).(*object.Stream), true
}

// newStream makes an empty stream of a key that there is not.
func (c *Client) newStream(k keyspace.Key) *object.Stream {
	s := object.NewStream(c.W.Heap())
	c.W.SetObject(c.DB, k, s, keyspace.Options{Type: keyspace.TypeStream})
	return s
}

func xlenCommand(c *Client, args [][]byte) {
	s, ok := c.stream(c.Key(args, 1))
	switch {
	case !ok:
	case s == nil:
		c.Reply.Int(0)
	default:
		c.Reply.Int(int64(s.Len()))
	}
}

func xrangeCommand(c *Client, args [][]byte) { c.xrange(args, args[2], args[3], false) }

func xrevrangeCommand(c *Client, args [][]byte) { c.xrange(args, args[3], args[2], true) }

// xrange replies with the entries between two bounds. In reverse the upper bound
// was given first, and is complained about first.
func (c *Client) xrange(args [][]byte, from, to []byte, reverse bool) {
	start, ok := c.streamStart(from)
	if !ok {
		return
	}
	end, ok := c.streamEnd(to)
	if !ok {
		return
	}
	limit := int64(-1)
	for i := 4; i < len(args); i += 2 {
		if i+1 == len(args) || !equalName(args[i], "count") {
			c.Error(errSyntax)
			return
		}
		if limit, ok = c.streamNumber(args[i+1], errNotInteger); !ok {
			return
		}
		limit = max(limit, 0)
	}
	s, ok := c.stream(c.Key(args, 1))
	switch {
	case !ok:
	case s == nil:
		c.Reply.ArrayLen(0)
	case limit == 0:
		c.Reply.NullArray()
	default:
		it := s.Range(start, end)
		n := it.Count(countLimit(limit))
		if reverse {
			it = s.RangeReverse(start, end)
		}
		c.replyEntries(&it, n)
	}
}

// countLimit is a COUNT as a limit: none if it is not positive.
func countLimit(n int64) int {
	if n <= 0 {
		return math.MaxInt
	}
	return int(n)
}

func xdelCommand(c *Client, args [][]byte) {
	k := c.Key(args, 1)
	s, ok := c.peekStream(k)
	if !ok {
		return
	}
	if s == nil {
		c.Reply.Int(0)
		return
	}
	if !c.checkStreamIDs(args[2:]) {
		return
	}
	deleted := 0
	for _, arg := range args[2:] {
		if id, _ := parseStreamID(arg, 0); s.Delete(id) {
			deleted++
		}
	}
	if deleted > 0 {
		c.W.Touched(c.DB, k)
		c.notify(keyspace.StreamEvent, "xdel", k)
	}
	c.Reply.Int(int64(deleted))
}

func xtrimCommand(c *Client, args [][]byte) {
	var o xaddOptions
	if _, ok := o.parse(c, args, false); !ok {
		return
	}
	k := c.Key(args, 1)
	s, ok := c.peekStream(k)
	if !ok {
		return
	}
	if s == nil {
		c.Reply.Int(0)
		return
	}
	removed := s.Trim(o.trim)
	if removed > 0 {
		c.W.Touched(c.DB, k)
		c.notify(keyspace.StreamEvent, "xtrim", k)
		if o.trim.Approx && c.telling() {
			rest := slices.Clone(args[1:])
			o.settle(rest, s)
			c.effect(string(args[0]), rest...)
		}
	}
	c.Reply.Int(int64(removed))
}
