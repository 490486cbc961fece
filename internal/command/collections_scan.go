package command

import (
	"strconv"

	"github.com/crucible-cache/crucible/internal/glob"
	"github.com/crucible-cache/crucible/internal/keyspace"
	"github.com/crucible-cache/crucible/internal/object"
)

// scanTyped does what HSCAN, SSCAN and ZSCAN have in common: it reads the cursor,
// looks the key up and reads the options, in the reference server's order. ok is
// false if the reply has been made.
func (c *Client) scanTyped(args [][]byte, t keyspace.Type) (k keyspace.Key, it keyspace.Item, cursor uint64, ok bool) {
	if cursor, ok = parseUnsigned(args[2]); !ok {
		c.Error(errCursor)
		return k, it, 0, false
	}
	k = c.Key(args, 1)
	it, found, ok := c.readTyped(k, t)
	if ok && !found {
		c.replyScan(0, &nameList{})
	}
	return k, it, cursor, ok && found
}

// parseElementScan reads the options of HSCAN, SSCAN and ZSCAN. novalues is nil but for HSCAN.
func (c *Client) parseElementScan(options [][]byte, novalues *bool) (filter scanFilter, count int, ok bool) {
	rest := options[:0:0]
	for _, word := range options {
		if novalues != nil && equalName(word, "novalues") {
			*novalues = true
			continue
		}
		rest = append(rest, word)
	}
	if count, ok = c.parseScan(rest, &filter); ok && filter.typeName != nil {
		c.Error(errSyntax)
		ok = false
	}
	return filter, count, ok
}

// matches reports whether the filter lets the name of an element pass.
func (f *scanFilter) matches(name []byte) bool {
	return f.pattern == nil || glob.Match(f.pattern, name)
}

// scanSteps bounds how many steps of a walk one call makes for each element
// that it was asked for.
const scanSteps = 10

func sscanCommand(c *Client, args [][]byte) {
	k, it, cursor, ok := c.scanTyped(args, keyspace.TypeSet)
	if !ok {
		return
	}
	filter, count, ok := c.parseElementScan(args[3:], nil)
	if !ok {
		return
	}
	s := c.openSet(k, it, false)
	var list nameList
	var text [intDigitsMax]byte
	show := func(e object.Elem) bool {
		if m := e.Text(text[:]); filter.matches(m) {
			list.add(m)
		}
		return true
	}
	if s.large == nil {
		cursor = 0
		s.each(show)
	} else {
		cursor = scanTable(s.large, cursor, count, func(e object.Entry) { show(object.Elem{Str: e.Key()}) })
	}
	c.replyScan(cursor, &list)
}

func hscanCommand(c *Client, args [][]byte) {
	k, it, cursor, ok := c.scanTyped(args, keyspace.TypeHash)
	if !ok {
		return
	}
	novalues := false
	filter, count, ok := c.parseElementScan(args[3:], &novalues)
	if !ok {
		return
	}
	h := c.openHash(k, it)
	var list nameList
	var text [intDigitsMax]byte
	show := func(f, v object.Elem, _ int64) bool { //nolint:unparam // each could be stopped
		name := f.Text(text[:])
		if !filter.matches(name) {
			return true
		}
		list.add(name)
		if !novalues {
			list.add(v.Text(text[:]))
		}
		return true
	}
	if h.large == nil {
		cursor = 0
		h.each(show)
	} else {
		cursor = scanTable(h.large, cursor, count, func(e object.Entry) {
			if !h.over(e.ExpireAt()) {
				show(object.Elem{Str: e.Key()}, object.Elem{Str: e.Value()}, 0)
			}
		})
	}
	c.replyScan(cursor, &list)
}

// scanTable visits about count entries of a table from cursor on.
func scanTable(t *object.Table, cursor uint64, count int, visit func(object.Entry)) uint64 {
	seen := 0
	for steps := count * scanSteps; ; steps-- {
		cursor = t.Scan(cursor, func(e object.Entry) {
			seen++
			visit(e)
		})
		if cursor == 0 || seen >= count || steps <= 0 {
			return cursor
		}
	}
}

// replyScan replies with a cursor and what was found on the way to it.
func (c *Client) replyScan(cursor uint64, list *nameList) {
	c.Reply.ArrayLen(2)
	c.Reply.Bulk(strconv.AppendUint(nil, cursor, 10))
	c.replyNames(list)
}
