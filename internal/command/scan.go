package command

import (
	"github.com/tidwall/redcon"

	"github.com/crucible-cache/crucible/internal/glob"
	"github.com/crucible-cache/crucible/internal/keyspace"
)

// About how many items SCAN looks at in one call: without COUNT, and with any.
const (
	scanCountDefault = 10
	scanCountMax     = 1 << 30
)

// scanFilter is what KEYS and SCAN want to see.
type scanFilter struct {
	pattern  []byte // nil for any name
	typeName []byte // nil for any type
}

func (f *scanFilter) setPattern(p []byte) {
	f.pattern = p
	if string(p) == "*" {
		f.pattern = nil
	}
}

func (f *scanFilter) passes(it keyspace.Item) bool {
	return (f.typeName == nil || equalName(f.typeName, typeName(it.Type()))) &&
		(f.pattern == nil || glob.Match(f.pattern, it.Name()))
}

// nameList collects the names of items as replies. They have to be copied while
// their shard is locked, and counted before the first of them is sent.
type nameList struct {
	text  []byte // bulk strings
	count int
}

func (l *nameList) add(name []byte) {
	l.text = redcon.AppendBulk(l.text, name)
	l.count++
}

func (c *Client) replyNames(l *nameList) {
	c.Reply.ArrayLen(l.count)
	c.Reply.Out.Write(l.text)
}

func keysCommand(c *Client, args [][]byte) {
	var filter scanFilter
	filter.setPattern(args[1])
	var list nameList
	c.W.Each(c.DB, func(it keyspace.Item) bool {
		if filter.passes(it) {
			list.add(it.Name())
		}
		return true
	})
	c.replyNames(&list)
}

func scanCommand(c *Client, args [][]byte) {
	cursor, ok := parseUnsigned(args[1])
	if !ok {
		c.Error(errCursor)
		return
	}
	var filter scanFilter
	count, ok := c.parseScan(args[2:], &filter)
	if !ok {
		return
	}
	var list nameList
	cursor = c.W.Scan(c.DB, cursor, count, func(it keyspace.Item) {
		if filter.passes(it) {
			list.add(it.Name())
		}
	})
	c.replyScan(cursor, &list)
}

// parseScan reads the options of SCAN. A type there is not is no error: nothing
// is of that type.
func (c *Client) parseScan(options [][]byte, filter *scanFilter) (count int, ok bool) {
	count = scanCountDefault
	for ; len(options) > 0; options = options[2:] {
		word, more := options[0], len(options) > 1
		switch {
		case more && equalName(word, "count"):
			n, ok := parseInt(options[1])
			if !ok {
				c.Error(errNotInteger)
				return 0, false
			}
			if n < 1 {
				c.Error(errSyntax)
				return 0, false
			}
			count = int(min(n, scanCountMax))
		case more && equalName(word, "match"):
			filter.setPattern(options[1])
		case more && equalName(word, "type"):
			filter.typeName = options[1]
		case equalName(word, "novalues"):
			c.Error(errNoValues)
			return 0, false
		default:
			c.Error(errSyntax)
			return 0, false
		}
	}
	return count, true
}
