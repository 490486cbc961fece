package command

import "bytes"

// What values may grow to by commands whose arguments are small. A request that is
// refused for its arguments needs nothing: what is out of range counts as 0.

func setrangeGrows(c *Client, args [][]byte) int64 {
	offset, ok := parseInt(args[2])
	if !ok || offset < 0 || len(args[3]) == 0 || offset > c.W.Server.Params.ProtoMaxBulkLen()-int64(len(args[3])) {
		return 0
	}
	return offset
}

func appendGrows(c *Client, args [][]byte) int64 { return c.storedBytes(args[1]) }

func copyGrows(c *Client, args [][]byte) int64 { return c.storedBytes(args[1]) }

func setbitGrows(c *Client, args [][]byte) int64 {
	offset, ok := c.parseBitOffset(args[2])
	if !ok {
		return 0
	}
	return offset >> 3
}

// bitopGrows is the longest of the sources.
func bitopGrows(c *Client, args [][]byte) (n int64) {
	for _, name := range args[3:] {
		n = max(n, c.storedBytes(name))
	}
	return n
}

// bitfieldGrows looks at the offsets behind SET and INCRBY, of which those with a #
// count in fields of at most 64 bits.
func bitfieldGrows(c *Client, args [][]byte) (n int64) {
	for i := 2; i+2 < len(args); i++ {
		if !equalName(args[i], "set") && !equalName(args[i], "incrby") {
			continue
		}
		digits, fields := bytes.CutPrefix(args[i+2], []byte("#"))
		offset, _ := parseInt(digits)
		if !fields {
			offset >>= 3
		} else if offset < 1<<40 {
			offset <<= 3
		}
		n = max(n, c.within(offset))
	}
	return n
}

// within is a length if a string may have it, else 0.
func (c *Client) within(length int64) int64 {
	if length < 0 || length >= c.W.Server.Params.ProtoMaxBulkLen() {
		return 0
	}
	return length
}
