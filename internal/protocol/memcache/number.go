package memcache

import (
	"bytes"
	"math"
)

// The reference server reads numbers with C's strtol and strtoul and lets what
// it reads wrap into the type it wants. These take and refuse the same words:
// white space before, a sign, leading zeros, and anything after white space.

// parseInt32 reads a signed number. One that fits 64 bits but not 32 wraps.
func parseInt32(word []byte) (n int32, ok bool) {
	magnitude, negative, ok := parseNumber(word)
	limit := uint64(math.MaxInt64)
	if negative {
		limit++
	}
	if !ok || magnitude > limit {
		return 0, false
	}
	if negative {
		magnitude = -magnitude
	}
	return int32(magnitude), true
}

// parseUint64 reads an unsigned number. A negative one is refused unless
// wrapping makes it a positive one.
func parseUint64(word []byte) (n uint64, ok bool) {
	n, negative, ok := parseNumber(word)
	if negative {
		n = -n
	}
	if !ok || (int64(n) < 0 && bytes.IndexByte(word, '-') >= 0) {
		return 0, false
	}
	return n, true
}

// parseUint32 is parseUint64 for a number that is wanted in 32 bits: it wraps.
func parseUint32(word []byte) (n uint32, ok bool) {
	wide, ok := parseUint64(word)
	return uint32(wide), ok
}

// safeDigits is how many digits cannot overflow 64 bits.
const safeDigits = 19

// parseNumber reads an optional sign and decimal digits.
func parseNumber(word []byte) (magnitude uint64, negative, ok bool) {
	i := 0
	for i < len(word) && isSpace(word[i]) {
		i++
	}
	if i < len(word) && (word[i] == '-' || word[i] == '+') {
		negative = word[i] == '-'
		i++
	}
	first := i
	for ; i < len(word); i++ {
		d := uint64(word[i] - '0')
		if d > 9 {
			break
		}
		if i-first >= safeDigits && magnitude > (math.MaxUint64-d)/10 {
			return 0, false, false
		}
		magnitude = magnitude*10 + d
	}
	return magnitude, negative, i > first && (i == len(word) || isSpace(word[i]))
}

func isSpace(c byte) bool { return c == ' ' || (c >= '\t' && c <= '\r') }
