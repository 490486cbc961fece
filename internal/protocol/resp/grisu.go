package resp

import (
	"math"
	"math/big"
	"math/bits"
)

// The reference server writes doubles with Grisu2 (Florian Loitsch, "Printing
// floating-point numbers quickly and accurately with integers", PLDI 2010). Its
// digits always read back as the number, but in about one case of two hundred
// they are not the shortest, or not the closest, as strconv's are: 1e23 comes out
// as 99999999999999990000000. To answer byte for byte, this is Grisu2 too.

// scaled is the number frac * 2^exp.
type scaled struct {
	frac uint64
	exp  int
}

const (
	fractionBits = 52
	hiddenBit    = 1 << fractionBits
	exponentBias = 1023 + fractionBits

	// The powers of ten at hand are 10^firstPower and every powerStep-th after
	// it. Multiplied with one of them, a number's exponent comes to lie between
	// minExp and maxExp, so that 32 bits take what is before the point.
	firstPower = -348
	powerStep  = 8
	powerCount = 87
	minExp     = -60
	maxExp     = -32

	// maxDigits is how many digits a double can come to.
	maxDigits = 18
)

// powersOfTen holds the powers, each rounded to 64 bits.
var powersOfTen = func() (powers [powerCount]scaled) {
	ten := big.NewInt(10)
	for i := range powers {
		k := int64(firstPower + i*powerStep)
		power := new(big.Float).SetInt(new(big.Int).Exp(ten, big.NewInt(max(k, -k)), nil))
		rounded := new(big.Float).SetPrec(64)
		if k < 0 {
			rounded.Quo(big.NewFloat(1), power)
		} else {
			rounded.Set(power)
		}
		mantissa := new(big.Float)
		exp := rounded.MantExp(mantissa) - 64
		frac, _ := mantissa.SetMantExp(mantissa, 64).Uint64()
		powers[i] = scaled{frac, exp}
	}
	return powers
}()

// grisu appends the digits of f, which is positive and finite, to dst. The value
// is the digits times ten to the power.
func grisu(dst []byte, f float64) (digits []byte, power int) {
	value := split(f)
	low, high := value.boundaries()
	value = value.normalized()
	ten, k := powerFor(high.exp)
	value, low, high = value.times(ten), low.times(ten), high.times(ten)
	// The products may be off by one: take the interval that is safe.
	low.frac++
	high.frac--
	digits, kappa := generate(dst, value, low, high)
	return digits, kappa - k
}

// split takes f apart.
func split(f float64) scaled {
	b := math.Float64bits(f)
	frac := b & (hiddenBit - 1)
	if exp := int(b >> fractionBits & 0x7ff); exp != 0 {
		return scaled{frac | hiddenBit, exp - exponentBias}
	}
	return scaled{frac, 1 - exponentBias}
}

// normalized shifts the leading one to the top.
func (s scaled) normalized() scaled {
	shift := bits.LeadingZeros64(s.frac)
	return scaled{s.frac << shift, s.exp - shift}
}

// boundaries returns the numbers half way to the neighbours of s, with equal
// exponents. Below a power of two the neighbour is twice as near.
func (s scaled) boundaries() (low, high scaled) {
	high = scaled{s.frac<<1 + 1, s.exp - 1}.normalized()
	shift := 1
	if s.frac == hiddenBit {
		shift = 2
	}
	low = scaled{s.frac<<shift - 1, s.exp - shift}
	return scaled{low.frac << (low.exp - high.exp), high.exp}, high
}

// times returns the product, rounded.
func (s scaled) times(t scaled) scaled {
	high, low := bits.Mul64(s.frac, t.frac)
	return scaled{high + low>>63, s.exp + t.exp + 64}
}

// powerFor returns a power of ten 10^k that brings a number with the exponent exp
// into the range that generate works in. Where two would do, the estimate
// decides which; it is the reference server's.
func powerFor(exp int) (power scaled, k int) {
	estimate := int(-float64(exp+powerCount) * math.Log10(2))
	i := (estimate - firstPower) / powerStep
	for {
		switch e := exp + powersOfTen[i].exp + 64; {
		case e < minExp:
			i++
		case e > maxExp:
			i--
		default:
			return powersOfTen[i], firstPower + i*powerStep
		}
	}
}

// generate appends the fewest digits of high that stay above low, and brings the
// last one as near to value as it can. They count in units of 10^kappa.
func generate(dst []byte, value, low, high scaled) (digits []byte, kappa int) {
	point := -high.exp
	one := uint64(1) << point
	whole, fraction := high.frac>>point, high.frac&(one-1)
	width, distance := high.frac-low.frac, high.frac-value.frac

	kappa = 10
	for unit := uint64(1e9); kappa > 0; unit /= 10 {
		digit := whole / unit
		whole %= unit
		kappa--
		if digit != 0 || len(dst) > 0 {
			dst = append(dst, byte('0'+digit))
		}
		if rest := whole<<point + fraction; rest <= width {
			approach(dst, distance, width, rest, unit<<point)
			return dst, kappa
		}
	}
	for {
		fraction *= 10
		width *= 10
		distance *= 10
		kappa--
		if digit := fraction >> point; digit != 0 || len(dst) > 0 {
			dst = append(dst, byte('0'+digit))
		}
		if fraction &= one - 1; fraction < width {
			approach(dst, distance, width, fraction, one)
			return dst, kappa
		}
	}
}

// approach lowers the last digit while that leads nearer to the value, which is
// distance below the upper boundary; the digits are rest below it, and unit is
// what the last one counts.
func approach(digits []byte, distance, width, rest, unit uint64) {
	for rest < distance && width-rest >= unit &&
		(rest+unit < distance || distance-rest > rest+unit-distance) {
		digits[len(digits)-1]--
		rest += unit
	}
}
