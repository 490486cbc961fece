package object

import (
	"math"
	"strconv"
)

// IntDigitsMax is the length of the longest int64 in decimal, its sign included.
const IntDigitsMax = 20

// ParseInt reads the canonical decimal form of an int64: what is kept as an
// integer in packed collections, because it can be written out again as it was.
func ParseInt(b []byte) (int64, bool) {
	if len(b) == 0 || b[0] > '9' {
		return 0, false
	}
	digits := b
	negative := b[0] == '-'
	if negative {
		digits = b[1:]
	}
	if len(digits) == 0 || len(b) > IntDigitsMax {
		return 0, false
	}
	if digits[0] == '0' {
		return 0, len(b) == 1
	}
	var n uint64
	for _, d := range digits {
		d -= '0'
		if d > 9 || n > (math.MaxUint64-uint64(d))/10 {
			return 0, false
		}
		n = n*10 + uint64(d)
	}
	if negative {
		return int64(-n), n <= 1<<63
	}
	return int64(n), n <= math.MaxInt64
}

// Elem is an element as it is stored: bytes, or an integer if Str is nil. The
// bytes are memory of the collection.
type Elem struct {
	Str []byte
	Int int64
}

// IntElem returns n as an element.
func IntElem(n int64) Elem { return Elem{Int: n} }

// Text returns the element as bytes, an integer written into buf, which should
// have room for 20 bytes.
func (e Elem) Text(buf []byte) []byte {
	if e.Str != nil {
		return e.Str
	}
	return strconv.AppendInt(buf[:0], e.Int, 10)
}

// Len returns the length of the element as text.
func (e Elem) Len() int {
	if e.Str != nil {
		return len(e.Str)
	}
	n, digits := e.Int, 1
	if n < 0 {
		digits++
	}
	for n /= 10; n != 0; n /= 10 {
		digits++
	}
	return digits
}

// Int64 returns the element as an integer if it is one.
func (e Elem) Int64() (int64, bool) {
	if e.Str == nil {
		return e.Int, true
	}
	return ParseInt(e.Str)
}
