package sample

import (
	"math"
	"slices"
)

// confidenceWanted is the level Compare aims at. Few repetitions cannot reach it; Ratio.Confidence says what was reached.
const confidenceWanted = 0.95

// Verdict is what a ratio allows one to say.
type Verdict string

// The three verdicts. Noise is the refusal to call a winner: the interval contains 1.
const (
	Lower  Verdict = "lower"
	Higher Verdict = "higher"
	Noise  Verdict = "inside the noise"
)

// Ratio compares two series of independent repetitions, ours over theirs.
type Ratio struct {
	// Value is the ratio of the medians.
	Value float64 `json:"value"`
	// Low and High bound the ratio with the given Confidence (0..1).
	Low        float64 `json:"low"`
	High       float64 `json:"high"`
	Confidence float64 `json:"confidence"`
	Verdict    Verdict `json:"verdict"`
}

// Compare returns how ours relates to theirs. The interval is the Hodges-Lehmann one: the pairwise ratios, cut at the
// order statistics that the exact Mann-Whitney distribution gives. It assumes no normal distribution, which a benchmark
// disturbed by its neighbours doesn't have. ok is false when a series is empty or holds a value <= 0: that is no
// measurement, and has no ratio.
func Compare(ours, theirs []float64) (r Ratio, ok bool) {
	pairs := make([]float64, 0, len(ours)*len(theirs))
	for _, a := range ours {
		for _, b := range theirs {
			if a <= 0 || b <= 0 || math.IsNaN(a) || math.IsNaN(b) {
				return Ratio{}, false
			}
			pairs = append(pairs, a/b)
		}
	}
	if len(pairs) == 0 {
		return Ratio{}, false
	}
	slices.Sort(pairs)
	cut, confidence := cutoff(len(ours), len(theirs))
	r = Ratio{
		Value:      Median(ours) / Median(theirs),
		Low:        pairs[cut],
		High:       pairs[len(pairs)-1-cut],
		Confidence: confidence,
		Verdict:    Noise,
	}
	// One repetition a side proves nothing: the interval would be a point with a confidence of zero.
	if len(ours) < 2 || len(theirs) < 2 {
		return r, true
	}
	switch {
	case r.High < 1:
		r.Verdict = Lower
	case r.Low > 1:
		r.Verdict = Higher
	}
	return r, true
}

// cutoff returns how many pairwise ratios to drop at each end so that the rest covers confidenceWanted, and the
// confidence really reached: less when even dropping none falls short (3 against 3 gives 0.90).
func cutoff(n, m int) (cut int, confidence float64) {
	tail := rankSumTails(n, m)
	confidence = 1 - 2*tail[0]
	for k := 1; k < len(tail) && 1-2*tail[k] >= confidenceWanted; k++ {
		cut, confidence = k, 1-2*tail[k]
	}
	return cut, confidence
}

// rankSumTails returns P(U <= u) of the Mann-Whitney statistic for u in the lower half of 0..n*m, exactly: ways[u] counts
// the orderings of n and m items with u inversions, which are the coefficients of the Gaussian binomial.
func rankSumTails(n, m int) []float64 {
	size := n*m + 1
	ways := make([]float64, size)
	ways[0] = 1
	for i := 1; i <= n; i++ {
		for u := size - 1; u >= m+i; u-- { // multiply by 1 - x^(m+i)
			ways[u] -= ways[u-m-i]
		}
		for u := i; u < size; u++ { // divide by 1 - x^i
			ways[u] += ways[u-i]
		}
	}
	total := 0.0
	for _, w := range ways {
		total += w
	}
	tails := make([]float64, (size+1)/2)
	sum := 0.0
	for u := range tails {
		sum += ways[u]
		tails[u] = sum / total
	}
	return tails
}
