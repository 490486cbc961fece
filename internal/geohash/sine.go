package geohash

import "math"

// The sines and cosines here are wrong by half a unit of the last digit, which is what
// rounding costs, and a 4096th at most. Those of the reference server's C library are
// nearly as good; those of package math are not, which shows in distances that are stored.

// wide is the sum of two numbers, the second less than the last digit of the first.
type wide struct{ hi, lo float64 }

// sum returns a+b, with what is lost by rounding and lo behind it. (Knuth, The Art of
// Computer Programming, volume 2, section 4.2.2.)
func sum(a, b, lo float64) wide {
	s := a + b
	v := s - a
	lo += (a - (s - v)) + (b - v)
	hi := s + lo
	return wide{hi, lo - (hi - s)}
}

// The conversions of products keep them from being fused with the sum they go to.

func (a wide) times(x float64) wide {
	p := float64(a.hi * x)
	return sum(p, 0, math.FMA(a.hi, x, -p)+a.lo*x)
}

func (a wide) over(x float64) wide {
	q := a.hi / x
	return sum(q, 0, (math.FMA(-q, x, a.hi)+a.lo)/x)
}

// A right angle is sineSteps of the angles, 1/sinesPerUnit apart, of which sines are known.
const (
	sinesPerUnit = 128
	sineSteps    = 201
)

// sines are those angles' sines and cosines.
var sines = tabulate()

func tabulate() (t [sineSteps + 1]struct{ sin, cos wide }) {
	for k := range t {
		x := float64(k) / sinesPerUnit
		t[k].cos = series(wide{1, 0}, x, 1)
		t[k].sin = series(wide{x, 0}, x, 2)
	}
	return t
}

// series adds up the Taylor series of a sine or cosine, whose terms are each -x*x/(n*(n+1))
// times the one before. x has so few bits that its square is exact.
func series(term wide, x, n float64) wide {
	const terms = 17 // the next one is less than 1e-33
	total := term
	for range terms {
		term = term.times(-x * x).over(n * (n + 1))
		total = sum(total.hi, term.hi, total.lo+term.lo)
		n += 2
	}
	return total
}

// split finds the known angle k next to x+lo, which is from 0 to a right angle, and what
// it takes to turn by the rest: it is r, and its sine r+p and its cosine 1+q.
func split(x, lo float64) (k int, r, p, q float64) {
	k = int(x*sinesPerUnit + 0.5)
	r = x - float64(k)/sinesPerUnit
	rr := r * r
	p = lo + r*rr*(-1./6+rr*(1./120-rr*(1./5040)))
	q = rr*(-1./2+rr*(1./24-rr*(1./720-rr/40320))) - r*lo
	return k, r, p, q
}

// turned returns (1+q)*a + (r+p)*b.
func turned(a, b wide, r, p, q float64) wide {
	h := float64(b.hi * r)
	return sum(a.hi, h, math.FMA(b.hi, r, -h)+a.lo+b.lo*r+b.hi*p+a.hi*q)
}

// wideSine returns the sine of x+lo, from 0 to a right angle.
func wideSine(x, lo float64) wide {
	k, r, p, q := split(x, lo)
	return turned(sines[k].sin, sines[k].cos, r, p, q)
}

// piLow is what π is more than math.Pi as a float64.
const piLow = 1.2246467991473532e-16

// sine returns the sine of x, from -π to π.
func sine(x float64) float64 {
	a, lo := math.Abs(x), 0.
	if a > math.Pi/2 {
		a, lo = math.Pi-a, piLow
	}
	return math.Copysign(wideSine(a, lo).hi, x)
}

// cosine returns the cosine of x, from -π/2 to π/2.
func cosine(x float64) float64 {
	k, r, p, q := split(math.Abs(x), 0)
	return turned(sines[k].cos, sines[k].sin, -r, -p, q).hi
}

// arcsine returns the angle from 0 to π/2 that x is the sine of.
func arcsine(x float64) float64 {
	switch {
	case x > 1:
		return math.NaN()
	case x <= math.Sqrt2/2:
		a, lo := refined(x, 0)
		return a + lo
	}
	// Near 1 the arcsine is steep: its angle is taken from the other side, and halved.
	half := (1 - x) / 2
	root := math.Sqrt(half)
	var lo float64
	if root > 0 {
		lo = math.FMA(-root, root, half) / (2 * root)
	}
	a, lo := refined(root, lo)
	return sum(math.Pi/2, -2*a, piLow/2-2*lo).hi
}

// refined returns the arcsine of x+lo, at most half a right angle, and what it lacks,
// by a step of Newton's method.
func refined(x, lo float64) (angle, lacks float64) {
	angle = math.Asin(x)
	s := wideSine(angle, 0)
	return angle, (x - s.hi - s.lo + lo) / math.Sqrt(1-x*x)
}
