package metrics

import (
	"math/bits"
	"sync/atomic"
)

// Histogram counts durations by size, from a nanosecond to a second, with two
// decimal digits: the bounds are those of an HdrHistogram
// (http://hdrhistogram.org) of that range and precision, so that percentiles
// come out as other servers report them. Shorter and longer durations count as
// the shortest and the longest.
//
// One thread records, any may read. Rows of counters are made when the first
// duration falls into one: a command takes one to six, of a kilobyte each.
// The zero Histogram is empty and ready.
type Histogram struct {
	rows [histogramRows]atomic.Pointer[[rowLength]Counter]
}

// A row holds the durations between two powers of two, the first one all that
// is below histogramExact: a power of two is cut in rowLength parts.
const (
	histogramRows  = 24
	rowLength      = 128
	histogramExact = 2 * rowLength
	longestNS      = 1e9
	highestCounted = 1<<(histogramRows+6) - 1 // by the last counter of the last row
)

// Record counts n durations of ns nanoseconds.
func (h *Histogram) Record(ns int64, n uint64) {
	row, at := histogramPlace(ns)
	r := h.rows[row].Load()
	if r == nil {
		r = new([rowLength]Counter)
		h.rows[row].Store(r)
	}
	r[at].Add(n)
}

// histogramPlace finds the counter of a duration. Rows 0 and 1 count each
// nanosecond, those above as many as fit.
func histogramPlace(ns int64) (row, at int) {
	v := uint64(min(max(ns, 1), longestNS)) //nolint:gosec // not negative
	if v < rowLength {
		return 0, int(v)
	}
	shift := bits.Len64(v / histogramExact)
	return shift + 1, int(v>>shift) - rowLength
}

// HistogramCounts are the counters of one or several histograms at one moment.
type HistogramCounts struct {
	rows  [histogramRows]*[rowLength]uint64
	total uint64
}

// Add adds what a histogram has counted.
func (c *HistogramCounts) Add(h *Histogram) {
	for i := range h.rows {
		r := h.rows[i].Load()
		if r == nil {
			continue
		}
		if c.rows[i] == nil {
			c.rows[i] = new([rowLength]uint64)
		}
		for j := range r {
			n := r[j].Load()
			c.rows[i][j] += n
			c.total += n
		}
	}
}

// Subtract takes away what had been counted at an earlier moment.
func (c *HistogramCounts) Subtract(old *HistogramCounts) {
	for i, r := range old.rows {
		if r == nil || c.rows[i] == nil {
			continue
		}
		for j, n := range r {
			c.rows[i][j] -= n
		}
	}
	c.total -= old.total
}

// Total returns how many durations there are.
func (c *HistogramCounts) Total() uint64 { return c.total }

// Percentile returns the duration in nanoseconds that percent of 100 do not
// exceed.
func (c *HistogramCounts) Percentile(percent float64) int64 {
	want := max(uint64(min(percent, 100)/100*float64(c.total)+0.5), 1)
	var sum uint64
	found := int64(0)
	c.each(func(lowest int64, n uint64) bool {
		sum += n
		found = lowest
		return sum < want
	})
	if percent == 0 {
		return found
	}
	return highestEquivalent(found)
}

// Doubling visits durations that double, from 1024 ns, as long as there are
// longer ones than the last: how many do not exceed one, where that is more
// than before.
func (c *HistogramCounts) Doubling(visit func(ns int64, count uint64)) {
	var sum, shown uint64
	bound := int64(1024)
	show := func() {
		if sum > shown {
			visit(min(highestEquivalent(bound), highestCounted), sum)
			shown = sum
		}
	}
	c.each(func(lowest int64, n uint64) bool {
		for lowest > bound {
			show()
			bound *= 2
		}
		sum += n
		return true
	})
	show()
}

// each visits the counters that are not zero, the shortest duration first,
// while visit says so.
func (c *HistogramCounts) each(visit func(lowest int64, n uint64) bool) {
	for i, r := range c.rows {
		if r == nil {
			continue
		}
		for j, n := range r {
			if n > 0 && !visit(lowestAt(i, j), n) {
				return
			}
		}
	}
}

func lowestAt(row, at int) int64 {
	if row == 0 {
		return int64(at)
	}
	return int64(at+rowLength) << (row - 1)
}

// highestEquivalent returns the longest duration that is counted with ns.
func highestEquivalent(ns int64) int64 {
	return ns | (1<<bits.Len64(uint64(ns)/histogramExact) - 1) //nolint:gosec // not negative
}
