package geohash

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
)

func wideFloat(x float64) *big.Float { return new(big.Float).SetPrec(300).SetFloat64(x) }

// exactSines returns sine and cosine of x with about 300 bits.
func exactSines(x float64) (sin, cos *big.Float) {
	sin, cos = wideFloat(0), wideFloat(0)
	term := wideFloat(1)
	for n := int64(1); term.Sign() != 0 && term.MantExp(nil) > -300; n++ {
		switch n & 3 {
		case 1:
			cos.Add(cos, term)
		case 2:
			sin.Add(sin, term)
		case 3:
			cos.Sub(cos, term)
		default:
			sin.Sub(sin, term)
		}
		term.Mul(term, wideFloat(x))
		term.Quo(term, wideFloat(float64(n)))
	}
	return sin, cos
}

// off returns how far got is from want, in units of the last digit.
func off(got float64, want *big.Float) float64 {
	d := new(big.Float).Sub(want, wideFloat(got))
	far, _ := d.Abs(d).Float64()
	return far / (math.Nextafter(math.Abs(got), math.Inf(1)) - math.Abs(got))
}

// offMax is little more than what is lost by rounding correctly.
const offMax = 0.5 + 1./4096

func TestSines(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	angles := []float64{0, math.Pi, math.Pi / 2, math.Nextafter(math.Pi, 0), math.Nextafter(math.Pi/2, 4), 1e-20, 1e-9, 1. / 256, 3}
	for range 2500 {
		angles = append(angles, r.Float64()*math.Pi, r.Float64()*math.Pi/2, r.ExpFloat64()/1000)
	}
	for _, x := range angles {
		sin, cos := exactSines(x)
		if d := off(sine(x), sin); d > offMax {
			t.Errorf("the sine of %v is off by %v", x, d)
		}
		if sine(-x) != -sine(x) {
			t.Errorf("the sine of %v is not that of its opposite", x)
		}
		if x > LatMax*degree {
			continue // nearer to the pole there are no places
		}
		if d := off(cosine(-x), cos); d > offMax {
			t.Errorf("the cosine of %v is off by %v", x, d)
		}
	}
}

func TestArcsine(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	xs := []float64{1e-20, 1e-9, 0.5, math.Sqrt2 / 2, math.Nextafter(math.Sqrt2/2, 1), math.Nextafter(1, 0)}
	for range 2500 {
		xs = append(xs, r.Float64(), r.Float64()/1000, 1-r.Float64()/1000)
	}
	for _, x := range xs {
		// The exact one lacks of a what a step of Newton's method gives, to twice as many digits.
		a := arcsine(x)
		sin, cos := exactSines(a)
		d := sin.Sub(wideFloat(x), sin)
		d.Quo(d, cos)
		bend := new(big.Float).Mul(d, d)
		tan, _ := exactSines(a)
		bend.Mul(bend, tan.Quo(tan, cos)).Quo(bend, wideFloat(2))
		if d := off(a, d.Add(d, wideFloat(a)).Add(d, bend)); d > offMax {
			t.Errorf("the arcsine of %v is off by %v", x, d)
		}
	}
	if arcsine(0) != 0 || arcsine(1) != math.Pi/2 || !math.IsNaN(arcsine(1.5)) {
		t.Error("the arcsine of 0, 1 or 1.5 is wrong")
	}
}

func BenchmarkDistance(b *testing.B) {
	for range b.N {
		Distance(palermo, catania)
	}
}
