package command

import (
	"github.com/crucible-cache/crucible/internal/object"
	"github.com/crucible-cache/crucible/internal/protocol/resp"
)

// replyName replies with the name of a field, whose value goes to what it returns.
func (c *Client) replyName(name string) *resp.Writer {
	c.Reply.BulkString(name)
	return &c.Reply
}

func (c *Client) replyNamedID(name string, id object.StreamID) {
	c.Reply.BulkString(name)
	c.replyStreamID(id)
}

// infoStream finds the stream of an XINFO subcommand, or replies with an error.
func (c *Client) infoStream(args [][]byte) (s *object.Stream, ok bool) {
	s, ok = c.stream(c.Key(args, 2))
	if ok && s == nil {
		c.Error(errNoKey)
		ok = false
	}
	return s, ok
}

// fullEntries is how many entries, and how many of what is pending, XINFO STREAM
// FULL shows unless told otherwise.
const fullEntries = 10

func xinfoStreamCommand(c *Client, args [][]byte) {
	s, ok := c.infoStream(args)
	if !ok {
		return
	}
	if len(args) > 3 {
		if limit, ok := c.fullLimit(args); ok {
			c.Reply.MapLen(9)
			c.replyStreamInfo(s)
			c.replyStreamFull(s, limit)
		}
		return
	}
	c.Reply.MapLen(10)
	c.replyStreamInfo(s)
	c.replyName("groups").Int(int64(len(s.Groups())))
	c.Reply.BulkString("first-entry")
	first := s.Range(object.StreamID{}, object.MaxStreamID)
	c.replyEntryOrNull(&first)
	c.Reply.BulkString("last-entry")
	last := s.RangeReverse(object.StreamID{}, object.MaxStreamID)
	c.replyEntryOrNull(&last)
}

// fullLimit reads FULL and its COUNT, or replies with an error.
func (c *Client) fullLimit(args [][]byte) (limit int, ok bool) {
	if !equalName(args[3], "full") || len(args) != 4 && (len(args) != 6 || !equalName(args[4], "count")) {
		c.Error(errSubcommandSyntax("XINFO", args))
		return 0, false
	}
	if len(args) == 4 {
		return fullEntries, true
	}
	n, ok := c.streamNumber(args[5], errNotInteger)
	if n < 0 {
		n = fullEntries
	}
	return countLimit(n), ok
}

// replyStreamInfo replies with what XINFO STREAM shows in either form.
func (c *Client) replyStreamInfo(s *object.Stream) {
	c.replyName("length").Int(int64(s.Len()))
	c.replyName("radix-tree-keys").Int(int64(s.Nodes()))
	c.replyName("radix-tree-nodes").Int(int64(s.RadixNodes()))
	c.replyNamedID("last-generated-id", s.LastID)
	c.replyNamedID("max-deleted-entry-id", s.MaxDeletedID)
	c.replyName("entries-added").Int(int64(s.Added))
	c.replyNamedID("recorded-first-entry-id", s.FirstID())
}

func (c *Client) replyEntryOrNull(it *object.StreamIterator) {
	if it.Next() {
		c.replyEntry(it)
	} else {
		c.Reply.Null()
	}
}

// replyStreamFull replies with the first entries of a stream and with all of its
// groups and their consumers.
func (c *Client) replyStreamFull(s *object.Stream, limit int) {
	c.Reply.BulkString("entries")
	it := s.Range(object.StreamID{}, object.MaxStreamID)
	c.replyEntries(&it, min(s.Len(), limit))
	c.replyName("groups").ArrayLen(len(s.Groups()))
	for _, g := range s.Groups() {
		c.Reply.MapLen(7)
		c.replyName("name").BulkString(g.Name)
		c.replyNamedID("last-delivered-id", g.LastID)
		c.replyGroupRead(s, g)
		c.replyName("pel-count").Int(int64(g.Pending()))
		c.replyName("pending").ArrayLen(min(g.Pending(), limit))
		c.replyGroupPending(g, limit)
		c.replyName("consumers").ArrayLen(len(g.Consumers()))
		for _, consumer := range g.Consumers() {
			c.replyConsumerFull(g, consumer, limit)
		}
	}
}

func (c *Client) replyGroupPending(g *object.StreamGroup, limit int) {
	left := limit
	g.EachPending(object.StreamID{}, object.MaxStreamID, func(id object.StreamID, d *object.Delivery) bool {
		c.Reply.ArrayLen(4)
		c.replyStreamID(id)
		c.Reply.BulkString(g.Owner(d).Name)
		c.Reply.Int(d.TimeMS)
		c.Reply.Int(int64(d.Count))
		left--
		return left > 0
	})
}

func (c *Client) replyConsumerFull(g *object.StreamGroup, consumer *object.StreamConsumer, limit int) {
	c.Reply.MapLen(5)
	c.replyName("name").BulkString(consumer.Name)
	c.replyName("seen-time").Int(consumer.SeenMS)
	c.replyName("active-time").Int(consumer.ActiveMS)
	c.replyName("pel-count").Int(int64(consumer.Pending()))
	c.replyName("pending").ArrayLen(min(consumer.Pending(), limit))
	left := limit
	consumer.EachPending(object.StreamID{}, object.MaxStreamID, func(id object.StreamID) bool {
		d := g.Lookup(id)
		c.Reply.ArrayLen(3)
		c.replyStreamID(id)
		c.Reply.Int(d.TimeMS)
		c.Reply.Int(int64(d.Count))
		left--
		return left > 0
	})
}

// replyGroupRead replies with how far a group has got: fields of two names.
func (c *Client) replyGroupRead(s *object.Stream, g *object.StreamGroup) {
	c.Reply.BulkString("entries-read")
	if g.EntriesRead == object.UnknownRead {
		c.Reply.Null()
	} else {
		c.Reply.Int(g.EntriesRead)
	}
	c.Reply.BulkString("lag")
	if lag, ok := s.Lag(g); ok {
		c.Reply.Int(lag)
	} else {
		c.Reply.Null()
	}
}

func xinfoGroupsCommand(c *Client, args [][]byte) {
	s, ok := c.infoStream(args)
	if !ok {
		return
	}
	c.Reply.ArrayLen(len(s.Groups()))
	for _, g := range s.Groups() {
		c.Reply.MapLen(6)
		c.replyName("name").BulkString(g.Name)
		c.replyName("consumers").Int(int64(len(g.Consumers())))
		c.replyName("pending").Int(int64(g.Pending()))
		c.replyNamedID("last-delivered-id", g.LastID)
		c.replyGroupRead(s, g)
	}
}

func xinfoConsumersCommand(c *Client, args [][]byte) {
	s, ok := c.infoStream(args)
	if !ok {
		return
	}
	g := s.Group(args[3])
	if g == nil {
		c.Error(errNoGroup(args[2], args[3]))
		return
	}
	c.Reply.ArrayLen(len(g.Consumers()))
	for _, consumer := range g.Consumers() {
		c.Reply.MapLen(4)
		c.replyName("name").BulkString(consumer.Name)
		c.replyName("pending").Int(int64(consumer.Pending()))
		c.replyName("idle").Int(max(c.W.NowMS-consumer.SeenMS, 0))
		inactive := consumer.ActiveMS
		if inactive != object.NeverActive {
			inactive = max(c.W.NowMS-inactive, 0)
		}
		c.replyName("inactive").Int(inactive)
	}
}
