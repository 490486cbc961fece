package command

import "github.com/crucible-cache/crucible/internal/keyspace"

func lpushCommand(c *Client, args [][]byte)  { c.push(args, true, false) }
func rpushCommand(c *Client, args [][]byte)  { c.push(args, false, false) }
func lpushxCommand(c *Client, args [][]byte) { c.push(args, true, true) }
func rpushxCommand(c *Client, args [][]byte) { c.push(args, false, true) }

func (c *Client) push(args [][]byte, front, mustExist bool) {
	k, values := c.Key(args, 1), args[2:]
	var l listView
	found, ok := l.edit(c, k)
	if !ok {
		return
	}
	if !found {
		if mustExist {
			c.Reply.Int(0)
			return
		}
		l = c.newList(k, values...)
	}
	l.room(values...)
	for _, v := range values {
		l.push(front, v)
	}
	l.lead(front)
	c.W.Touched(c.DB, k)
	l.notifyPush(front)
	c.Reply.Int(int64(l.len()))
}

func linsertCommand(c *Client, args [][]byte) {
	behind := equalName(args[2], "after")
	if !behind && !equalName(args[2], "before") {
		c.Error(errSyntax)
		return
	}
	k := c.Key(args, 1)
	var l listView
	found, ok := l.edit(c, k)
	if !ok {
		return
	}
	if !found {
		c.Reply.Int(0)
		return
	}
	l.room(args[4])
	pivot := asElem(args[3])
	for x := l.seek(0); x.valid(); x.next(false) {
		if !pivot.equals(x.elem()) {
			continue
		}
		if l.large != nil {
			x.in.Insert(args[4], behind)
		} else {
			at := x.at
			if behind {
				at = l.pack.Next(at)
			}
			l.pack.Insert(at, args[4])
		}
		c.W.Touched(c.DB, k)
		c.notify(keyspace.ListEvent, "linsert", k)
		c.Reply.Int(int64(l.len()))
		return
	}
	c.Reply.Int(-1)
}

func lsetCommand(c *Client, args [][]byte) {
	k := c.Key(args, 1)
	var l listView
	found, ok := l.edit(c, k)
	if !ok {
		return
	}
	if !found {
		c.Error(errNoKey)
		return
	}
	i, ok := c.parseIndex(args[2])
	if !ok {
		return
	}
	l.room(args[3])
	x := l.seek(i)
	if !x.valid() {
		c.Error(errIndex)
		return
	}
	if l.large != nil {
		x.in.Replace(args[3])
	} else {
		l.pack.Replace(x.at, args[3])
	}
	l.shrink()
	c.W.Touched(c.DB, k)
	c.notify(keyspace.ListEvent, "lset", k)
	c.Reply.SimpleString("OK")
}
