package command

import "math/bits"

func bitposCommand(c *Client, args [][]byte) {
	bit, ok := parseInt(args[2])
	switch {
	case !ok:
		c.Error(errNotInteger)
		return
	case bit&^1 != 0:
		c.Error(errBitArgument)
		return
	}
	r := rangeArguments{end: -1, unit: unitByte}
	if !r.parsePos(c, args[3:]) {
		return
	}
	it, found, ok := c.readString(c.Key(args, 1))
	switch {
	case !ok:
	case found:
		c.Reply.Int(findBit(it.Value(), byte(bit), r, len(args) > 4))
	default:
		c.Reply.Int(-bit) // zeros without end
	}
}

// parsePos reads the range of BITPOS, which may lack its end.
func (r *rangeArguments) parsePos(c *Client, words [][]byte) (ok bool) {
	if len(words) > 3 {
		c.Error(errSyntax)
		return false
	}
	for i, to := range []*int64{&r.start, &r.end} {
		if i >= len(words) {
			return true
		}
		if *to, ok = parseInt(words[i]); !ok {
			c.Error(errNotInteger)
			return false
		}
		if i == 0 && len(words) == 3 {
			if r.unit, ok = c.parseBitUnit(words[2]); !ok {
				return false
			}
		}
	}
	return true
}

// findBit returns the position of the first bit of that value in the range, -1
// if there is none. A string goes on with zeros, unless the range is given an
// end.
func findBit(value []byte, bit byte, arguments rangeArguments, ended bool) int64 {
	r := arguments.of(len(value))
	if r.first >= r.end {
		return -1
	}
	other := bit - 1 // a byte without a bit of that value: 0xff or 0
	first, last := r.first>>3, (r.end-1)>>3
	for at := first; at <= last; at++ {
		v := value[at] ^ other // the bits sought are the ones set
		if at == first {
			v &= 0xff >> (r.first & 7)
		}
		if at == last {
			v &= 0xff << (7 - (r.end-1)&7)
		}
		if v != 0 {
			return at<<3 + int64(bits.LeadingZeros8(v))
		}
		if at < last {
			at += int64(skipBytes(value[at+1:last], other))
		}
	}
	if bit == 0 && !ended {
		return r.end
	}
	return -1
}
