package metrics

import (
	"fmt"
	"slices"
	"testing"
)

// The expected figures are what a Redis 8.0 server reports for the same durations.
func TestHistogramBounds(t *testing.T) {
	for _, x := range []struct {
		ns      []int64
		p50     int64
		doubled string
	}{
		{[]int64{1000, 1000, 1000, 12000}, 1003, "[1031:3 16511:4]"},
		{[]int64{147000}, 147455, "[264191:1]"},
		{[]int64{20_400_000}, 20447231, "[33816575:1]"},
		{[]int64{8000}, 8031, "[8255:1]"},
		{[]int64{1}, 1, "[1031:1]"},
		{[]int64{0, -5}, 1, "[1031:2]"},
		{[]int64{255, 256, 257}, 257, "[1031:3]"},
		{[]int64{560_000_000}, 562036735, "[1073741823:1]"},
		{[]int64{5e9}, 1002438655, "[1073741823:1]"},
	} {
		var h Histogram
		for _, ns := range x.ns {
			h.Record(ns, 1)
		}
		var c HistogramCounts
		c.Add(&h)
		var doubled []string
		c.Doubling(func(ns int64, n uint64) { doubled = append(doubled, fmt.Sprintf("%d:%d", ns, n)) })
		if got := fmt.Sprint(doubled); got != x.doubled {
			t.Errorf("%d: %s, want %s", x.ns, got, x.doubled)
		}
		if got := c.Percentile(50); got != x.p50 {
			t.Errorf("%d: median %d, want %d", x.ns, got, x.p50)
		}
		if c.Total() != uint64(len(x.ns)) {
			t.Errorf("%d: total %d", x.ns, c.Total())
		}
	}
}

// Every duration is counted where its lowest neighbour says, in order.
func TestHistogramPlaces(t *testing.T) {
	last := []int{0, 0}
	for ns := int64(1); ns < 2e9; ns += 1 + ns/300 {
		row, at := histogramPlace(ns)
		if row >= histogramRows || at < 0 || at >= rowLength {
			t.Fatalf("%d ns: row %d, place %d", ns, row, at)
		}
		now := []int{row, at}
		if slices.Compare(now, last) < 0 {
			t.Fatalf("%d ns is in row %d, place %d, before what is shorter", ns, row, at)
		}
		last = now
		if low := lowestAt(row, at); ns <= longestNS && (ns < low || ns > highestEquivalent(low)) {
			t.Fatalf("%d ns counts as %d to %d", ns, low, highestEquivalent(low))
		}
	}
}

func TestHistogramCountsSince(t *testing.T) {
	var h Histogram
	h.Record(1000, 2)
	var before, now HistogramCounts
	before.Add(&h)
	h.Record(1000, 3)
	h.Record(50_000, 1)
	now.Add(&h)
	now.Subtract(&before)
	if now.Total() != 4 || now.Percentile(50) != 1003 || now.Percentile(100) != 50175 {
		t.Errorf("%d durations, median %d, longest %d", now.Total(), now.Percentile(50), now.Percentile(100))
	}
}
