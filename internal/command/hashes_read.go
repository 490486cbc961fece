package command

import "github.com/crucible-cache/crucible/internal/object"

func hgetCommand(c *Client, args [][]byte) {
	var h hashView
	found, ok := h.read(c, c.Key(args, 1))
	if ok {
		h.replyField(found, args[2])
		h.finish()
	}
}

// replyField replies with the value of a field of a hash that is found or not, and
// removes it if its time is over.
func (h *hashView) replyField(found bool, field []byte) {
	if found {
		if v, _, ok := h.fetch(field); ok {
			h.c.replyElem(v)
			return
		}
	}
	h.c.Reply.Null()
}

func hmgetCommand(c *Client, args [][]byte) {
	var h hashView
	found, ok := h.read(c, c.Key(args, 1))
	if !ok {
		return
	}
	c.Reply.ArrayLen(len(args) - 2)
	for _, field := range args[2:] {
		h.replyField(found, field)
	}
	h.finish()
}

func hexistsCommand(c *Client, args [][]byte) {
	var h hashView
	found, ok := h.read(c, c.Key(args, 1))
	if !ok {
		return
	}
	if found {
		_, _, found = h.fetch(args[2])
	}
	h.finish()
	c.replyFlag(found)
}

// replyFlag replies 1 or 0.
func (c *Client) replyFlag(yes bool) {
	if yes {
		c.Reply.Int(1)
	} else {
		c.Reply.Int(0)
	}
}

func hstrlenCommand(c *Client, args [][]byte) {
	var h hashView
	found, ok := h.read(c, c.Key(args, 1))
	if !ok {
		return
	}
	n := 0
	if found {
		if v, _, ok := h.fetch(args[2]); ok {
			n = v.Len()
		}
	}
	h.finish()
	c.Reply.Int(int64(n))
}

func hlenCommand(c *Client, args [][]byte) {
	var h hashView
	found, ok := h.read(c, c.Key(args, 1))
	if !ok {
		return
	}
	n := 0
	if found {
		n = h.len()
	}
	c.Reply.Int(int64(n))
}

func hgetallCommand(c *Client, args [][]byte) {
	var h hashView
	found, ok := h.read(c, c.Key(args, 1))
	if !ok {
		return
	}
	if !found {
		c.Reply.MapLen(0)
		return
	}
	c.Reply.MapLen(h.visible())
	h.each(func(f, v object.Elem, _ int64) bool {
		c.replyElem(f)
		c.replyElem(v)
		return true
	})
}

func hkeysCommand(c *Client, args [][]byte) { c.replyHalf(args, true) }
func hvalsCommand(c *Client, args [][]byte) { c.replyHalf(args, false) }

// replyHalf replies with the fields or with the values of a hash.
func (c *Client) replyHalf(args [][]byte, fields bool) {
	var h hashView
	found, ok := h.read(c, c.Key(args, 1))
	if !ok {
		return
	}
	if !found {
		c.Reply.ArrayLen(0)
		return
	}
	c.Reply.ArrayLen(h.visible())
	h.each(func(f, v object.Elem, _ int64) bool {
		if fields {
			c.replyElem(f)
		} else {
			c.replyElem(v)
		}
		return true
	})
}
