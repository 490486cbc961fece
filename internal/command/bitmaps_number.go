package command

import "math"

// fieldKind is the type of a field: i16, u8.
type fieldKind struct {
	signed bool
	bits   uint8 // 1 to 64; to 63 if unsigned, so that an int64 holds it
}

func parseFieldKind(b []byte) (kind fieldKind, ok bool) {
	if len(b) == 0 || b[0] != 'i' && b[0] != 'u' {
		return kind, false
	}
	kind.signed = b[0] == 'i'
	n, ok := parseInt(b[1:])
	limit := int64(63)
	if kind.signed {
		limit = 64
	}
	if !ok || n < 1 || n > limit {
		return kind, false
	}
	kind.bits = uint8(n)
	return kind, true
}

// read returns the field that begins at a bit of value, which goes on with zeros.
func (kind fieldKind) read(value []byte, offset int64) int64 {
	var n uint64
	left := int64(kind.bits)
	for left > 0 {
		at, skip := offset>>3, offset&7
		take := min(8-skip, left)
		var b byte
		if at < int64(len(value)) {
			b = value[at]
		}
		n = n<<take | uint64(b<<skip>>(8-take))
		offset += take
		left -= take
	}
	return kind.fold(n)
}

// write stores the low bits of n in the field that begins at a bit of value.
func (kind fieldKind) write(value []byte, offset, n int64) {
	left := int64(kind.bits)
	for left > 0 {
		at, skip := offset>>3, offset&7
		take := min(8-skip, left)
		mask := byte(0xff) << (8 - take) >> skip
		part := byte(n>>(left-take)) << (8 - take) >> skip
		value[at] = value[at]&^mask | part&mask
		offset += take
		left -= take
	}
}

// fold cuts n to the field's bits.
func (kind fieldKind) fold(n uint64) int64 {
	spare := 64 - kind.bits
	if kind.signed {
		return int64(n<<spare) >> spare
	}
	return int64(n << spare >> spare)
}

// limits returns the lowest and the highest number that a field holds.
func (kind fieldKind) limits() (lowest, highest int64) {
	if !kind.signed {
		return 0, math.MaxInt64 >> (63 - kind.bits)
	}
	return math.MinInt64 >> (64 - kind.bits), math.MaxInt64 >> (64 - kind.bits)
}

// fieldOverflow says what becomes of a number that a field can't hold.
type fieldOverflow uint8

const (
	overflowWrap fieldOverflow = iota
	overflowSat                // the limit it has passed
	overflowFail               // the field stays as it is
	overflowUnknown
)

func fieldOverflowNamed(word []byte) fieldOverflow {
	switch {
	case equalName(word, "wrap"):
		return overflowWrap
	case equalName(word, "sat"):
		return overflowSat
	case equalName(word, "fail"):
		return overflowFail
	}
	return overflowUnknown
}

// add returns a+b as the field can hold it. ok is false if it can't and that is to
// fail.
func (kind fieldKind) add(a, b int64, overflow fieldOverflow) (sum int64, ok bool) {
	above, below := kind.passes(a, b)
	switch {
	case !above && !below:
		return a + b, true
	case overflow == overflowFail:
		return 0, false
	case overflow == overflowWrap:
		return kind.fold(uint64(a + b)), true
	}
	lowest, highest := kind.limits()
	if above {
		return highest, true
	}
	return lowest, true
}

// passes reports whether a+b is above or below what the field holds. A negative a
// is above an unsigned field, and so is one so far below a signed one that the
// distance to its highest number is no int64: the reference server sets such
// fields to the highest number.
func (kind fieldKind) passes(a, b int64) (above, below bool) {
	lowest, highest := kind.limits()
	if a < 0 && !kind.signed || kind.bits < 64 && a < highest-math.MaxInt64 {
		return true, false
	}
	if a > highest || b > 0 && a > highest-b {
		return true, false
	}
	roomy := a < 0 || kind.bits < 64 // lowest-a is an int64
	return false, a < lowest || b < 0 && roomy && b < lowest-a
}
