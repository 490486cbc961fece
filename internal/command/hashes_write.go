package command

import (
	"math/big"

	"github.com/crucible-cache/crucible/internal/protocol/resp"
)

func hsetCommand(c *Client, args [][]byte)  { c.setFields(args, "hset", false) }
func hmsetCommand(c *Client, args [][]byte) { c.setFields(args, "hmset", true) }

func (c *Client) setFields(args [][]byte, name string, status bool) {
	if len(args)%2 != 0 {
		c.Error(errArity(name))
		return
	}
	pairs := args[2:]
	var h hashView
	ok := h.make(c, c.Key(args, 1), pairs...)
	if !ok {
		return
	}
	h.room(len(pairs)/2, pairs...)
	added := 0
	for ; len(pairs) > 0; pairs = pairs[2:] {
		if h.write(pairs[0], pairs[1], 0) {
			added++
		}
	}
	c.W.Touched(c.DB, h.k)
	h.notify("hset")
	if status {
		c.Reply.Raw(resp.OK)
	} else {
		c.Reply.Int(int64(added))
	}
}

func hsetnxCommand(c *Client, args [][]byte) {
	var h hashView
	ok := h.make(c, c.Key(args, 1))
	if !ok {
		return
	}
	_, _, had := h.fetch(args[2])
	if h.finish() {
		h.begin(nil)
	}
	if !had {
		h.set(args[2], args[3], 0)
		c.W.Touched(c.DB, h.k)
		h.notify("hset")
	}
	c.replyFlag(!had)
}

func hdelCommand(c *Client, args [][]byte) {
	var h hashView
	found, ok := h.edit(c, c.Key(args, 1))
	if !ok {
		return
	}
	deleted := 0
	for i := 2; found && i < len(args) && h.len() > 0; i++ {
		if h.delete(args[i]) {
			deleted++
		}
	}
	if deleted > 0 {
		h.notify("hdel")
		h.gone()
	}
	c.Reply.Int(int64(deleted))
}

// hincrbyCommand leaves the field's expiry, as HINCRBYFLOAT does.
func hincrbyCommand(c *Client, args [][]byte) {
	by, ok := parseInt(args[3])
	if !ok {
		c.Error(errNotInteger)
		return
	}
	var h hashView
	found, ok := h.edit(c, c.Key(args, 1))
	if !ok {
		return
	}
	var was, at int64
	if found {
		v, expireAt, had := h.fetch(args[2])
		found = !h.finish()
		if n, isInt := v.Int64(); isInt && had {
			was = n
		} else if had {
			c.Error(errHashInteger)
			return
		}
		at = expireAt
	}
	sum, fits := addInt(was, by)
	if !fits {
		c.Error(errOverflow)
		return
	}
	if !found {
		h.make(c, c.Key(args, 1))
	}
	var digits intText
	h.set(args[2], digits.format(sum), at)
	c.W.Touched(c.DB, h.k)
	h.notify("hincrby")
	c.Reply.Int(sum)
}

func hincrbyfloatCommand(c *Client, args [][]byte) {
	by, ok := parseLongDouble(args[3])
	if !ok {
		c.Error(errNotFloat)
		return
	}
	if by.IsInf() {
		c.Error(errFloatInfinite)
		return
	}
	var h hashView
	found, ok := h.edit(c, c.Key(args, 1))
	if !ok {
		return
	}
	was, at := new(big.Float).SetPrec(longDoublePrecision), int64(0)
	if found {
		v, expireAt, had := h.fetch(args[2])
		found = !h.finish()
		if had {
			if was, ok = parseLongDouble(v.Text(nil)); !ok {
				c.Error(errHashFloat)
				return
			}
			at = expireAt
		}
	}
	sum, finite := addLongDouble(was, by)
	if !finite {
		c.Error(errIncrNaN)
		return
	}
	text := appendLongDouble(nil, sum)
	if !found {
		h.make(c, c.Key(args, 1))
	}
	h.set(args[2], text, at)
	c.W.Touched(c.DB, h.k)
	h.notify("hincrbyfloat")
	c.effect("HSET", h.k.Name, args[2], text)
	c.Reply.Bulk(text)
}
