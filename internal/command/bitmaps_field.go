package command

import "github.com/crucible-cache/crucible/internal/keyspace"

// fieldAction is what an operation of BITFIELD does.
type fieldAction uint8

const (
	fieldGet fieldAction = iota
	fieldSet
	fieldIncrBy
)

// fieldOperation is one operation of BITFIELD.
type fieldOperation struct {
	action   fieldAction
	overflow fieldOverflow
	kind     fieldKind
	offset   int64 // the field's first bit
	number   int64 // to set, or to add
}

func bitfieldCommand(c *Client, args [][]byte) { c.bitfield(args, false) }

func bitfieldRoCommand(c *Client, args [][]byte) { c.bitfield(args, true) }

// bitfield reads all operations before it carries out the first, so that one
// that is wrong changes nothing.
func (c *Client) bitfield(args [][]byte, readOnly bool) {
	operations, end, ok := c.parseFieldOperations(args[2:])
	if !ok {
		return
	}
	k := c.Key(args, 1)
	if end == 0 {
		it, found, ok := c.readString(k)
		if !ok {
			return
		}
		var value []byte
		if found {
			value = it.Value()
		}
		c.Reply.ArrayLen(len(operations))
		for i := range operations {
			c.Reply.Int(operations[i].kind.read(value, operations[i].offset))
		}
		return
	}
	if readOnly {
		c.Error(errFieldReadOnly)
		return
	}
	if it, found, ok := c.peekString(k); ok {
		c.writeFields(k, it, found, int((end+7)/8), operations)
	}
}

// writeFields carries out operations on a string that is made n bytes long if it
// is shorter. One that stays as it is counts as not written to.
func (c *Client) writeFields(k keyspace.Key, it keyspace.Item, found bool, n int, operations []fieldOperation) {
	var value []byte
	if found {
		value = it.Value()
	}
	fits := n <= len(value) && inPlace(it)
	grows, changed := n > len(value) || !found, false
	if !fits {
		value = c.growString(k, it, n)
	}
	c.Reply.ArrayLen(len(operations))
	for i := range operations {
		op := &operations[i]
		was := op.kind.read(value, op.offset)
		if op.action == fieldGet {
			c.Reply.Int(was)
			continue
		}
		now, done := op.result(was)
		if !done {
			c.Reply.Null()
			continue
		}
		changed = changed || grows || now != was
		op.kind.write(value, op.offset, now)
		if op.action == fieldSet {
			c.Reply.Int(was)
		} else {
			c.Reply.Int(now)
		}
	}
	if changed {
		c.W.Touched(c.DB, k)
		c.notify(keyspace.StringEvent, "setbit", k)
	}
}

// result returns what a field that holds was is to hold. done is false if that
// overflows and the operation is to fail then.
func (op *fieldOperation) result(was int64) (now int64, done bool) {
	if op.action == fieldSet {
		return op.kind.add(op.number, 0, op.overflow)
	}
	return op.kind.add(was, op.number, op.overflow)
}

// parseFieldOperations reads the operations of BITFIELD and returns them with the bit
// behind the last field that is written to, 0 if none is.
func (c *Client) parseFieldOperations(words [][]byte) (operations []fieldOperation, end int64, ok bool) {
	operations = make([]fieldOperation, 0, len(words)/3)
	overflow := overflowWrap
	for len(words) > 0 {
		if equalName(words[0], "overflow") && len(words) > 1 {
			if overflow = fieldOverflowNamed(words[1]); overflow == overflowUnknown {
				c.Error(errFieldOverflow)
				return nil, 0, false
			}
			words = words[2:]
			continue
		}
		op, n, ok := c.parseFieldOperation(words)
		if !ok {
			return nil, 0, false
		}
		op.overflow = overflow
		operations, words = append(operations, op), words[n:]
		if op.action != fieldGet {
			end = max(end, op.offset+int64(op.kind.bits))
		}
	}
	return operations, end, true
}

// parseFieldOperation reads one operation, of n words.
func (c *Client) parseFieldOperation(words [][]byte) (op fieldOperation, n int, ok bool) {
	switch {
	case equalName(words[0], "get") && len(words) > 2:
		n = 3
	case equalName(words[0], "set") && len(words) > 3:
		op.action, n = fieldSet, 4
	case equalName(words[0], "incrby") && len(words) > 3:
		op.action, n = fieldIncrBy, 4
	default:
		c.Error(errSyntax)
		return op, 0, false
	}
	if op.kind, ok = parseFieldKind(words[1]); !ok {
		c.Error(errFieldType)
		return op, 0, false
	}
	if op.offset, ok = c.parseFieldOffset(words[2], op.kind); !ok {
		c.Error(errBitOffset)
		return op, 0, false
	}
	if op.action != fieldGet {
		if op.number, ok = parseInt(words[3]); !ok {
			c.Error(errNotInteger)
			return op, 0, false
		}
	}
	return op, n, true
}

// parseFieldOffset reads where a field begins: a bit, or behind # a number of
// fields of its size. A product beyond 64 bits wraps, as in the reference server.
func (c *Client) parseFieldOffset(b []byte, kind fieldKind) (offset int64, ok bool) {
	if len(b) == 0 || b[0] != '#' {
		return c.parseBitOffset(b)
	}
	n, ok := parseInt(b[1:])
	offset = n * int64(kind.bits)
	return offset, ok && c.bitOffsetFits(offset)
}

// bitfieldKeyFlags says how a BITFIELD uses its key: one that only gets, and is
// well-formed, doesn't write.
func bitfieldKeyFlags(args [][]byte) string {
	const reads, writes = "RO access", "RW access update"
	for words := args[2:]; len(words) > 0; {
		switch {
		case equalName(words[0], "get") && len(words) > 2:
			words = words[3:]
		case equalName(words[0], "overflow") && len(words) > 1:
			words = words[2:]
		default:
			return writes
		}
	}
	return reads
}
