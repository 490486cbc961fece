package resp

import (
	"math"
	"strconv"
)

// maxPlainInt is the largest magnitude up to which the reference server writes a
// whole number as an integer, all digits shown.
const maxPlainInt = 1 << 62

// AppendDouble appends f as the reference server writes it: a whole number as an
// integer, otherwise as few digits as Grisu2 needs to read back as f, with an
// exponent where plain notation would be long, and inf, -inf and nan in letters.
func AppendDouble(dst []byte, f float64) []byte {
	if f != 0 && math.Abs(f) <= maxPlainInt && f == math.Trunc(f) {
		return strconv.AppendInt(dst, int64(f), 10)
	}
	return AppendShortest(dst, f)
}

// AppendShortest is AppendDouble for which a whole number is like any other.
func AppendShortest(dst []byte, f float64) []byte {
	switch {
	case math.IsNaN(f):
		return append(dst, "nan"...)
	case math.IsInf(f, 1):
		return append(dst, "inf"...)
	case math.IsInf(f, -1):
		return append(dst, "-inf"...)
	case f == 0 && math.Signbit(f):
		return append(dst, "-0"...)
	case f == 0:
		return append(dst, '0')
	case f < 0:
		dst, f = append(dst, '-'), -f
	}
	var room [maxDigits]byte
	digits, power := grisu(room[:0], f)
	return appendDigits(dst, digits, power)
}

// appendDigits appends digits times ten to the power. Where the exponent starts
// to be written is the reference server's choice.
func appendDigits(dst, digits []byte, power int) []byte {
	exponent := power + len(digits) - 1 // of the first digit
	switch magnitude := max(exponent, -exponent); {
	case power >= 0 && magnitude < len(digits)+7:
		return appendZeros(append(dst, digits...), power)
	case power < 0 && (power > -7 || magnitude < 4):
		point := len(digits) + power
		if point <= 0 {
			dst = appendZeros(append(dst, "0."...), -point)
			return append(dst, digits...)
		}
		dst = append(append(dst, digits[:point]...), '.')
		return append(dst, digits[point:]...)
	}
	dst = append(dst, digits[0])
	if len(digits) > 1 {
		dst = append(append(dst, '.'), digits[1:]...)
	}
	dst = append(dst, 'e')
	if exponent > 0 {
		dst = append(dst, '+')
	}
	return strconv.AppendInt(dst, int64(exponent), 10)
}

func appendZeros(dst []byte, n int) []byte {
	for ; n > 0; n-- {
		dst = append(dst, '0')
	}
	return dst
}
