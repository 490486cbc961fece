package command

import (
	"math"
	"math/big"

	"github.com/crucible-cache/crucible/internal/keyspace"
)

func incrCommand(c *Client, args [][]byte) { c.addTo(c.Key(args, 1), 1) }

func decrCommand(c *Client, args [][]byte) { c.addTo(c.Key(args, 1), -1) }

func incrbyCommand(c *Client, args [][]byte) {
	by, ok := parseInt(args[2])
	if !ok {
		c.Error(errNotInteger)
		return
	}
	c.addTo(c.Key(args, 1), by)
}

func decrbyCommand(c *Client, args [][]byte) {
	by, ok := parseInt(args[2])
	switch {
	case !ok:
		c.Error(errNotInteger)
	case by == math.MinInt64: // its negative is not an int64
		c.Error(errDecrOverflow)
	default:
		c.addTo(c.Key(args, 1), -by)
	}
}

// addTo adds to the integer that a key holds, an absent one holding 0.
func (c *Client) addTo(k keyspace.Key, by int64) {
	it, found, ok := c.peekString(k)
	if !ok {
		return
	}
	var old int64
	if found {
		if old, ok = parseInt(it.Value()); !ok {
			c.Error(errNotInteger)
			return
		}
	}
	sum, ok := addInt(old, by)
	if !ok {
		c.Error(errOverflow)
		return
	}
	var text intText
	c.rewrite(k, it, found, text.format(sum), keyspace.EncodingAuto)
	c.notify(keyspace.StringEvent, "incrby", k)
	c.Reply.Int(sum)
}

func incrbyfloatCommand(c *Client, args [][]byte) {
	k := c.Key(args, 1)
	it, found, ok := c.peekString(k)
	if !ok {
		return
	}
	old := new(big.Float).SetPrec(longDoublePrecision)
	if found {
		old, ok = parseLongDouble(it.Value())
	}
	by, byOK := parseLongDouble(args[2])
	if !ok || !byOK {
		c.Error(errNotFloat)
		return
	}
	sum, ok := addLongDouble(old, by)
	if !ok {
		c.Error(errIncrNaN)
		return
	}
	text := appendLongDouble(nil, sum)
	c.rewrite(k, it, found, text, keyspace.EncodingText)
	c.notify(keyspace.StringEvent, "incrbyfloat", k)
	c.effect("SET", k.Name, text, []byte("KEEPTTL"))
	c.Reply.Bulk(text)
}

// rewrite gives a key a new value and leaves all else that its item carries.
func (c *Client) rewrite(k keyspace.Key, it keyspace.Item, found bool, value []byte, e keyspace.Encoding) {
	o := keyspace.Options{Encoding: e}
	if found {
		o.KeepTTL, o.Flags = true, it.Flags()
	}
	c.W.Set(c.DB, k, value, o)
}
