package command

import (
	"math"

	"github.com/crucible-cache/crucible/internal/acl"
)

// shownDenials is how many entries ACL LOG shows when it is not told.
const shownDenials = 10

func aclLogCommand(c *Client, args [][]byte) {
	log, count := &c.W.Server.Users.Log, int64(shownDenials)
	switch {
	case len(args) > 3:
		c.Error(errSubcommandSyntax("ACL", args))
		return
	case len(args) == 3 && equalName(args[2], "reset"):
		log.Reset()
		c.Reply.SimpleString("OK")
		return
	case len(args) == 3:
		var ok bool
		if count, ok = parseInt(args[2]); !ok {
			c.Error(errNotInteger)
			return
		}
	}
	entries := log.Entries(int(min(max(count, 0), math.MaxInt32)))
	c.Reply.ArrayLen(len(entries))
	for i := range entries {
		c.replyDenial(&entries[i])
	}
}

func (c *Client) replyDenial(e *acl.Entry) {
	r := &c.Reply
	number := func(name string, n int64) {
		r.BulkString(name)
		r.Int(n)
	}
	r.MapLen(10)
	number("count", e.Count)
	c.replyField("reason", e.Reason.String())
	c.replyField("context", string(e.Context))
	c.replyField("object", e.Object)
	c.replyField("username", e.Username)
	r.BulkString("age-seconds")
	r.Double(float64(c.W.NowMS-e.UnixMS) / 1000)
	c.replyField("client-info", e.Client)
	number("entry-id", e.ID)
	number("timestamp-created", e.CreatedMS)
	number("timestamp-last-updated", e.UnixMS)
}
