package sample

import (
	"math"
	"slices"
)

// confidenceWanted is the level Compare aims at. Few repetitions cannot reach it; Ratio.Confidence says what was reached.
const confidenceWanted = 0.95

// confidenceEnough is the level below which no winner is called: five pairs reach 0.94, four 0.88.
const confidenceEnough = 0.9

// Verdict is what a ratio allows one to say.
type Verdict string

// The three verdicts. Noise is the refusal to call a winner: the interval contains 1, or the repetitions are too few.
const (
	Lower  Verdict = "lower"
	Higher Verdict = "higher"
	Noise  Verdict = "inside the noise"
)

// Ratio compares two series of repetitions, ours over theirs.
type Ratio struct {
	// Value is the ratio: the median of the means of all pairs of repetitions.
	Value float64 `json:"value"`
	// Low and High bound the ratio with the given Confidence (0..1).
	Low        float64 `json:"low"`
	High       float64 `json:"high"`
	Confidence float64 `json:"confidence"`
	Verdict    Verdict `json:"verdict"`
}

// Compare returns how ours relates to theirs, repetition by repetition: the two of a repetition were measured one right
// after the other, so that what disturbed one for longer disturbed both, and drops out of their ratio. Repetitions that
// only one of the two has are left out. ok is false without any, or when a value is not above 0: that is no measurement,
// and has no ratio.
//
// Estimate and interval are those of Hodges and Lehmann over the geometric means of every two repetitions' ratios (their
// Walsh averages), cut where Wilcoxon's signed ranks say, exactly. They assume no normal distribution, which a benchmark
// disturbed by its neighbours doesn't have. A bootstrap of the median would be the more usual interval, and is too narrow
// for so few: of seven pairs it covers the truth seven times in eight where it claims nineteen in twenty.
func Compare(ours, theirs []float64) (r Ratio, ok bool) {
	n := min(len(ours), len(theirs))
	logs := make([]float64, n)
	for i := range n {
		a, b := ours[i], theirs[i]
		if !(a > 0 && b > 0) {
			return Ratio{}, false
		}
		logs[i] = math.Log(a / b)
	}
	if n == 0 {
		return Ratio{}, false
	}
	walsh := averages(logs)
	cut, confidence := cutoff(n)
	r = Ratio{
		Value:      math.Exp(Median(walsh)),
		Low:        math.Exp(walsh[cut]),
		High:       math.Exp(walsh[len(walsh)-1-cut]),
		Confidence: confidence,
		Verdict:    Noise,
	}
	switch {
	case confidence < confidenceEnough:
	case r.High < 1:
		r.Verdict = Lower
	case r.Low > 1:
		r.Verdict = Higher
	}
	return r, true
}

// averages returns the means of every two values, each with itself included, in ascending order.
func averages(xs []float64) []float64 {
	var out []float64
	for i, a := range xs {
		for _, b := range xs[i:] {
			out = append(out, (a+b)/2)
		}
	}
	slices.Sort(out)
	return out
}

// cutoff returns how many averages to drop at each end so that the rest covers confidenceWanted, and the confidence
// really reached: less when even dropping none falls short.
func cutoff(n int) (cut int, confidence float64) {
	tail := signedRankTails(n)
	confidence = 1 - 2*tail[0]
	for k := 1; k < len(tail) && 1-2*tail[k] >= confidenceWanted; k++ {
		cut, confidence = k, 1-2*tail[k]
	}
	return cut, confidence
}

// signedRankTails returns P(W <= w) of Wilcoxon's signed-rank statistic of n pairs for w in the lower half of its range,
// exactly: ways[w] counts the sets of ranks 1..n with sum w.
func signedRankTails(n int) []float64 {
	top := n * (n + 1) / 2
	ways := make([]float64, top+1)
	ways[0] = 1
	for rank := 1; rank <= n; rank++ {
		for w := top; w >= rank; w-- {
			ways[w] += ways[w-rank]
		}
	}
	tails := make([]float64, top/2+1)
	sum := 0.0
	for w := range tails {
		sum += ways[w]
		tails[w] = sum / math.Exp2(float64(n))
	}
	return tails
}
