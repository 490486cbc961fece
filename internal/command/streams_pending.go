package command

import (
	"github.com/crucible-cache/crucible/internal/object"
)

// streamGroup finds a group of the stream of a key. ok is false if the key holds
// something else, which has been replied; the stream or the group is nil if it
// does not exist.
func (c *Client) streamGroup(args [][]byte, key int, name []byte) (s *object.Stream, g *object.StreamGroup, ok bool) {
	s, ok = c.stream(c.Key(args, key))
	if s != nil {
		g = s.Group(name)
	}
	return s, g, ok
}

// pendingGroup is streamGroup for a group that has to exist: if it doesn't, that
// is replied.
func (c *Client) pendingGroup(args [][]byte) (*object.Stream, *object.StreamGroup, bool) {
	s, g, ok := c.streamGroup(args, 1, args[2])
	if ok && g == nil {
		c.Error(errNoKeyOrGroup(args[1], args[2]))
		ok = false
	}
	return s, g, ok
}

func xackCommand(c *Client, args [][]byte) {
	_, g, ok := c.streamGroup(args, 1, args[2])
	if !ok {
		return
	}
	if g == nil {
		c.Reply.Int(0)
		return
	}
	if !c.checkStreamIDs(args[3:]) {
		return
	}
	n := int64(0)
	for _, arg := range args[3:] {
		if id, _ := parseStreamID(arg, 0); g.Ack(id) {
			n++
		}
	}
	if n > 0 {
		c.affects()
	}
	c.Reply.Int(n)
}

// pendingOptions are the options of XPENDING with a range.
type pendingOptions struct {
	minIdle    int64 // milliseconds
	start, end object.StreamID
	limit      int
	consumer   []byte
}

// parse reads the arguments behind the group, or replies with an error.
func (o *pendingOptions) parse(c *Client, args [][]byte) (ok bool) {
	if equalName(args[0], "idle") {
		if o.minIdle, ok = c.streamNumber(args[1], errNotInteger); !ok {
			return false
		}
		if args = args[2:]; len(args) < 3 {
			c.Error(errSyntax)
			return false
		}
	}
	n, ok := c.streamNumber(args[2], errNotInteger)
	if !ok {
		return false
	}
	o.limit = int(max(n, 0))
	if o.start, ok = c.streamStart(args[0]); !ok {
		return false
	}
	if o.end, ok = c.streamEnd(args[1]); !ok {
		return false
	}
	if len(args) > 3 {
		o.consumer = args[3]
	}
	return true
}

func xpendingCommand(c *Client, args [][]byte) {
	summary := len(args) == 3
	if !summary && (len(args) < 6 || len(args) > 9) {
		c.Error(errSyntax)
		return
	}
	var o pendingOptions
	if !summary && !o.parse(c, args[3:]) {
		return
	}
	_, g, ok := c.pendingGroup(args)
	switch {
	case !ok:
	case summary:
		c.replyPendingSummary(g)
	default:
		c.replyPending(g, &o)
	}
}

// replyPendingSummary replies with how much is pending, from where to where, and
// for whom.
func (c *Client) replyPendingSummary(g *object.StreamGroup) {
	c.Reply.ArrayLen(4)
	c.Reply.Int(int64(g.Pending()))
	if g.Pending() == 0 {
		c.Reply.Null()
		c.Reply.Null()
		c.Reply.NullArray()
		return
	}
	first, last := g.PendingBounds()
	c.replyStreamID(first)
	c.replyStreamID(last)
	n := 0
	for _, consumer := range g.Consumers() {
		if consumer.Pending() > 0 {
			n++
		}
	}
	c.Reply.ArrayLen(n)
	for _, consumer := range g.Consumers() {
		if consumer.Pending() > 0 {
			c.Reply.ArrayLen(2)
			c.Reply.BulkString(consumer.Name)
			c.Reply.BulkInt(int64(consumer.Pending()))
		}
	}
}

// replyPending replies with what is pending in a range: it is counted, then shown.
func (c *Client) replyPending(g *object.StreamGroup, o *pendingOptions) {
	var of *object.StreamConsumer
	if o.consumer != nil {
		if of = g.Consumer(o.consumer); of == nil {
			c.Reply.ArrayLen(0)
			return
		}
	}
	n := 0
	c.eachPending(g, of, o, func(object.StreamID, *object.Delivery) { n++ })
	c.Reply.ArrayLen(n)
	c.eachPending(g, of, o, func(id object.StreamID, d *object.Delivery) {
		c.Reply.ArrayLen(4)
		c.replyStreamID(id)
		c.Reply.BulkString(g.Owner(d).Name)
		c.Reply.Int(max(c.W.NowMS-d.TimeMS, 0))
		c.Reply.Int(int64(d.Count))
	})
}

// eachPending visits what is pending in a group, or for one consumer of it, as
// far as o says.
func (c *Client) eachPending(g *object.StreamGroup, of *object.StreamConsumer, o *pendingOptions, visit func(object.StreamID, *object.Delivery)) {
	left := o.limit
	one := func(id object.StreamID, d *object.Delivery) bool {
		if left > 0 && (o.minIdle == 0 || c.W.NowMS-d.TimeMS >= o.minIdle) {
			visit(id, d)
			left--
		}
		return left > 0
	}
	if of == nil {
		g.EachPending(o.start, o.end, one)
		return
	}
	of.EachPending(o.start, o.end, func(id object.StreamID) bool { return one(id, g.Lookup(id)) })
}
