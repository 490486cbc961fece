package resp

import (
	"bytes"
	"math"
	"strconv"
)

// maxPlainInt is the largest magnitude up to which the reference server writes a
// whole number as an integer, all digits shown.
const maxPlainInt = 1 << 62

// AppendDouble appends f as the reference server writes it: a whole number as an
// integer, otherwise the shortest digits that read back as f, with an exponent
// where plain notation would be long, and inf, -inf and nan in letters.
func AppendDouble(dst []byte, f float64) []byte {
	switch {
	case math.IsNaN(f):
		return append(dst, "nan"...)
	case math.IsInf(f, 1):
		return append(dst, "inf"...)
	case math.IsInf(f, -1):
		return append(dst, "-inf"...)
	case math.Abs(f) <= maxPlainInt && f == math.Trunc(f):
		return strconv.AppendInt(dst, int64(f), 10)
	case f < 0:
		return appendShortest(append(dst, '-'), -f)
	}
	return appendShortest(dst, f)
}

// appendShortest appends f, which is positive. The shortest digits are unique;
// where the exponent starts is the reference server's own choice.
func appendShortest(dst []byte, f float64) []byte {
	var text [32]byte
	scientific := strconv.AppendFloat(text[:0], f, 'e', -1, 64)
	e := bytes.IndexByte(scientific, 'e')
	exponent := 0
	for _, c := range scientific[e+2:] {
		exponent = exponent*10 + int(c-'0')
	}
	if scientific[e+1] == '-' {
		exponent = -exponent
	}
	digits := scientific[:1]
	if e > 1 {
		digits = append(digits, scientific[2:e]...) // over the point
	}
	zeros := exponent - len(digits) + 1 // after the digits; negative: decimals
	switch magnitude := max(exponent, -exponent); {
	case zeros >= 0 && magnitude < len(digits)+7:
		dst = append(dst, digits...)
		return appendZeros(dst, zeros)
	case zeros < 0 && (zeros > -7 || magnitude < 4):
		point := len(digits) + zeros
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
