package command

import "github.com/crucible-cache/crucible/internal/keyspace"

// The replies of TTL and its relatives that are no times.
const (
	ttlNoKey = -2
	ttlNever = -1
)

func ttlCommand(c *Client, args [][]byte) {
	c.replyExpiry(args, func(at, nowMS int64) int64 { return seconds(max(at-nowMS, 0)) })
}

func pttlCommand(c *Client, args [][]byte) {
	c.replyExpiry(args, func(at, nowMS int64) int64 { return max(at-nowMS, 0) })
}

func expiretimeCommand(c *Client, args [][]byte) {
	c.replyExpiry(args, func(at, _ int64) int64 { return seconds(at) })
}

func pexpiretimeCommand(c *Client, args [][]byte) {
	c.replyExpiry(args, func(at, _ int64) int64 { return at })
}

// replyExpiry replies with what of makes of the expiry of a key, if it has one.
func (c *Client) replyExpiry(args [][]byte, of func(at, nowMS int64) int64) {
	it, found := c.getUntouched(c.Key(args, 1))
	switch {
	case !found:
		c.Reply.Int(ttlNoKey)
	case it.ExpireAt() == 0:
		c.Reply.Int(ttlNever)
	default:
		c.Reply.Int(of(it.ExpireAt(), c.W.NowMS))
	}
}

// seconds rounds milliseconds, which are not negative, to the nearest second.
func seconds(ms int64) int64 {
	return int64((uint64(ms) + 500) / 1000)
}

func persistCommand(c *Client, args [][]byte) {
	k := c.Key(args, 1)
	it, found := c.W.Peek(c.DB, k)
	if !found || it.ExpireAt() == 0 {
		c.Reply.Int(0)
		return
	}
	c.W.SetExpire(c.DB, k, it, 0)
	c.notify(keyspace.GenericEvent, "persist", k)
	c.Reply.Int(1)
}
