package acl

import (
	"bytes"
	"slices"

	"github.com/crucible-cache/crucible/internal/glob"
)

// Reason says what a request lacks. Of several selectors that refuse a request
// the greatest reason is reported.
type Reason uint8

// The reasons.
const (
	Allowed Reason = iota
	DeniedCommand
	DeniedKey
	DeniedAuth // of the log: wrong user or password
	DeniedChannel
)

// String returns the reason as the log shows it.
func (r Reason) String() string {
	return [...]string{"", "command", "key", "auth", "channel"}[r]
}

// KeyUse is a key of a request, by its position among the arguments, and what
// is done with it.
type KeyUse struct {
	At    int
	Wants Permission
}

// ChannelUse is a channel of a request, by its position among the arguments.
type ChannelUse struct {
	At      int
	Pattern bool // it is a pattern of channels
}

// Request is what a check looks at.
type Request struct {
	Command  int
	Exempt   bool // needs no permission for the command itself
	Args     [][]byte
	FirstArg int // the position of what a rule +command|word is about
	Keys     []KeyUse
	Channels []ChannelUse
}

// Check reports why the user may not do what is requested, and the position of
// the argument that is refused.
func (u *User) Check(r *Request) (reason Reason, at int) {
	for i := range u.selectors {
		why, where := u.selectors[i].check(r)
		if why == Allowed {
			return Allowed, 0
		}
		if why > reason || why == reason && where > at {
			reason, at = why, where
		}
	}
	return reason, at
}

// CheckAllKeys reports whether the user may do what is requested, and whatever
// wants says with every key there is besides.
func (u *User) CheckAllKeys(r *Request, wants Permission) bool {
	return slices.ContainsFunc(u.selectors, func(s selector) bool {
		why, _ := s.check(r)
		return why == Allowed && s.allowsEveryKey(wants)
	})
}

func (s *selector) check(r *Request) (Reason, int) {
	if !s.allowsCommand(r) {
		return DeniedCommand, 0
	}
	for _, k := range r.Keys {
		if !s.allowsKey(r.Args[k.At], k.Wants) {
			return DeniedKey, k.At
		}
	}
	for _, c := range r.Channels {
		if !s.allowsChannel(r.Args[c.At], c.Pattern) {
			return DeniedChannel, c.At
		}
	}
	return Allowed, 0
}

func (s *selector) allowsCommand(r *Request) bool {
	if s.allCommands || r.Exempt || s.commands.has(r.Command) {
		return true
	}
	words := s.firstArgs[r.Command]
	if len(words) == 0 || r.FirstArg >= len(r.Args) {
		return false
	}
	return slices.Contains(words, string(bytes.ToLower(r.Args[r.FirstArg])))
}

func (s *selector) allowsKey(key []byte, wants Permission) bool {
	return s.allKeys || slices.ContainsFunc(s.keys, func(p keyPattern) bool {
		return p.allows&wants == wants && glob.Match([]byte(p.glob), key)
	})
}

func (s *selector) allowsEveryKey(wants Permission) bool {
	return s.allKeys || slices.ContainsFunc(s.keys, func(p keyPattern) bool {
		return p.allows&wants == wants && p.glob == "*"
	})
}

// allowsChannel: a pattern of channels is allowed when it is written exactly as
// in a rule, for what it will match cannot be compared.
func (s *selector) allowsChannel(name []byte, pattern bool) bool {
	return s.allChannels || slices.ContainsFunc(s.channels, func(allowed string) bool {
		if pattern {
			return allowed == string(name)
		}
		return glob.Match([]byte(allowed), name)
	})
}

// AllowsEveryChannel reports whether no channel is refused.
func (u *User) AllowsEveryChannel() bool {
	return slices.ContainsFunc(u.selectors, func(s selector) bool { return s.allChannels })
}

// AllowsChannel reports whether the user may subscribe to a channel or, if
// pattern is set, to a pattern of channels. A subscription ends when that
// changes.
func (u *User) AllowsChannel(name []byte, pattern bool) bool {
	return slices.ContainsFunc(u.selectors, func(s selector) bool { return s.allowsChannel(name, pattern) })
}
