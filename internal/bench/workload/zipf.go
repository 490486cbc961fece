package workload

import (
	"fmt"
	"math"
)

// ZipfAccess chooses the key of rank k (from 1) with a probability proportional to 1/k^theta, for any theta > 0, 1 included.
// Ranks are scattered over the keyspace.
//
// It draws by rejection-inversion (W. Hörmann, G. Derflinger: Rejection-inversion to generate variates from monotone
// discrete distributions, 1996): constant memory and time for any number of keys, and exact, where the usual
// approximation of benchmarks (Gray et al., 1994) needs theta < 1 and a sum over all keys.
type ZipfAccess struct {
	theta   float64
	count   float64
	scatter scatter
	// The area under the hat function runs from low to high; below shortcut a draw is accepted without looking closer.
	low, high, shortcut float64
}

// thetaMax keeps the powers within what a float64 holds.
const thetaMax = 20

// NewZipfAccess returns the distribution over count keys.
func NewZipfAccess(count uint64, theta float64) (*ZipfAccess, error) {
	if !(theta > 0 && theta <= thetaMax) {
		return nil, fmt.Errorf("zipf theta %v: want more than 0 and at most %d (0 is uniform)", theta, thetaMax)
	}
	z := &ZipfAccess{theta: theta, count: float64(count), scatter: newScatter(count)}
	z.low = z.integral(1.5) - 1
	z.high = z.integral(z.count + 0.5)
	z.shortcut = 2 - z.inverse(z.integral(2.5)-z.density(2))
	return z, nil
}

// Draw implements Distribution.
func (z *ZipfAccess) Draw(r *Random) uint64 {
	for {
		u := z.high + r.Unit()*(z.low-z.high)
		x := z.inverse(u)
		k := math.Floor(x + 0.5)
		k = max(1, min(k, z.count))
		if k-x <= z.shortcut || u >= z.integral(k+0.5)-z.density(k) {
			return z.scatter.key(uint64(k) - 1)
		}
	}
}

// density is the unnormalised probability, integral its antiderivative with integral(1) = 0, inverse that one's inverse.
func (z *ZipfAccess) density(x float64) float64 { return math.Exp(-z.theta * math.Log(x)) }

func (z *ZipfAccess) integral(x float64) float64 {
	logX := math.Log(x)
	return expm1Over((1-z.theta)*logX) * logX
}

func (z *ZipfAccess) inverse(y float64) float64 {
	t := max(y*(1-z.theta), -1) // rounding may fall below -1, where the logarithm ends
	return math.Exp(log1pOver(t) * y)
}

// expm1Over is (e^x - 1)/x and log1pOver log(1+x)/x, with their limit of 1 at 0: that is where theta is 1.
func expm1Over(x float64) float64 {
	if math.Abs(x) > 1e-8 {
		return math.Expm1(x) / x
	}
	return 1 + x/2
}

func log1pOver(x float64) float64 {
	if math.Abs(x) > 1e-8 {
		return math.Log1p(x) / x
	}
	return 1 - x/2
}
