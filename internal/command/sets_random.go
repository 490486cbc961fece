package command

import (
	"bytes"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/crucible-cache/crucible/internal/keyspace"
	"github.com/crucible-cache/crucible/internal/object"
)

func spopCommand(c *Client, args [][]byte) {
	if len(args) > 3 {
		c.Error(errSyntax)
		return
	}
	count, counted := 1, len(args) == 3
	if counted {
		var ok bool
		if count, ok = c.parsePositive(args[2]); !ok {
			return
		}
	}
	var s setView
	found, ok := s.edit(c, c.Key(args, 1))
	switch {
	case !ok:
	case !found && counted:
		c.Reply.SetLen(0)
	case !found:
		c.Reply.Null()
	case !counted:
		c.effect("SREM", s.k.Name, s.popOne())
		c.notify(keyspace.SetEvent, "spop", s.k)
		s.removed()
	case count >= s.len():
		c.replyMembers(&s)
		c.notify(keyspace.SetEvent, "spop", s.k)
		c.deleteKey(s.k)
		c.effectDeleted(s.k, "lazyfree-lazy-server-del")
	default:
		c.Reply.SetLen(count)
		var popped [][]byte
		for range count {
			if member := s.popOne(); c.telling() {
				popped = append(popped, slices.Clone(member))
			}
		}
		s.tellPopped(popped)
		if s.len()*popMoves <= count {
			s.moveLeft()
		}
		if count > 0 {
			c.notify(keyspace.SetEvent, "spop", s.k)
			s.removed()
		}
	}
}

// popMoves is how many times the members that stay have to be popped at once for
// the reference server to move those into a set of their own instead, which may
// be packed then.
const popMoves = 5

// moveLeft gives what is left the form of members that are added to a new set: a
// large set is packed, if it fits, and integers may be too many by now.
func (s *setView) moveLeft() {
	p := s.c.W.Server.Params
	if s.ints {
		s.room(s.len())
		return
	}
	if s.large == nil || int64(s.len()) > p.setEntries.Load() {
		return
	}
	left := make([][]byte, 0, s.len())
	s.each(func(e object.Elem) bool {
		left = append(left, bytes.Clone(e.Str))
		return true
	})
	if int64(longest(left)) > p.setValue.Load() {
		return
	}
	s.large = nil
	s.pack = object.NewPack(s.memory(keyspace.EncodingPack), object.PackedSizes(left))
	for _, m := range left {
		s.pack.Append(m)
	}
}

// popOne replies with a random member and removes it. It is good until the next.
func (s *setView) popOne() []byte {
	member := s.c.W.copied(s.random())
	s.c.Reply.Bulk(member)
	s.remove(member)
	return member
}

// popTold is how many members are told of in one request at the most, as in the reference server.
const popTold = 1024

// tellPopped tells of members that chance chose.
func (s *setView) tellPopped(members [][]byte) {
	for some := range slices.Chunk(members, popTold) {
		s.c.effect("SREM", append([][]byte{s.k.Name}, some...)...)
	}
}

func srandmemberCommand(c *Client, args [][]byte) {
	if len(args) > 3 {
		c.Error(errSyntax)
		return
	}
	if len(args) == 2 {
		var s setView
		found, ok := s.read(c, c.Key(args, 1))
		switch {
		case !ok:
		case found:
			c.replyElem(s.random())
		default:
			c.Reply.Null()
		}
		return
	}
	count, ok := c.parseSignedCount(args[2])
	if !ok {
		return
	}
	var s setView
	found, ok := s.read(c, c.Key(args, 1))
	switch {
	case !ok:
	case !found || count == 0:
		c.Reply.ArrayLen(0)
	case count < 0:
		c.Reply.ArrayLen(-count)
		for i := count; i < 0 && !c.Reply.Out.Overflowed(); i++ {
			c.replyElem(s.random())
		}
	default:
		c.Reply.ArrayLen(min(count, s.len()))
		s.sample(count, c.replyElem)
	}
}

// parseSignedCount reads how many elements a command is about; what it means
// that the number is negative is up to the command.
func (c *Client) parseSignedCount(b []byte) (count int, ok bool) {
	n, ok := parseInt(b)
	switch {
	case !ok:
		c.Error(errNotInteger)
	case n == math.MinInt64:
		c.Error(errCountRange)
		return 0, false
	}
	return int(n), ok
}

// sample shows count different members, or all if there are no more.
func (s *setView) sample(count int, show func(object.Elem)) {
	if s.large == nil || count >= s.len()/sampleShare {
		p := picker{left: s.len(), want: count}
		s.each(func(e object.Elem) bool {
			if p.picks() {
				show(e)
			}
			return p.want > 0
		})
		return
	}
	seen := make(map[string]struct{}, count)
	for len(seen) < count {
		e := s.large.Random(rand.Uint64).Key()
		if _, again := seen[string(e)]; !again {
			seen[string(e)] = struct{}{}
			show(object.Elem{Str: e})
		}
	}
}

// sampleShare is the share of a large collection up to which a sample of it is
// drawn; a larger one is picked in one walk over all.
const sampleShare = 8

// picker picks want out of left elements that it is asked about one by one, any
// choice of them as likely as any other (Knuth's algorithm S).
type picker struct {
	left, want int
}

func (p *picker) picks() bool {
	pick := p.want > 0 && rand.IntN(p.left) < p.want
	p.left--
	if pick {
		p.want--
	}
	return pick
}
