package command

import (
	"github.com/crucible-cache/crucible/internal/keyspace"
	"github.com/crucible-cache/crucible/internal/object"
)

func saddCommand(c *Client, args [][]byte) {
	k, members := c.Key(args, 1), args[2:]
	var s setView
	found, ok := s.edit(c, k)
	if !ok {
		return
	}
	if found {
		s.room(len(members))
	} else {
		s = c.newSet(k, members...)
	}
	added := 0
	for _, m := range members {
		if s.add(m) {
			added++
		}
	}
	if added > 0 {
		c.W.Touched(c.DB, k)
		c.notify(keyspace.SetEvent, "sadd", k)
	}
	c.Reply.Int(int64(added))
}

func sremCommand(c *Client, args [][]byte) {
	var s setView
	found, ok := s.edit(c, c.Key(args, 1))
	if !ok {
		return
	}
	removed := 0
	for i := 2; found && i < len(args) && s.len() > 0; i++ {
		if s.remove(args[i]) {
			removed++
		}
	}
	if removed > 0 {
		c.notify(keyspace.SetEvent, "srem", s.k)
		s.removed()
	}
	c.Reply.Int(int64(removed))
}

func smoveCommand(c *Client, args [][]byte) {
	from, to, member := c.Key(args, 1), c.Key(args, 2), args[3]
	var s setView
	found, ok := s.edit(c, from)
	if !ok {
		return
	}
	if !found {
		c.Reply.Int(0)
		return
	}
	it, exists := c.W.Peek(c.DB, to)
	if exists && !c.isType(it, keyspace.TypeSet) {
		return
	}
	if string(from.Name) == string(to.Name) {
		c.replyFlag(s.has(member))
		return
	}
	if !s.remove(member) {
		c.Reply.Int(0)
		return
	}
	c.notify(keyspace.SetEvent, "srem", from)
	s.removed()
	// What is at the other key may have moved.
	if it, exists = c.W.Peek(c.DB, to); exists {
		s = c.openSet(to, it, true)
		s.room(1)
	} else {
		s = c.newSet(to, member)
	}
	if s.add(member) {
		c.W.Touched(c.DB, to)
		c.notify(keyspace.SetEvent, "sadd", to)
	}
	c.Reply.Int(1)
}

func scardCommand(c *Client, args [][]byte) {
	var s setView
	found, ok := s.read(c, c.Key(args, 1))
	if !ok {
		return
	}
	n := 0
	if found {
		n = s.len()
	}
	c.Reply.Int(int64(n))
}

func sismemberCommand(c *Client, args [][]byte) {
	var s setView
	found, ok := s.read(c, c.Key(args, 1))
	if ok {
		c.replyFlag(found && s.has(args[2]))
	}
}

func smismemberCommand(c *Client, args [][]byte) {
	var s setView
	found, ok := s.read(c, c.Key(args, 1))
	if !ok {
		return
	}
	c.Reply.ArrayLen(len(args) - 2)
	for _, m := range args[2:] {
		c.replyFlag(found && s.has(m))
	}
}

func smembersCommand(c *Client, args [][]byte) {
	var s setView
	found, ok := s.read(c, c.Key(args, 1))
	if !ok {
		return
	}
	if !found {
		c.Reply.SetLen(0)
		return
	}
	c.replyMembers(&s)
}

// replyMembers replies with all members of a set.
func (c *Client) replyMembers(s *setView) {
	c.Reply.SetLen(s.len())
	s.each(func(e object.Elem) bool {
		c.replyElem(e)
		return true
	})
}
