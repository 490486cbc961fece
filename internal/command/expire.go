package command

import (
	"math"
	"slices"

	"github.com/crucible-cache/crucible/internal/keyspace"
)

func expireCommand(c *Client, args [][]byte)    { c.expire(args, expireEX) }
func pexpireCommand(c *Client, args [][]byte)   { c.expire(args, expirePX) }
func expireatCommand(c *Client, args [][]byte)  { c.expire(args, expireEXAT) }
func pexpireatCommand(c *Client, args [][]byte) { c.expire(args, expirePXAT) }

// expireCondition is the set of options of EXPIRE and its relatives.
type expireCondition uint8

const (
	expireNX expireCondition = 1 << iota // only a key that has no expiry
	expireXX                             // only one that has
	expireGT                             // only to a later time; never is later than any
	expireLT                             // only to an earlier one
)

// parseExpireCondition reads the options. Unlike the reference server's other
// errors, the one for an unknown option quotes it.
func (c *Client) parseExpireCondition(options [][]byte) (cond expireCondition, ok bool) {
	for _, word := range options {
		switch {
		case equalName(word, "nx"):
			cond |= expireNX
		case equalName(word, "xx"):
			cond |= expireXX
		case equalName(word, "gt"):
			cond |= expireGT
		case equalName(word, "lt"):
			cond |= expireLT
		default:
			c.Error(errUnsupportedOption(word))
			return 0, false
		}
	}
	switch {
	case cond&expireNX != 0 && cond != expireNX:
		c.Error(errExpireNX)
		return 0, false
	case cond&expireGT != 0 && cond&expireLT != 0:
		c.Error(errExpireGTLT)
		return 0, false
	}
	return cond, true
}

// allows reports whether an expiry of old, 0 for never, may become at.
func (cond expireCondition) allows(old, at int64) bool {
	switch {
	case old == 0:
		return cond&(expireXX|expireGT) == 0
	case cond&expireNX != 0,
		cond&expireGT != 0 && at <= old,
		cond&expireLT != 0 && at >= old:
		return false
	}
	return true
}

func (c *Client) expire(args [][]byte, unit expireUnit) {
	cond, ok := c.parseExpireCondition(args[3:])
	if !ok {
		return
	}
	number, ok := parseInt(args[2])
	if !ok {
		c.Error(errNotInteger)
		return
	}
	at, ok := absoluteExpiry(number, unit, c.W.NowMS)
	if !ok {
		c.Error(errExpireTime(args[0]))
		return
	}
	k := c.Key(args, 1)
	it, found := c.W.Peek(c.DB, k)
	if !found || !cond.allows(it.ExpireAt(), at) {
		c.Reply.Int(0)
		return
	}
	c.expireKey(k, it, at)
	if c.telling() {
		c.tellExpire(args, unit, k, at)
	}
	c.Reply.Int(1)
}

// tellExpire tells of an expiry with the time that it comes to, and of one that has passed as what it did.
func (c *Client) tellExpire(args [][]byte, unit expireUnit, k keyspace.Key, at int64) {
	switch {
	case at <= c.W.NowMS:
		c.effectDeleted(k, "lazyfree-lazy-expire")
	case unit != expirePXAT:
		rest := slices.Clone(args[1:])
		rest[1] = new(intText).format(at)
		c.effect("PEXPIREAT", rest...)
	}
}

// expireKey sets an expiry, or deletes the key if that has passed.
func (c *Client) expireKey(k keyspace.Key, it keyspace.Item, at int64) {
	if at <= c.W.NowMS {
		c.deleteKey(k)
		return
	}
	c.W.SetExpire(c.DB, k, it, at)
	c.notify(keyspace.GenericEvent, "expire", k)
}

// absoluteExpiry turns an expiry into unix milliseconds; ok is false if that
// doesn't fit. Times in the past, negative ones too, are as good as any.
func absoluteExpiry(n int64, unit expireUnit, nowMS int64) (at int64, ok bool) {
	if unit == expireEX || unit == expireEXAT {
		if n > math.MaxInt64/1000 || n < math.MinInt64/1000 {
			return 0, false
		}
		n *= 1000
	}
	if unit == expireEX || unit == expirePX {
		if n > math.MaxInt64-nowMS {
			return 0, false
		}
		n += nowMS
	}
	return n, true
}
