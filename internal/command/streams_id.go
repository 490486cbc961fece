package command

import (
	"bytes"
	"math"

	"github.com/crucible-cache/crucible/internal/object"
)

// streamIDTextMax is how long the text of an ID may be, in bytes.
const streamIDTextMax = 127

// parseStreamID reads an ID the way the reference server does, as a C string: ms-seq, or
// ms alone, for which seq is missing. Both are read as parseUnsigned does.
func parseStreamID(arg []byte, missing uint64) (object.StreamID, bool) {
	if len(arg) > streamIDTextMax {
		return object.StreamID{}, false
	}
	if i := bytes.IndexByte(arg, 0); i >= 0 {
		arg = arg[:i]
	}
	ms, seq, both := bytes.Cut(arg, []byte{'-'})
	id := object.StreamID{Seq: missing}
	var ok bool
	if id.MS, ok = parseUnsigned(ms); ok && both {
		id.Seq, ok = parseUnsigned(seq)
	}
	return id, ok
}

// parseStreamBound is parseStreamID for a bound of a range, which may be - or +.
func parseStreamBound(arg []byte, missing uint64) (object.StreamID, bool) {
	switch string(arg) {
	case "-":
		return object.StreamID{}, true
	case "+":
		return object.MaxStreamID, true
	}
	return parseStreamID(arg, missing)
}

// streamMark returns the sign that stands for an ID, 0 if it is more than a sign.
func streamMark(arg []byte) byte {
	if len(arg) == 1 || len(arg) > 1 && arg[1] == 0 {
		return arg[0]
	}
	return 0
}

// streamID reads an ID without seq as ms-0, or replies with an error.
func (c *Client) streamID(arg []byte) (object.StreamID, bool) {
	id, ok := parseStreamID(arg, 0)
	if !ok {
		c.Error(errStreamID)
	}
	return id, ok
}

// checkStreamIDs replies with an error if one of the arguments is no ID.
func (c *Client) checkStreamIDs(args [][]byte) bool {
	for _, arg := range args {
		if _, ok := c.streamID(arg); !ok {
			return false
		}
	}
	return true
}

// streamStart reads the lower bound of a range, or replies with an error. A
// bound after a bracket is not part of the range.
func (c *Client) streamStart(arg []byte) (id object.StreamID, ok bool) {
	if len(arg) > 1 && arg[0] == '(' {
		if id, ok = c.streamID(arg[1:]); !ok {
			return id, false
		}
		if id, ok = id.Next(); !ok {
			c.Error(errStreamStart)
		}
		return id, ok
	}
	if id, ok = parseStreamBound(arg, 0); !ok {
		c.Error(errStreamID)
	}
	return id, ok
}

// streamEnd is streamStart for the upper bound.
func (c *Client) streamEnd(arg []byte) (id object.StreamID, ok bool) {
	if len(arg) > 1 && arg[0] == '(' {
		if id, ok = parseStreamID(arg[1:], math.MaxUint64); !ok {
			c.Error(errStreamID)
			return id, false
		}
		if id, ok = id.Prev(); !ok {
			c.Error(errStreamEnd)
		}
		return id, ok
	}
	if id, ok = parseStreamBound(arg, math.MaxUint64); !ok {
		c.Error(errStreamID)
	}
	return id, ok
}

// streamNumber reads an integer, or replies with an error.
func (c *Client) streamNumber(arg []byte, text string) (int64, bool) {
	n, ok := parseInt(arg)
	if !ok {
		c.Error(text)
	}
	return n, ok
}

// replyStreamID replies with an ID as a string.
func (c *Client) replyStreamID(id object.StreamID) {
	var text [object.StreamIDTextMax]byte
	c.Reply.Bulk(id.Append(text[:0]))
}
