package command

import "github.com/crucible-cache/crucible/internal/object"

func zpopminCommand(c *Client, args [][]byte) { c.zpop(args, false) }
func zpopmaxCommand(c *Client, args [][]byte) { c.zpop(args, true) }

// zpop takes elements from one end of a set.
func (c *Client) zpop(args [][]byte, fromEnd bool) {
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
	var z zset
	if !z.open(c, c.Key(args, 1)) {
		return
	}
	n := min(count, z.len())
	if counted {
		c.replyRangeLen(n, true)
	} else {
		c.Reply.ArrayLen(2 * n)
	}
	z.pop(n, fromEnd, func(member object.Elem, score float64) {
		if counted {
			c.replyElement(member, score, true)
			return
		}
		c.replyElem(member)
		c.Reply.Double(score)
	})
	z.close(zpopEvent(fromEnd))
}

// zpopEvent is the event of taking elements from an end.
func zpopEvent(fromEnd bool) string {
	if fromEnd {
		return "zpopmax"
	}
	return "zpopmin"
}

// zpopName names the command that does.
func zpopName(fromEnd bool) string {
	if fromEnd {
		return "ZPOPMAX"
	}
	return "ZPOPMIN"
}

// pop takes n elements, which are there, from one end, and shows each.
func (z *zset) pop(n int, fromEnd bool, show func(member object.Elem, score float64)) {
	if n == 0 {
		return
	}
	var s object.Sorted
	z.sorted(&s)
	visit := func(member object.Elem, score float64) bool {
		show(member, score)
		return true
	}
	if size := s.Len(); fromEnd {
		s.Descend(size-1, n, visit)
		z.removeRanks(size-n, size)
	} else {
		s.Ascend(0, n, visit)
		z.removeRanks(0, n)
	}
}

// zpopMany is what ZMPOP and BZMPOP ask for.
type zpopMany struct {
	first, keys int // the arguments that are keys
	fromEnd     bool
	count       int64
}

// parseZpopMany reads numkeys at args[at], the keys, MIN or MAX and COUNT. It
// replies with an error or returns true.
func (c *Client) parseZpopMany(args [][]byte, at int) (p zpopMany, ok bool) {
	n, ok := parseInt(args[at])
	if !ok || n <= 0 {
		c.Error(errNumkeys)
		return p, false
	}
	if n > int64(len(args)-at-2) {
		c.Error(errSyntax)
		return p, false
	}
	p = zpopMany{first: at + 1, keys: int(n), count: 1}
	rest := args[p.first+p.keys:]
	switch {
	case equalName(rest[0], "max"):
		p.fromEnd = true
	case !equalName(rest[0], "min"):
		c.Error(errSyntax)
		return p, false
	}
	if rest = rest[1:]; len(rest) == 0 {
		return p, true
	}
	if len(rest) < 2 || !equalName(rest[0], "count") {
		c.Error(errSyntax)
		return p, false
	}
	if p.count, ok = parseInt(rest[1]); !ok || p.count <= 0 {
		c.Error(errCountPositive)
		return p, false
	}
	if len(rest) > 2 {
		c.Error(errSyntax)
		return p, false
	}
	return p, true
}

func zmpopCommand(c *Client, args [][]byte) {
	p, ok := c.parseZpopMany(args, 1)
	if !ok {
		return
	}
	for i := p.first; i < p.first+p.keys; i++ {
		var z zset
		if !z.open(c, c.Key(args, i)) {
			return
		}
		if z.len() > 0 {
			c.replyPopped(&z, args[i], int(p.count), p.fromEnd)
			return
		}
	}
	c.Reply.NullArray()
}

// replyPopped takes up to count elements from one end of a set and replies with
// its key and them.
func (c *Client) replyPopped(z *zset, key []byte, count int, fromEnd bool) {
	n := min(count, z.len())
	c.Reply.ArrayLen(2)
	c.Reply.Bulk(key)
	c.Reply.ArrayLen(n)
	z.pop(n, fromEnd, func(member object.Elem, score float64) {
		c.Reply.ArrayLen(2)
		c.replyElem(member)
		c.Reply.Double(score)
	})
	z.close(zpopEvent(fromEnd))
	c.effect(zpopName(fromEnd), key, new(intText).format(int64(n)))
}
