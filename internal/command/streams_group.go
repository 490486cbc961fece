package command

import (
	"github.com/crucible-cache/crucible/internal/keyspace"
	"github.com/crucible-cache/crucible/internal/object"
	"github.com/crucible-cache/crucible/internal/protocol/resp"
)

// groupOptions are the options of XGROUP CREATE and SETID.
type groupOptions struct {
	make bool // MKSTREAM
	read int64
}

// parse reads the options behind the ID, or replies with an error.
func (o *groupOptions) parse(c *Client, args [][]byte, create bool) (ok bool) {
	o.read = object.UnknownRead
	for i := 5; i < len(args); i++ {
		switch {
		case create && equalName(args[i], "mkstream"):
			o.make = true
		case equalName(args[i], "entriesread") && i+1 < len(args):
			i++
			if o.read, ok = c.streamNumber(args[i], errNotInteger); !ok {
				return false
			}
			if o.read < 0 && o.read != object.UnknownRead {
				c.Error(errGroupReadSign)
				return false
			}
		default:
			c.Error(errSubcommandSyntax("XGROUP", args))
			return false
		}
	}
	return true
}

// groupStream finds the stream of an XGROUP subcommand, or replies with an error.
func (c *Client) groupStream(args [][]byte) (k keyspace.Key, s *object.Stream, ok bool) {
	k = c.Key(args, 2)
	s, ok = c.peekStream(k)
	if ok && s == nil {
		c.Error(errGroupKey)
		ok = false
	}
	return k, s, ok
}

// existingGroup finds the group of an XGROUP subcommand, or replies with an error.
func (c *Client) existingGroup(args [][]byte) (s *object.Stream, g *object.StreamGroup, ok bool) {
	if _, s, ok = c.groupStream(args); !ok {
		return nil, nil, false
	}
	if g = s.Group(args[3]); g == nil {
		c.Error(errNoGroup(args[2], args[3]))
		return nil, nil, false
	}
	return s, g, true
}

func xgroupCreateCommand(c *Client, args [][]byte) {
	var o groupOptions
	if !o.parse(c, args, true) {
		return
	}
	k := c.Key(args, 2)
	s, ok := c.peekStream(k)
	switch {
	case !ok:
		return
	case s == nil && !o.make:
		c.Error(errGroupKey)
		return
	case len(args) > groupArgsMax:
		c.Error(errSubcommandSyntax("XGROUP", args))
		return
	}
	var last object.StreamID
	if streamMark(args[4]) != '$' {
		if last, ok = c.streamID(args[4]); !ok {
			return
		}
	} else if s != nil {
		last = s.LastID
	}
	if s == nil {
		s = c.newStream(k)
	}
	if !s.AddGroup(args[3], last, o.read) {
		c.Error(errGroupBusy)
		return
	}
	c.notify(keyspace.StreamEvent, "xgroup-create", k)
	c.affects()
	c.Reply.Raw(resp.OK)
}

// groupArgsMax is how many arguments XGROUP CREATE takes, however many options
// are given more than once.
const groupArgsMax = 8

func xgroupSetidCommand(c *Client, args [][]byte) {
	var o groupOptions
	if !o.parse(c, args, false) {
		return
	}
	s, g, ok := c.existingGroup(args)
	if !ok {
		return
	}
	if len(args) != 5 && len(args) != 7 {
		c.Error(errSubcommandSyntax("XGROUP", args))
		return
	}
	last := s.LastID
	if streamMark(args[4]) != '$' {
		if last, ok = parseStreamBound(args[4], 0); !ok {
			c.Error(errStreamID)
			return
		}
	}
	g.LastID, g.EntriesRead = last, o.read
	c.affects()
	c.notify(keyspace.StreamEvent, "xgroup-setid", c.Key(args, 2))
	c.Reply.Raw(resp.OK)
}

func xgroupDestroyCommand(c *Client, args [][]byte) {
	k, s, ok := c.groupStream(args)
	if !ok {
		return
	}
	if !s.RemoveGroup(args[3]) {
		c.Reply.Int(0)
		return
	}
	c.notify(keyspace.StreamEvent, "xgroup-destroy", k)
	c.affects()
	c.W.Wake(c.DB, k) // who waits to read from the group is told
	c.Reply.Int(1)
}

func xgroupCreateconsumerCommand(c *Client, args [][]byte) {
	_, g, ok := c.existingGroup(args)
	if !ok {
		return
	}
	if g.Consumer(args[4]) != nil {
		c.Reply.Int(0)
		return
	}
	c.addConsumer(c.Key(args, 2), g, args[4])
	c.affects()
	c.Reply.Int(1)
}

func xgroupDelconsumerCommand(c *Client, args [][]byte) {
	_, g, ok := c.existingGroup(args)
	if !ok {
		return
	}
	pending := 0
	if consumer := g.Consumer(args[4]); consumer != nil {
		pending = consumer.Pending()
		g.RemoveConsumer(consumer)
		c.affects()
		c.notify(keyspace.StreamEvent, "xgroup-delconsumer", c.Key(args, 2))
	}
	c.Reply.Int(int64(pending))
}

// addConsumer adds a consumer to a group of the stream at k.
func (c *Client) addConsumer(k keyspace.Key, g *object.StreamGroup, name []byte) *object.StreamConsumer {
	consumer := g.AddConsumer(name, c.W.NowMS)
	c.notify(keyspace.StreamEvent, "xgroup-createconsumer", k)
	return consumer
}
