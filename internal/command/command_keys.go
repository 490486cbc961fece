package command

import "strings"

func commandGetkeysCommand(c *Client, args [][]byte) {
	found, ok := c.findKeys(args[2:])
	if !ok {
		return
	}
	c.Reply.ArrayLen(len(found))
	for _, k := range found {
		c.Reply.Bulk(k.name)
	}
}

func commandGetkeysandflagsCommand(c *Client, args [][]byte) {
	found, ok := c.findKeys(args[2:])
	if !ok {
		return
	}
	c.Reply.ArrayLen(len(found))
	for _, k := range found {
		c.Reply.ArrayLen(2)
		c.Reply.Bulk(k.name)
		c.replyStatuses(strings.Fields(k.flags), "")
	}
}

// foundKey is a key of a request and how the command uses it.
type foundKey struct {
	name  []byte
	flags string
}

// findKeys returns the keys of a request, and replies with an error if it has
// none or isn't one.
func (c *Client) findKeys(request [][]byte) ([]foundKey, bool) {
	s := c.W.Server.Table.resolve(request)
	switch {
	case s == nil:
		c.Error(errNoCommand)
		return nil, false
	case len(s.Keys) == 0, s.Keys[0].Flags == notKey:
		c.Error(errNoKeyArguments)
		return nil, false
	case !s.arityFits(len(request)):
		c.Error(errCommandArity)
		return nil, false
	}
	if s.lacksKeys(request) || s.miscounts(request) {
		c.Error(errKeyArguments)
		return nil, false
	}
	var found []foundKey
	s.eachUse(request, func(at int, flags string) {
		// What Find finds is complete, whatever a spec by itself can say.
		found = append(found, foundKey{request[at], strings.TrimSuffix(flags, " incomplete")})
	})
	if found == nil && s.Flags&NoMandatoryKeys == 0 {
		c.Error(errKeyArguments)
		return nil, false
	}
	return found, true
}

// setKeyFlags says how a SET uses its key, which depends on the option GET.
func setKeyFlags(args [][]byte) string {
	for _, a := range args[3:] {
		if equalName(a, "get") {
			return "RW access update"
		}
	}
	return "OW update"
}
