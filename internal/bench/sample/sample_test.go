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

// The tails of small cases, counted by hand: 3 against 3 has C(6,3) = 20 orderings, one of which has U = 0.
func TestRankSumTails(t *testing.T) {
	tails := rankSumTails(3, 3)
	for u, want := range []float64{1.0 / 20, 2.0 / 20, 4.0 / 20, 7.0 / 20, 10.0 / 20} {
		if math.Abs(tails[u]-want) > 1e-12 {
			t.Errorf("P(U <= %d) = %v, want %v", u, tails[u], want)
		}
	}
	if got := rankSumTails(2, 1); math.Abs(got[0]-1.0/3) > 1e-12 {
		t.Errorf("2 against 1: P(U <= 0) = %v, want 1/3", got[0])
	}
}

func TestCompareVerdicts(t *testing.T) {
	for _, c := range []struct {
		name         string
		ours, theirs []float64
		verdict      Verdict
		confidence   float64
	}{
		{"clearly less", []float64{1, 1.1, 0.9}, []float64{2, 2.1, 1.9}, Lower, 0.90},
		{"clearly more", []float64{3, 3.1, 2.9}, []float64{2, 2.1, 1.9}, Higher, 0.90},
		{"overlap", []float64{1, 2, 3}, []float64{1.5, 2.5, 2}, Noise, 0.90},
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

// The interval must cover the true ratio about as often as it says. 5 against 5 reaches 95 %.
func TestCompareCoverage(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	const rounds, truth = 2000, 1.25
	covered := 0
	for range rounds {
		ours, theirs := make([]float64, 5), make([]float64, 5)
		for i := range ours {
			ours[i] = truth * math.Exp(0.1*rng.NormFloat64())
			theirs[i] = math.Exp(0.1 * rng.NormFloat64())
		}
		r, _ := Compare(ours, theirs)
		if r.Confidence < 0.95 {
			t.Fatalf("5 against 5 must reach 95 %%, got %v", r.Confidence)
		}
		if r.Low <= truth && truth <= r.High {
			covered++
		}
	}
	if share := float64(covered) / rounds; share < 0.93 || share > 0.99 {
		t.Errorf("the interval covers the truth in %.3f of the rounds", share)
	}
}
