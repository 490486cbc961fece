package sample

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestMedian(t *testing.T) {
	for _, c := range []struct {
		in   []float64
		want float64
	}{
		{[]float64{3}, 3},
		{[]float64{3, 1, 2}, 2},
		{[]float64{4, 1, 3, 2}, 2.5},
		{[]float64{1, 1, 100}, 1},
	} {
		before := append([]float64(nil), c.in...)
		if got := Median(c.in); got != c.want {
			t.Errorf("Median(%v) = %v, want %v", c.in, got, c.want)
		}
		for i := range before {
			if c.in[i] != before[i] {
				t.Errorf("Median reordered its argument: %v", c.in)
			}
		}
	}
	if !math.IsNaN(Median(nil)) {
		t.Error("the median of nothing is not a number")
	}
}

func TestSpread(t *testing.T) {
	if got := Spread([]float64{90, 100, 120}); math.Abs(got-0.30) > 1e-12 {
		t.Errorf("Spread = %v, want 0.30", got)
	}
	if got := Spread([]float64{5}); got != 0 {
		t.Errorf("one repetition has no spread, got %v", got)
	}
	if got := Spread([]float64{0, 0}); got != 0 {
		t.Errorf("a spread around zero is not defined, got %v", got)
	}
}

// The tails of small cases, counted by hand: of the 8 sets of the ranks 1, 2, 3 one has the sum 0, one 1, one 2, two 3.
func TestSignedRankTails(t *testing.T) {
	tails := signedRankTails(3)
	for w, want := range []float64{1.0 / 8, 2.0 / 8, 3.0 / 8, 5.0 / 8} {
		if math.Abs(tails[w]-want) > 1e-12 {
			t.Errorf("P(W <= %d) = %v, want %v", w, tails[w], want)
		}
	}
	if got := signedRankTails(1); got[0] != 0.5 {
		t.Errorf("one pair: P(W <= 0) = %v, want 1/2", got[0])
	}
}

func TestCompareVerdicts(t *testing.T) {
	for _, c := range []struct {
		name         string
		ours, theirs []float64
		verdict      Verdict
		confidence   float64
	}{
		{"clearly less", []float64{1, 1.1, 0.9, 1, 1}, []float64{2, 2.1, 1.9, 2, 2}, Lower, 0.9375},
		{"clearly more", []float64{3, 3.1, 2.9, 3, 3}, []float64{2, 2.1, 1.9, 2, 2}, Higher, 0.9375},
		{"both ways", []float64{1, 2, 3, 2, 2}, []float64{1.5, 2.5, 2, 2, 2}, Noise, 0.9375},
		{"too few", []float64{1, 1, 1, 1}, []float64{2, 2, 2, 2}, Noise, 0.875},
		{"one run each", []float64{1}, []float64{2}, Noise, 0},
	} {
		got, _ := Compare(c.ours, c.theirs)
		if got.Verdict != c.verdict {
			t.Errorf("%s: verdict %q (%v..%v), want %q", c.name, got.Verdict, got.Low, got.High, c.verdict)
		}
		if math.Abs(got.Confidence-c.confidence) > 1e-9 {
			t.Errorf("%s: confidence %v, want %v", c.name, got.Confidence, c.confidence)
		}
	}
	for _, none := range [][]float64{nil, {0}, {math.NaN()}, {-1}} {
		if r, ok := Compare(none, []float64{1}); ok {
			t.Errorf("%v is not a measurement, but has the ratio %v", none, r)
		}
	}
}

// A machine that becomes half as fast in the middle must not hide a difference of a tenth: it meets both of a pair.
func TestComparePairs(t *testing.T) {
	theirs := []float64{1, 1.01, 2, 2.02, 1.99, 1, 1.5}
	ours := make([]float64, len(theirs))
	for i, v := range theirs {
		ours[i] = 0.9 * v * (1 + 0.01*float64(i%3))
	}
	if r, _ := Compare(ours, theirs[:6]); r.Verdict != Lower || math.Abs(r.Value-0.909) > 0.01 {
		t.Errorf("got %+v", r)
	}
}

// The interval must cover the true ratio about as often as it says, whatever both of a pair have in common.
func TestCompareCoverage(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	const rounds, truth = 4000, 1.25
	for _, n := range []int{5, 7, 9} {
		covered, said := 0, 0.0
		for range rounds {
			ours, theirs := make([]float64, n), make([]float64, n)
			for i := range ours {
				weather := math.Exp(0.5 * rng.NormFloat64())
				ours[i] = truth * weather * math.Exp(0.1*rng.NormFloat64())
				theirs[i] = weather * math.Exp(0.1*rng.NormFloat64())
			}
			r, _ := Compare(ours, theirs)
			said = r.Confidence
			if r.Low <= truth && truth <= r.High {
				covered++
			}
		}
		if share := float64(covered) / rounds; math.Abs(share-said) > 0.02 {
			t.Errorf("%d pairs: the interval covers the truth in %.3f of the rounds, and claims %.3f", n, share, said)
		}
	}
}
