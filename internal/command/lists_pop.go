package command

import (
	"strings"

	"github.com/crucible-cache/crucible/internal/keyspace"
)

func lpopCommand(c *Client, args [][]byte) { c.pop(args, true) }
func rpopCommand(c *Client, args [][]byte) { c.pop(args, false) }

func (c *Client) pop(args [][]byte, front bool) {
	if len(args) > 3 {
		c.Error(errArity(strings.ToLower(string(args[0]))))
		return
	}
	count, counted := 1, len(args) == 3
	if counted {
		var ok bool
		if count, ok = c.parsePositive(args[2]); !ok {
			return
		}
	}
	var l listView
	found, ok := l.edit(c, c.Key(args, 1))
	switch {
	case !ok:
		return
	case !found && counted:
		c.Reply.NullArray()
		return
	case !found:
		c.Reply.Null()
		return
	}
	if counted {
		count = min(count, l.len())
		c.Reply.ArrayLen(count)
	}
	if count > 0 {
		l.take(front, count)
		l.lead(front)
		l.notifyPop(front)
		l.removed()
	}
}

// popName names the command that pops at an end.
func popName(front bool) string {
	if front {
		return "LPOP"
	}
	return "RPOP"
}

// parseSide reads LEFT or RIGHT.
func parseSide(b []byte) (front, ok bool) {
	front = equalName(b, "left")
	return front, front || equalName(b, "right")
}

func lmoveCommand(c *Client, args [][]byte) {
	from, ok1 := parseSide(args[3])
	to, ok2 := parseSide(args[4])
	if !ok1 || !ok2 {
		c.Error(errSyntax)
		return
	}
	if _, done := c.tryMove(args, from, to); !done {
		c.Reply.Null()
	}
}

func rpoplpushCommand(c *Client, args [][]byte) {
	if _, done := c.tryMove(args, false, true); !done {
		c.Reply.Null()
	}
}

// tryMove takes an element from an end of the first list and pushes it to an
// end of the second, if there is one, and reports whether it did and whether it replied, with an
// error perhaps.
func (c *Client) tryMove(args [][]byte, from, to bool) (moved, done bool) {
	src, dst := c.Key(args, 1), c.Key(args, 2)
	var l listView
	found, ok := l.edit(c, src)
	if !ok || !found {
		return false, !ok
	}
	if it, exists := c.W.Peek(c.DB, dst); exists && !c.isList(it) {
		return false, true
	}
	c.Reply.Bulk(l.moveTo(dst, from, to))
	return true, true
}

// moveTo moves an element to another list, which may be the same, and returns
// it. What dst holds is a list or nothing.
func (l *listView) moveTo(dst keyspace.Key, from, to bool) []byte {
	c := l.c
	at := 0
	if !from {
		at = -1
	}
	x := l.seek(at)
	v := c.W.copied(x.elem())
	l.drop(from, 1)
	if string(dst.Name) == string(l.k.Name) {
		// The list may be empty for a moment, and must not go.
		l.push(to, v)
		c.W.Touched(c.DB, dst)
		l.notifyPush(to)
		l.notifyPop(from)
		return v
	}
	gone := l.settle()
	d := c.pushable(dst)
	d.room(v)
	d.push(to, v)
	c.W.Touched(c.DB, dst)
	d.notifyPush(to)
	l.notifyPop(from)
	if gone {
		c.notify(keyspace.GenericEvent, "del", l.k)
	}
	return v
}

// pushable opens the list at a key that holds a list or nothing, to be pushed to.
func (c *Client) pushable(k keyspace.Key) listView {
	if it, found := c.W.Peek(c.DB, k); found {
		return c.openList(k, it, true)
	}
	return c.newList(k)
}

func (c *Client) isList(it keyspace.Item) bool { return c.isType(it, keyspace.TypeList) }

// popOptions are what LMPOP and BLMPOP ask for: keys from args[first] on.
type popOptions struct {
	first, keys int
	front       bool
	count       int
}

// parseMpop reads numkeys, keys, side and COUNT from args[at] on.
func (c *Client) parseMpop(args [][]byte, at int) (o popOptions, ok bool) {
	n, isInt := parseInt(args[at])
	if !isInt || n <= 0 {
		c.Error(errNumkeys)
		return o, false
	}
	side := int64(at) + 1 + n
	if n > int64(len(args)) || side >= int64(len(args)) {
		c.Error(errSyntax)
		return o, false
	}
	o = popOptions{first: at + 1, keys: int(n), count: 1}
	if o.front, ok = parseSide(args[side]); !ok {
		c.Error(errSyntax)
		return o, false
	}
	rest := args[side+1:]
	if len(rest) > 1 && equalName(rest[0], "count") {
		n, isInt := parseInt(rest[1])
		if !isInt || n <= 0 {
			c.Error(errCountPositive)
			return o, false
		}
		o.count, rest = int(n), rest[2:]
	}
	if len(rest) > 0 {
		c.Error(errSyntax)
		return o, false
	}
	return o, true
}

func lmpopCommand(c *Client, args [][]byte) {
	o, ok := c.parseMpop(args, 1)
	if !ok {
		return
	}
	if done := c.popFirst(args, o); !done {
		c.Reply.NullArray()
	}
}

// popFirst takes elements from the first of several lists that there is, and
// reports whether it replied, with an error perhaps.
func (c *Client) popFirst(args [][]byte, o popOptions) (done bool) {
	for i := o.first; i < o.first+o.keys; i++ {
		var l listView
		found, ok := l.edit(c, c.Key(args, i))
		if !ok {
			return true
		}
		if !found {
			continue
		}
		n := min(o.count, l.len())
		c.Reply.ArrayLen(2)
		c.Reply.Bulk(args[i])
		c.Reply.ArrayLen(n)
		l.take(o.front, n)
		l.notifyPop(o.front)
		l.removed()
		c.effect(popName(o.front), args[i], new(intText).format(int64(n)))
		return true
	}
	return false
}
