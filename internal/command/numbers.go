package command

import (
	"math"
	"strconv"

	"github.com/crucible-cache/crucible/internal/object"
)

// intDigitsMax is the length of the longest int64 in decimal, its sign included.
const intDigitsMax = object.IntDigitsMax

// parseInt reads an integer the way the reference server reads the arguments
// and values it counts with: the canonical decimal form of an int64 and nothing
// else, so no blanks, no plus sign, no leading zero, no "-0".
func parseInt(b []byte) (int64, bool) { return object.ParseInt(b) }

// parseInt32 reads an integer that has to fit into 32 bits, as the numbers of
// databases do; inRange is false if it is an integer but doesn't.
func parseInt32(b []byte) (n int32, isInt, inRange bool) {
	v, ok := parseInt(b)
	return int32(v), ok, int64(int32(v)) == v
}

// parseUnsigned reads the cursor of SCAN as the reference server does: C's
// strtoull, which takes leading white space and a sign, wraps negative numbers
// and stops at a zero byte. Only a plain negative integer is refused.
func parseUnsigned(b []byte) (uint64, bool) {
	if n, ok := parseInt(b); ok {
		return uint64(n), n >= 0
	}
	for len(b) > 0 && (b[0] == ' ' || '\t' <= b[0] && b[0] <= '\r') {
		b = b[1:]
	}
	negative := len(b) > 0 && b[0] == '-'
	if negative || len(b) > 0 && b[0] == '+' {
		b = b[1:]
	}
	if len(b) == 0 || b[0]-'0' > 9 {
		return 0, false
	}
	var n uint64
	for _, d := range b {
		if d == 0 {
			break
		}
		d -= '0'
		if d > 9 || n > (math.MaxUint64-uint64(d))/10 {
			return 0, false
		}
		n = n*10 + uint64(d)
	}
	if negative {
		n = -n
	}
	return n, true
}

// addInt returns a+b and whether the sum fits.
func addInt(a, b int64) (int64, bool) {
	sum := a + b
	return sum, (sum > a) == (b > 0)
}

// intText is room for an integer's digits on the stack.
type intText [intDigitsMax]byte

// format writes n into t and returns the digits.
func (t *intText) format(n int64) []byte { return strconv.AppendInt(t[:0], n, 10) }
