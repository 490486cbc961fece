package command

import (
	"bytes"
	"math/big"
)

// The reference server counts INCRBYFLOAT in C's long double, which on x86 is
// the 80-bit extended format: 64 bits of mantissa, exponents up to 2^16384. A
// big.Float of the same precision gives the same digits.
const (
	longDoublePrecision = 64
	longDoubleExpMax    = 16384  // finite values are below 2^longDoubleExpMax
	longDoubleExpMin    = -16445 // below 2^(longDoubleExpMin-1) a value rounds to zero
	longDoubleTextMax   = 5 * 1024

	// Decimal exponents beyond which a value is surely infinite, or zero; what
	// is between them is computed exactly, at a cost these bounds limit.
	decimalExpMax = 4940
	decimalExpMin = -4960

	// longDoubleDecimals is how many digits after the point are kept when a
	// value is written.
	longDoubleDecimals = 17
)

// parseLongDouble reads b as C's strtold would read the whole of it, with the
// restrictions of the reference server: no leading blanks, no NaN, and nothing
// that overflows or underflows to zero. "inf" is read, as it is there.
func parseLongDouble(b []byte) (*big.Float, bool) {
	if len(b) == 0 || len(b) >= longDoubleTextMax {
		return nil, false
	}
	negative := b[0] == '-'
	if negative || b[0] == '+' {
		b = b[1:]
	}
	if equalName(b, "inf") || equalName(b, "infinity") {
		return new(big.Float).SetPrec(longDoublePrecision).SetInf(negative), true
	}
	base, mark := 10, byte('e')
	if len(b) > 2 && b[0] == '0' && b[1]|0x20 == 'x' {
		b, base, mark = b[2:], 16, 'p'
	}
	digits, scale, rest := scanMantissa(b, base)
	if digits == nil {
		return nil, false
	}
	exp, ok := scanExponent(rest, mark)
	if !ok {
		return nil, false
	}
	digits = bytes.TrimLeft(digits, "0")
	if len(digits) == 0 {
		zero := new(big.Float).SetPrec(longDoublePrecision)
		return signed(zero, negative), true
	}
	var x *big.Float
	if base == 16 {
		x = hexadecimalFloat(digits, exp-4*scale)
	} else {
		x = decimalFloat(digits, exp-scale)
	}
	if x == nil || x.IsInf() || x.MantExp(nil) > longDoubleExpMax || x.MantExp(nil) < longDoubleExpMin {
		return nil, false
	}
	return signed(x, negative), true
}

func signed(x *big.Float, negative bool) *big.Float {
	if negative {
		x.Neg(x)
	}
	return x
}

// scanMantissa reads digits with at most one point among them. It returns them
// without the point, how many stood behind it, and what follows; nil if there
// is no digit.
func scanMantissa(b []byte, base int) (digits []byte, scale int, rest []byte) {
	point := -1
	i := 0
	for ; i < len(b); i++ {
		if b[i] == '.' && point < 0 {
			point = i
		} else if !isDigit(b[i], base) {
			break
		}
	}
	if point < 0 {
		if i == 0 {
			return nil, 0, b
		}
		return b[:i], 0, b[i:]
	}
	if i == 1 {
		return nil, 0, b
	}
	digits = append(append(make([]byte, 0, i), b[:point]...), b[point+1:i]...)
	return digits, i - point - 1, b[i:]
}

func isDigit(c byte, base int) bool {
	return c-'0' <= 9 || base == 16 && c|0x20 >= 'a' && c|0x20 <= 'f'
}

// scanExponent reads an exponent behind its mark, which has to be all of b, or
// nothing. Exponents no value can have are cut short at a bound that keeps its
// effect.
func scanExponent(b []byte, mark byte) (exp int, ok bool) {
	const bound = 1 << 20
	if len(b) == 0 {
		return 0, true
	}
	if b[0]|0x20 != mark {
		return 0, false
	}
	b = b[1:]
	negative := len(b) > 0 && b[0] == '-'
	if negative || len(b) > 0 && b[0] == '+' {
		b = b[1:]
	}
	if len(b) == 0 {
		return 0, false
	}
	for _, c := range b {
		if !isDigit(c, 10) {
			return 0, false
		}
		exp = min(exp*10+int(c-'0'), bound)
	}
	if negative {
		exp = -exp
	}
	return exp, true
}

// decimalFloat returns digits * 10^exp, rounded once; nil if that is surely out
// of range. digits begins with a digit other than zero.
func decimalFloat(digits []byte, exp int) *big.Float {
	if magnitude := exp + len(digits) - 1; magnitude > decimalExpMax || magnitude < decimalExpMin {
		return nil
	}
	n, _ := new(big.Int).SetString(string(digits), 10)
	ten := big.NewInt(10)
	x := new(big.Float).SetPrec(longDoublePrecision)
	if exp >= 0 {
		return x.SetInt(n.Mul(n, ten.Exp(ten, big.NewInt(int64(exp)), nil)))
	}
	den := new(big.Float).SetInt(ten.Exp(ten, big.NewInt(int64(-exp)), nil))
	return x.Quo(new(big.Float).SetInt(n), den)
}

// hexadecimalFloat returns digits * 2^exp, rounded once.
func hexadecimalFloat(digits []byte, exp int) *big.Float {
	n, _ := new(big.Int).SetString(string(digits), 16)
	x := new(big.Float).SetPrec(longDoublePrecision).SetInt(n)
	return x.SetMantExp(x, exp)
}

// addLongDouble returns a+b; ok is false if that isn't a finite number.
func addLongDouble(a, b *big.Float) (sum *big.Float, ok bool) {
	if a.IsInf() || b.IsInf() {
		return nil, false
	}
	sum = new(big.Float).SetPrec(longDoublePrecision).Add(a, b)
	return sum, sum.MantExp(nil) <= longDoubleExpMax
}

// appendLongDouble writes x without an exponent, with at most
// longDoubleDecimals digits after the point and no trailing zeros.
func appendLongDouble(dst []byte, x *big.Float) []byte {
	start := len(dst)
	dst = x.Append(dst, 'f', longDoubleDecimals)
	dst = bytes.TrimRight(dst, "0")
	dst = bytes.TrimSuffix(dst, []byte{'.'})
	if string(dst[start:]) == "-0" {
		return append(dst[:start], '0')
	}
	return dst
}
