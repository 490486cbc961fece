package command

import (
	"crypto/rand"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/crucible-cache/crucible/internal/acl"
	"github.com/crucible-cache/crucible/internal/pubsub"
)

func aclCatCommand(c *Client, args [][]byte) {
	switch len(args) {
	case 2:
		c.Reply.ArrayLen(len(categoryNames))
		for _, name := range categoryNames {
			c.Reply.BulkString(name)
		}
	case 3:
		category := strings.ToLower(string(args[2]))
		if !slices.Contains(categoryNames, category) {
			c.Error("ERR Unknown category '" + printed(args[2], quotedBytes) + "'")
			return
		}
		c.replyBulks(c.W.Server.Table.names(func(s *Spec) bool { return slices.Contains(s.categories(), category) }))
	default:
		c.Error(errSubcommandSyntax("ACL", args))
	}
}

func aclWhoamiCommand(c *Client, _ [][]byte) { c.Reply.BulkString(c.account.Name) }

func aclUsersCommand(c *Client, _ [][]byte) {
	all := c.W.Server.Users.All()
	c.Reply.ArrayLen(len(all))
	for _, a := range all {
		c.Reply.BulkString(a.Name)
	}
}

func aclListCommand(c *Client, _ [][]byte) { c.replyBulks(c.W.Server.Users.Lines()) }

func (c *Client) replyBulks(texts []string) {
	c.Reply.ArrayLen(len(texts))
	for _, text := range texts {
		c.Reply.BulkString(text)
	}
}

func aclSetuserCommand(c *Client, args [][]byte) {
	name := string(args[2])
	if !acl.ValidName(name) {
		c.Error(errUsername)
		return
	}
	var rules []string
	for _, a := range args[3:] {
		rules = append(rules, string(a))
	}
	users := c.W.Server.Users
	if err := users.Set(name, rules); err != nil {
		c.Error("ERR " + err.Error())
		return
	}
	c.silence(users.Get(args[2]))
	c.Reply.SimpleString("OK")
}

func aclDeluserCommand(c *Client, args [][]byte) {
	names := args[2:]
	if slices.ContainsFunc(names, func(name []byte) bool { return string(name) == acl.DefaultUser }) {
		c.Error("ERR " + acl.ErrDefaultUser.Error())
		return
	}
	var gone []*acl.Account
	for _, name := range names {
		if a, _ := c.W.Server.Users.Delete(string(name)); a != nil {
			gone = append(gone, a)
		}
	}
	c.disconnectUsers(gone)
	c.Reply.Int(int64(len(gone)))
}

// disconnectUsers ends the connections of users that are gone.
func (c *Client) disconnectUsers(gone []*acl.Account) {
	if len(gone) == 0 {
		return
	}
	for _, other := range c.W.Server.Clients.snapshot() {
		if slices.Contains(gone, other.seen.account.Load()) {
			c.disconnect(other)
		}
	}
}

// silence ends the connections of a user who listen to what the user no longer
// may. Every client has to look for itself, after what it does at the moment,
// which may be to subscribe.
func (c *Client) silence(changed ...*acl.Account) {
	changed = slices.DeleteFunc(changed, func(a *acl.Account) bool { return a == nil || a.User().AllowsEveryChannel() })
	if len(changed) == 0 {
		return
	}
	for _, other := range c.W.Server.Clients.snapshot() {
		a := other.seen.account.Load()
		switch {
		case !slices.Contains(changed, a):
		case other == c:
			c.Closing = c.Closing || !c.mayListen(a.User())
		default:
			other.Peer.Post(func() { other.Killed = other.Killed || !other.mayListen(a.User()) })
		}
	}
}

// mayListen reports whether a user may listen to all that the client does.
func (c *Client) mayListen(u *acl.User) bool {
	if c.subs == nil {
		return true
	}
	for k, topics := range c.subs.topics {
		for name := range topics {
			if !u.AllowsChannel([]byte(name), pubsub.Kind(k) == pubsub.Pattern) {
				return false
			}
		}
	}
	return true
}

func aclGetuserCommand(c *Client, args [][]byte) {
	a := c.W.Server.Users.Get(args[2])
	if a == nil {
		c.Reply.Null()
		return
	}
	u, r := a.User(), &c.Reply
	selectors := u.Selectors()
	flags := u.Flags()
	r.MapLen(6)
	r.BulkString("flags")
	r.SetLen(len(flags))
	for _, flag := range flags {
		r.BulkString(flag)
	}
	r.BulkString("passwords")
	c.replyBulks(u.Passwords())
	c.replySelector(selectors[0])
	r.BulkString("selectors")
	r.ArrayLen(len(selectors) - 1)
	for _, s := range selectors[1:] {
		r.MapLen(3)
		c.replySelector(s)
	}
}

// replySelector replies with three fields of a map.
func (c *Client) replySelector(s acl.SelectorText) {
	c.replyField("commands", s.Commands)
	c.replyField("keys", s.Keys)
	c.replyField("channels", s.Channels)
}

// The bits of a password: by default, and at most.
const (
	passwordBits    = 256
	passwordBitsMax = 4096
)

func aclGenpassCommand(c *Client, args [][]byte) {
	bits := int64(passwordBits)
	switch len(args) {
	case 2:
	case 3:
		var ok bool
		if bits, ok = parseInt(args[2]); !ok {
			c.Error(errNotInteger)
			return
		}
		if bits <= 0 || bits > passwordBitsMax {
			c.Error(errPasswordBits)
			return
		}
	default:
		c.Error(errSubcommandSyntax("ACL", args))
		return
	}
	var random [passwordBitsMax / 8]byte
	_, _ = rand.Read(random[:]) // never fails
	c.Reply.BulkString(hex.EncodeToString(random[:])[:(bits+3)/4])
}

func aclDryrunCommand(c *Client, args [][]byte) {
	a, request := c.W.Server.Users.Get(args[2]), args[3:]
	if a == nil {
		c.Error("ERR User '" + printed(args[2], len(args[2])) + "' not found")
		return
	}
	s := c.W.Server.Table.resolve(request)
	switch {
	case s == nil:
		c.Error("ERR Command '" + printed(request[0], len(request[0])) + "' not found")
		return
	case !s.arityFits(len(request)):
		c.Error(errArity(s.fullname))
		return
	}
	reason, at := a.User().Check(c.W.request(s, request))
	if reason == acl.Allowed {
		c.Reply.SimpleString("OK")
		return
	}
	c.Reply.BulkString(denial(reason, a.Name, s, request[at], true))
}
