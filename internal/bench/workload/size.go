package workload

import (
	"errors"
	"fmt"
	"math"
	"math/bits"
)

// SizeDistribution chooses the size of a key's value in bytes. The size follows from the key, not from the draw, so that
// a key keeps its size through every overwrite and memory stays where the prefill put it.
type SizeDistribution interface {
	// Size returns the size for a key; Max bounds it.
	Size(key uint64) int
	Max() int
}

// FixedSize gives every value one size in bytes.
type FixedSize int

// Size implements SizeDistribution.
func (f FixedSize) Size(uint64) int { return int(f) }

// Max implements SizeDistribution.
func (f FixedSize) Max() int { return int(f) }

// quantiles is the resolution of a TableSize. Sizes rarer than one in 4096 appear only as the ends of the table.
const quantiles = 1 << 12

// TableSize is any distribution, as the table of its quantiles.
type TableSize struct{ table [quantiles]int }

// Size implements SizeDistribution: the key's hash picks the quantile.
func (t *TableSize) Size(key uint64) int {
	hi, lo := bits.Mul64(key^0x9e3779b97f4a7c15, 0xd6e8feb86659fd93)
	return t.table[(hi^lo)%quantiles]
}

// Max implements SizeDistribution.
func (t *TableSize) Max() int {
	largest := 0
	for _, size := range t.table {
		largest = max(largest, size)
	}
	return largest
}

// newTable fills a table from an inverse cumulative distribution, asked at the middle of every step.
func newTable(quantile func(p float64) float64) *TableSize {
	t := &TableSize{}
	for i := range t.table {
		t.table[i] = int(math.Round(quantile((float64(i) + 0.5) / quantiles)))
	}
	return t
}

// NewUniformSize spreads sizes evenly over low..high.
func NewUniformSize(low, high int) (*TableSize, error) {
	if low < 0 || high < low || high > valueSizeMax {
		return nil, fmt.Errorf("sizes from %d to %d", low, high)
	}
	return newTable(func(p float64) float64 { return float64(low) + p*float64(high-low) }), nil
}

// NewLogNormalSize has the given median and the given standard deviation of the logarithm, cut at low and high.
func NewLogNormalSize(median int, sigma float64, low, high int) (*TableSize, error) {
	if median < 1 || !(sigma > 0 && sigma <= 10) || low < 0 || high < low || high > valueSizeMax {
		return nil, fmt.Errorf("log-normal sizes with median %d, sigma %v, from %d to %d: want a median of at least 1, 0 < sigma <= 10 and min <= max", median, sigma, low, high)
	}
	return newTable(func(p float64) float64 {
		z := math.Sqrt2 * math.Erfinv(2*p-1)
		return min(max(float64(median)*math.Exp(sigma*z), float64(low)), float64(high))
	}), nil
}

// SizeShare is one bar of a histogram of sizes.
type SizeShare struct {
	Size   int     `toml:"size"`
	Weight float64 `toml:"weight"`
}

// NewHistogramSize has the given sizes in proportion to their weights.
func NewHistogramSize(shares []SizeShare) (*TableSize, error) {
	total := 0.0
	for _, s := range shares {
		if s.Size < 0 || s.Size > valueSizeMax || !(s.Weight >= 0) {
			return nil, fmt.Errorf("size %d with weight %v", s.Size, s.Weight)
		}
		total += s.Weight
	}
	if !(total > 0) {
		return nil, errors.New("a histogram of sizes needs a weight above 0")
	}
	return newTable(func(p float64) float64 {
		at := p * total
		for _, s := range shares {
			if at -= s.Weight; at < 0 {
				return float64(s.Size)
			}
		}
		return float64(shares[len(shares)-1].Size)
	}), nil
}
