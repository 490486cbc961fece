package command

import (
	"strings"
	"sync/atomic"

	"github.com/crucible-cache/crucible/internal/acl"
)

// never is the flag that a client goes by whose requests must all be checked.
var never atomic.Bool

// keptUses bounds the scratch memory of checks that a worker keeps, in keys.
const keptUses = 1 << 10

// catalogue makes what access rules know of the commands: the number of a
// command there is its position in the table.
func (t *Table) catalogue() *acl.Catalogue {
	commands := make([]acl.Command, len(t.all))
	for i, s := range t.all {
		commands[i] = acl.Command{Name: strings.ToLower(s.fullname), Parent: -1, Categories: s.categories()}
		if s.parent != nil {
			commands[i].Parent = s.parent.index
		}
	}
	return acl.NewCatalogue(commands, categoryNames)
}

// become makes the client one of a user's. Until it is authenticated its
// requests are those of the default user, as far as they are allowed at all.
func (c *Client) become(a *acl.Account, authenticated bool) {
	c.account, c.authenticated, c.unchecked = a, authenticated, &never
	if authenticated {
		c.unchecked = &a.Unlimited
	}
	c.seen.account.Store(a)
	if a.Gone() {
		// Whoever deleted the user may have looked for its clients already.
		c.Killed = true
	}
}

// begin makes the client what a new connection is.
func (c *Client) begin() {
	a := c.W.Server.Users.Default()
	c.become(a, a.User().Open())
}

// Authenticated reports whether the client may run commands that need it: it
// has logged in, or nobody has to.
func (c *Client) Authenticated() bool {
	return c.authenticated || c.W.Server.Users.Default().User().Open()
}

// Username returns the name of the user whose permissions the client has.
func (c *Client) Username() string { return c.account.Name }

// barred makes the checks of a request that most clients never need: has the
// client logged in, may its user do this. It returns the error there is, "" if
// there is none.
func (c *Client) barred(s *Spec, args [][]byte) string {
	if s.Flags&NoAuth == 0 && !c.Authenticated() {
		return errNoAuth
	}
	context := acl.TopLevel
	if c.tx.active {
		if s.Flags&(NoMulti|NotQueued) == NoMulti {
			return errNoMulti
		}
		context = acl.InMulti
	}
	if text := c.Refusal(s, args, context); text != "" {
		return "NOPERM " + text
	}
	return ""
}

// Refusal reports why the client's user may not carry out a request, "" if it
// may. It logs that it was tried. The text has no code in front.
func (c *Client) Refusal(s *Spec, args [][]byte, context acl.Context) string {
	reason, at := c.check(s, args, context)
	return denial(reason, c.account.Name, s, args[at], false)
}

// check is Refusal without the words.
func (c *Client) check(s *Spec, args [][]byte, context acl.Context) (acl.Reason, int) {
	if c.account.Unlimited.Load() {
		return acl.Allowed, 0
	}
	reason, at := c.account.User().Check(c.W.request(s, args))
	switch reason {
	case acl.Allowed:
	case acl.DeniedCommand:
		c.logDenied(reason, context, s.fullname, c.account.Name)
	default:
		c.logDenied(reason, context, string(args[at]), c.account.Name)
	}
	return reason, at
}

// Permitted reports whether the client's user may carry out a request, and
// leaves no trace of the question: redis.acl_check_cmd.
func (c *Client) Permitted(s *Spec, args [][]byte) bool {
	if c.account.Unlimited.Load() {
		return true
	}
	reason, _ := c.account.User().Check(c.W.request(s, args))
	return reason == acl.Allowed
}

// readsEveryKey reports whether the client's user may read keys that a request
// finds only while it is carried out.
func (c *Client) readsEveryKey(s *Spec, args [][]byte) bool {
	return c.account.Unlimited.Load() || c.account.User().CheckAllKeys(c.W.request(s, args), acl.Read)
}

func (c *Client) logDenied(reason acl.Reason, context acl.Context, object, username string) {
	var client strings.Builder
	c.describe(&client, c.W.NowMS, nil)
	c.W.Server.Users.Log.Add(acl.Event{
		Reason: reason, Context: context, Object: object, Username: username,
		Client: client.String(), UnixMS: c.W.NowMS,
	})
}

// denial says why a request is refused, "" if it is not: in few words to whoever
// sent it, in more to whoever asks about another user.
func denial(reason acl.Reason, user string, s *Spec, object []byte, verbose bool) string {
	var what string
	switch reason {
	case acl.Allowed:
		return ""
	case acl.DeniedCommand:
		return "User " + user + " has no permissions to run the '" + s.fullname + "' command"
	case acl.DeniedKey:
		what = "key"
	default:
		what = "channel"
	}
	if verbose {
		return "User " + user + " has no permissions to access the '" + string(object) + "' " + what
	}
	return "No permissions to access a " + what
}

// request is what access rules look at in a request. It holds until the next
// call.
func (w *Worker) request(s *Spec, args [][]byte) *acl.Request {
	r := &w.access
	if w.noteUse == nil {
		w.noteUse = r.note
	}
	if cap(r.Keys)+cap(r.Channels) > keptUses {
		r.Keys, r.Channels = nil, nil
	}
	r.Request = acl.Request{
		Command: s.index, Exempt: s.Flags&NoAuth != 0, Args: args, FirstArg: 1,
		Keys: r.Keys[:0], Channels: r.Channels[:0],
	}
	if s.parent != nil {
		r.FirstArg = 2
	}
	s.eachUse(args, w.noteUse)
	r.noteChannels(s.Channels)
	return &r.Request
}

// accessRequest is a request as access rules look at it.
type accessRequest struct{ acl.Request }

// note adds a key.
func (r *accessRequest) note(at int, flags string) {
	if wants, isKey := permission(flags); isKey {
		r.Keys = append(r.Keys, acl.KeyUse{At: at, Wants: wants})
	}
}

// noteChannels adds the channels that a request uses; to stop listening to one
// needs no permission.
func (r *accessRequest) noteChannels(k ChannelSpec) {
	if k.First == 0 || k.Leaves {
		return
	}
	last := k.Last
	if last < 0 {
		last += len(r.Args)
	}
	for at := k.First; at <= last; at++ {
		r.Channels = append(r.Channels, acl.ChannelUse{At: at, Pattern: k.Patterns})
	}
}

// permission returns what the flags of a key spec say is done with the key, and
// whether it is a key at all.
func permission(flags string) (wants acl.Permission, isKey bool) {
	for flags != "" {
		var flag string
		flag, flags, _ = strings.Cut(flags, " ")
		switch flag {
		case "not_key":
			return 0, false
		case "access":
			wants |= acl.Read
		case "insert", "update", "delete":
			wants |= acl.Write
		}
	}
	return wants, true
}
