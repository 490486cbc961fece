package command

import (
	"math/bits"

	"github.com/crucible-cache/crucible/internal/keyspace"
)

// Bits are numbered from the highest of the first byte on.

// parseBitOffset reads the number of a bit, which lies within the longest string
// there may be.
func (c *Client) parseBitOffset(b []byte) (offset int64, ok bool) {
	offset, ok = parseInt(b)
	return offset, ok && c.bitOffsetFits(offset)
}

func (c *Client) bitOffsetFits(offset int64) bool {
	return offset >= 0 && offset>>3 < c.W.Server.Params.ProtoMaxBulkLen()
}

func getbitCommand(c *Client, args [][]byte) {
	offset, ok := c.parseBitOffset(args[2])
	if !ok {
		c.Error(errBitOffset)
		return
	}
	it, found, ok := c.readString(c.Key(args, 1))
	switch {
	case !ok:
	case found:
		c.Reply.Int(int64(bitAt(it.Value(), offset)))
	default:
		c.Reply.Int(0)
	}
}

// bitAt returns a bit of value, which goes on with zeros.
func bitAt(value []byte, offset int64) byte {
	if at := offset >> 3; at < int64(len(value)) {
		return value[at] >> (7 - offset&7) & 1
	}
	return 0
}

func setbitCommand(c *Client, args [][]byte) {
	offset, ok := c.parseBitOffset(args[2])
	if !ok {
		c.Error(errBitOffset)
		return
	}
	bit, ok := parseInt(args[3])
	if !ok || bit&^1 != 0 {
		c.Error(errBitValue)
		return
	}
	k := c.Key(args, 1)
	it, found, ok := c.peekString(k)
	if !ok {
		return
	}
	was := byte(0)
	if found {
		was = bitAt(it.Value(), offset)
	}
	at := offset >> 3
	changes := was != byte(bit) || !found || at >= int64(len(it.Value()))
	if changes || !inPlace(it) {
		value := c.growString(k, it, int(at)+1)
		value[at] ^= (was ^ byte(bit)) << (7 - offset&7)
	}
	if changes {
		c.W.Touched(c.DB, k)
		c.notify(keyspace.StringEvent, "setbit", k)
	}
	c.Reply.Int(int64(was))
}

// rawLength is the length from which on a string that isn't an integer counts as
// raw, however it was built.
const rawLength = 45

// inPlace reports whether a string is one that is changed in place, so that
// there is nothing to be done for a command that changes nothing.
func inPlace(it keyspace.Item) bool {
	return it.Encoding() == keyspace.EncodingRaw || len(it.Value()) >= rawLength
}

// growString makes the string that it is at least n bytes long, fills it with zeros, and returns
// it to be written to, which Touched is called for if that changes anything. it is
// empty for a key that is absent.
func (c *Client) growString(k keyspace.Key, it keyspace.Item, n int) []byte {
	o := keyspace.Options{Encoding: keyspace.EncodingRaw}
	if it.Pointer() != nil {
		n, o = max(n, len(it.Value())), edited(it)
	}
	return c.W.Edit(c.DB, k, n, o)
}

// bitRange is a part of a string that BITCOUNT and BITPOS look at: from the bit
// first up to, not including, end.
type bitRange struct{ first, end int64 }

// rangeArguments are the arguments that give such a range.
type rangeArguments struct {
	start, end int64
	unit       int64 // bits
}

const (
	unitByte = 8
	unitBit  = 1
)

// parseBitUnit reads BYTE or BIT.
func (c *Client) parseBitUnit(word []byte) (unit int64, ok bool) {
	switch {
	case equalName(word, "bit"):
		return unitBit, true
	case equalName(word, "byte"):
		return unitByte, true
	}
	c.Error(errSyntax)
	return 0, false
}

// of returns the range in a string of n bytes; negative positions count from
// its end.
func (r rangeArguments) of(n int) bitRange {
	total := int64(n) * 8 / r.unit
	start, end := r.start, r.end
	if start < 0 {
		start = max(total+start, 0)
	}
	if end < 0 {
		end = max(total+end, 0)
	}
	end = min(end, total-1)
	if start > end {
		return bitRange{}
	}
	return bitRange{start * r.unit, (end + 1) * r.unit}
}

func bitcountCommand(c *Client, args [][]byte) {
	r := rangeArguments{end: -1, unit: unitByte}
	if len(args) != 2 && !r.parseCount(c, args[2:]) {
		return
	}
	it, found, ok := c.readString(c.Key(args, 1))
	switch {
	case !ok:
	case !found, r.start < 0 && r.end < 0 && r.start > r.end:
		c.Reply.Int(0)
	default:
		c.Reply.Int(countBits(it.Value(), r.of(len(it.Value()))))
	}
}

// parseCount reads the range of BITCOUNT.
func (r *rangeArguments) parseCount(c *Client, words [][]byte) (ok bool) {
	if len(words) < 2 || len(words) > 3 {
		c.Error(errSyntax)
		return false
	}
	var startOK, endOK bool
	r.start, startOK = parseInt(words[0])
	r.end, endOK = parseInt(words[1])
	if !startOK || !endOK {
		c.Error(errNotInteger)
		return false
	}
	if len(words) == 3 {
		r.unit, ok = c.parseBitUnit(words[2])
		return ok
	}
	return true
}

// countBits counts the bits that are set.
func countBits(value []byte, r bitRange) int64 {
	if r.first >= r.end {
		return 0
	}
	first, last := r.first>>3, (r.end-1)>>3
	n := countOnes(value[first : last+1])
	n -= bits.OnesCount8(value[first] &^ (0xff >> (r.first & 7)))
	n -= bits.OnesCount8(value[last] &^ (0xff << (7 - (r.end-1)&7)))
	return int64(n)
}
