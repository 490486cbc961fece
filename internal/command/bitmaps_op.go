package command

import (
	"bytes"

	"github.com/crucible-cache/crucible/internal/keyspace"
)

// bitOperation is what BITOP does.
type bitOperation uint8

const (
	bitAnd bitOperation = iota
	bitOr
	bitXor
	bitNot
	bitNone // no such operation
)

func bitOperationNamed(word []byte) bitOperation {
	switch {
	case equalName(word, "and"):
		return bitAnd
	case equalName(word, "or"):
		return bitOr
	case equalName(word, "xor"):
		return bitXor
	case equalName(word, "not"):
		return bitNot
	}
	return bitNone
}

func bitopCommand(c *Client, args [][]byte) {
	op := bitOperationNamed(args[1])
	switch {
	case op == bitNone:
		c.Error(errSyntax)
		return
	case op == bitNot && len(args) != 4:
		c.Error(errBitopNot)
		return
	}
	n, itself := 0, 0 // the longest source; how often the destination is one
	for i := 3; i < len(args); i++ {
		it, found, ok := c.readString(c.Key(args, i))
		if !ok {
			return
		}
		if found {
			n = max(n, len(it.Value()))
		}
		if bytes.Equal(args[i], args[2]) {
			itself++
		}
	}
	if k := c.Key(args, 2); n == 0 {
		c.deleteKey(k)
	} else {
		op.into(c, k, n, itself, args)
		c.notify(keyspace.StringEvent, "set", k)
	}
	c.Reply.Int(int64(n))
}

// into gives key k a value of n bytes, the result. A destination that is a source
// as well begins with its own value, the others with the first source's.
func (op bitOperation) into(c *Client, k keyspace.Key, n, itself int, args [][]byte) {
	raw := keyspace.Options{Encoding: keyspace.EncodingRaw}
	it, found := c.W.Peek(c.DB, k)
	if itself == 0 || !found {
		c.W.Set(c.DB, k, nil, raw)
		it, _ = c.W.Peek(c.DB, k)
	}
	dst := c.W.Resize(c.DB, k, it, n, raw)
	first := 3
	if itself == 0 {
		copy(dst, c.sourceBits(args, first))
		first++
	} else if op == bitXor && itself%2 == 0 {
		clear(dst) // it cancels itself out
	}
	if op == bitNot {
		not(dst)
		return
	}
	for i := first; i < len(args); i++ {
		if bytes.Equal(args[i], args[2]) {
			continue
		}
		switch src := c.sourceBits(args, i); op {
		case bitAnd:
			and(dst, src)
		case bitOr:
			or(dst, src)
		default:
			xor(dst, src)
		}
	}
}

// sourceBits returns the string of a key, nothing if it is absent.
func (c *Client) sourceBits(args [][]byte, i int) []byte {
	if it, found := c.W.Peek(c.DB, c.Key(args, i)); found {
		return it.Value()
	}
	return nil
}
