package command

import "github.com/crucible-cache/crucible/internal/acl"

// killFilter says which clients CLIENT KILL means. What is not given is nil, 0
// or false.
type killFilter struct {
	addr, laddr []byte
	id          int64
	account     *acl.Account
	maxageSec   int64
	class       Class
	classed     bool // class is given
	skipMe      bool
}

func clientKillCommand(c *Client, args [][]byte) {
	f := killFilter{addr: args[2]}
	if len(args) > 3 {
		var ok bool
		if f, ok = c.parseKill(args); !ok {
			return
		}
	}
	killed := 0
	for _, other := range c.W.Server.Clients.snapshot() {
		if !f.matches(other, c) {
			continue
		}
		killed++
		c.disconnect(other)
	}
	switch {
	case len(args) > 3:
		c.Reply.Int(int64(killed))
	case killed == 0:
		c.Error(errNoClient)
	default:
		c.Reply.SimpleString("OK")
	}
}

// disconnect ends a client: another one at once, itself when it has its reply.
func (c *Client) disconnect(other *Client) {
	if other == c {
		c.Closing = true
		return
	}
	c.W.Server.Clients.remove(other)
	other.Peer.Post(func() { other.Killed = true })
}

func (c *Client) parseKill(args [][]byte) (killFilter, bool) {
	f := killFilter{skipMe: true}
	for i := 2; i < len(args); i += 2 {
		if i+1 == len(args) {
			c.Error(errSyntax)
			return f, false
		}
		if problem := c.parseKillOption(&f, args[i], args[i+1]); problem != "" {
			c.Error(problem)
			return f, false
		}
	}
	return f, true
}

// parseKillOption reads one option and its value, and returns the error there
// is, "" if there is none.
func (c *Client) parseKillOption(f *killFilter, option, value []byte) string {
	n, isInt := parseInt(value)
	switch {
	case equalName(option, "id"):
		if !isInt || n < 1 {
			return errClientIDRange
		}
		f.id = n
	case equalName(option, "maxage"):
		if !isInt {
			return errMaxage
		}
		if n <= 0 {
			return errMaxageRange
		}
		f.maxageSec = n
	case equalName(option, "type"):
		class, known := parseClass(value)
		if !known {
			return errUnknownKind(value)
		}
		f.class, f.classed = class, true
	case equalName(option, "addr"):
		f.addr = value
	case equalName(option, "laddr"):
		f.laddr = value
	case equalName(option, "user"):
		if f.account = c.W.Server.Users.Get(value); f.account == nil {
			return "ERR No such user '" + printed(value, len(value)) + "'"
		}
	case equalName(option, "skipme") && equalName(value, "yes"):
		f.skipMe = true
	case equalName(option, "skipme") && equalName(value, "no"):
		f.skipMe = false
	default:
		return errSyntax
	}
	return ""
}

// matches reports whether the filter means other, when me asks.
func (f *killFilter) matches(other, me *Client) bool {
	switch {
	case f.addr != nil && string(f.addr) != other.Peer.RemoteAddr(),
		f.laddr != nil && string(f.laddr) != other.Peer.LocalAddr(),
		f.id != 0 && f.id != other.ID,
		f.account != nil && f.account != other.seen.account.Load(),
		f.maxageSec != 0 && (me.W.NowMS/1000-other.seen.startedMS/1000) < f.maxageSec,
		f.classed && other.Class() != f.class,
		f.skipMe && other == me:
		return false
	}
	return true
}
