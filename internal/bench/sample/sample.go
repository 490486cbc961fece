// Package sample turns repeated measurements of one quantity into a statement: the median, how far the
// repetitions spread around it, and how the medians of two servers compare.
//
// It owns no memory beyond the slices it sorts copies of, is free of I/O, and any goroutine may call it. Sample sizes
// are those of a benchmark session (tens, not millions): the confidence interval below is quadratic in them.
package sample

import (
	"math"
	"slices"
)

// Median returns the middle value of xs, the mean of the two middle ones for an even count, NaN for none.
// xs is left as it was.
func Median(xs []float64) float64 {
	if len(xs) == 0 {
		return math.NaN()
	}
	s := slices.Sorted(slices.Values(xs))
	mid := len(s) / 2
	if len(s)%2 == 1 {
		return s[mid]
	}
	return (s[mid-1] + s[mid]) / 2
}

// Spread returns (max-min)/median: the width of the repetitions as a share of their median, 0 for fewer than two.
// With three or five repetitions it says more than a standard deviation would.
func Spread(xs []float64) float64 {
	if len(xs) < 2 {
		return 0
	}
	m := Median(xs)
	if m == 0 {
		return 0
	}
	return (slices.Max(xs) - slices.Min(xs)) / m
}

// Series is one quantity measured once per repetition.
type Series []float64

// Median is the median of the series.
func (s Series) Median() float64 { return Median(s) }

// Spread is the spread of the series.
func (s Series) Spread() float64 { return Spread(s) }
