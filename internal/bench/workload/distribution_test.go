package workload

import (
	"math"
	"slices"
	"testing"
)

// The frequencies of every rank must be those of the definition, also at and above theta 1, where the common
// approximation doesn't work.
func TestZipfFrequencies(t *testing.T) {
	const count, draws = 1000, 400_000
	for _, theta := range []float64{0.2, 0.99, 1, 1.3, 3} {
		z, err := NewZipfAccess(count, theta)
		if err != nil {
			t.Fatal(err)
		}
		seen := make([]float64, count)
		r := NewRandom(1, 1)
		for range draws {
			seen[z.Draw(r)]++
		}
		norm := 0.0
		for k := 1; k <= count; k++ {
			norm += math.Pow(float64(k), -theta)
		}
		for k := 1; k <= count; k++ {
			want := draws * math.Pow(float64(k), -theta) / norm
			got := seen[z.scatter.key(uint64(k-1))]
			if math.Abs(got-want) > 5*math.Sqrt(want)+5 {
				t.Errorf("theta %v, rank %d: drawn %v times, want %.0f", theta, k, got, want)
			}
		}
	}
	for _, bad := range []float64{0, -1, 21, math.NaN()} {
		if _, err := NewZipfAccess(10, bad); err == nil {
			t.Errorf("theta %v must be refused", bad)
		}
	}
	one, _ := NewZipfAccess(1, 0.99)
	if k := one.Draw(NewRandom(1, 1)); k != 0 {
		t.Errorf("the only key is 0, got %d", k)
	}
}

func TestScatterIsPermutation(t *testing.T) {
	for count := uint64(1); count < 300; count++ {
		s, seen := newScatter(count), map[uint64]bool{}
		for rank := range count {
			seen[s.key(rank)] = true
		}
		if uint64(len(seen)) != count {
			t.Fatalf("%d keys scatter to %d", count, len(seen))
		}
		for k := range seen {
			if k >= count {
				t.Fatalf("key %d of %d", k, count)
			}
		}
	}
}

func TestHotspot(t *testing.T) {
	h, err := NewHotspotAccess(1000, 0.1, 0.9)
	if err != nil {
		t.Fatal(err)
	}
	seen := make([]int, 1000)
	r := NewRandom(1, 1)
	for range 200_000 {
		seen[h.Draw(r)]++
	}
	slices.Sort(seen)
	hot := 0
	for _, n := range seen[900:] {
		hot += n
	}
	if share := float64(hot) / 200_000; math.Abs(share-0.9) > 0.01 || seen[0] == 0 {
		t.Errorf("the hot tenth got %v of the requests, the coldest key %d", share, seen[0])
	}
	for _, bad := range [][2]float64{{0, 0.5}, {1, 0.5}, {0.5, 1.1}, {0.5, math.NaN()}} {
		if _, err := NewHotspotAccess(1000, bad[0], bad[1]); err == nil {
			t.Errorf("%v must be refused", bad)
		}
	}
}

func TestSequential(t *testing.T) {
	s, r := SequentialAccess{10}, NewRandom(1, 0)
	for i := range uint64(25) {
		if k := s.Draw(r); k != i%10 {
			t.Fatalf("draw %d gave key %d", i, k)
		}
	}
	if s.Draw(NewRandom(1, 1)) == s.Draw(NewRandom(1, 2)) && s.Draw(NewRandom(1, 3)) == s.Draw(NewRandom(1, 4)) {
		t.Error("threads start at the same key")
	}
}

// sizesOf returns the sizes of many keys, sorted.
func sizesOf(d SizeDistribution) []int {
	sizes := make([]int, 100_000)
	for i := range sizes {
		sizes[i] = d.Size(uint64(i))
	}
	slices.Sort(sizes)
	return sizes
}

func TestSizes(t *testing.T) {
	uniform, _ := NewUniformSize(100, 200)
	if s := sizesOf(uniform); s[0] != 100 || s[len(s)-1] != 200 || s[len(s)/4] < 122 || s[len(s)/4] > 128 || uniform.Max() != 200 {
		t.Errorf("uniform: %d..%d, first quartile %d", s[0], s[len(s)-1], s[len(s)/4])
	}
	normal, _ := NewLogNormalSize(300, 1, 1, 1<<20)
	s := sizesOf(normal)
	if m := s[len(s)/2]; m < 290 || m > 310 {
		t.Errorf("log-normal: median %d", m)
	}
	if q := s[len(s)*841/1000]; math.Abs(float64(q)/300-math.E) > 0.15 {
		t.Errorf("log-normal: one sigma above the median is %d, want %.0f", q, 300*math.E)
	}
	histogram, _ := NewHistogramSize([]SizeShare{{10, 1}, {20, 0}, {30, 3}})
	count := map[int]int{}
	for _, size := range sizesOf(histogram) {
		count[size]++
	}
	if len(count) != 2 || math.Abs(float64(count[10])/100_000-0.25) > 0.01 {
		t.Errorf("histogram: %v", count)
	}
	if first, again := histogram.Size(5), histogram.Size(5); first != again {
		t.Error("a key must keep its size")
	}
}

func TestSizesRefused(t *testing.T) {
	bad := func(_ *TableSize, err error) {
		t.Helper()
		if err == nil {
			t.Error("must be refused")
		}
	}
	bad(NewUniformSize(-1, 5))
	bad(NewUniformSize(6, 5))
	bad(NewUniformSize(0, valueSizeMax+1))
	bad(NewLogNormalSize(0, 1, 0, 10))
	bad(NewLogNormalSize(10, 0, 0, 10))
	bad(NewLogNormalSize(10, math.NaN(), 0, 10))
	bad(NewLogNormalSize(10, 1, 10, 1))
	bad(NewHistogramSize(nil))
	bad(NewHistogramSize([]SizeShare{{1, 0}}))
	bad(NewHistogramSize([]SizeShare{{-1, 1}}))
	bad(NewHistogramSize([]SizeShare{{1, math.NaN()}}))
}

func TestTTLs(t *testing.T) {
	r := NewRandom(1, 1)
	seen := map[uint32]bool{}
	for range 1000 {
		seen[TTLs{5, 7}.Draw(r)] = true
	}
	if len(seen) != 3 || !seen[5] || !seen[7] {
		t.Errorf("5..7 gave %v", seen)
	}
	if (TTLs{}).Draw(r) != 0 || (TTLs{9, 9}).Draw(r) != 9 {
		t.Error("a fixed time to live must be itself")
	}
	if (TTLs{7, 5}).validate() == nil || (TTLs{1, ttlMax + 1}).validate() == nil {
		t.Error("must be refused")
	}
}

func BenchmarkDraw(b *testing.B) {
	z, _ := NewZipfAccess(1_000_000, 0.99)
	for name, d := range map[string]Distribution{"uniform": UniformAccess{1_000_000}, "zipf": z} {
		b.Run(name, func(b *testing.B) {
			r := NewRandom(1, 1)
			for b.Loop() {
				d.Draw(r)
			}
		})
	}
}
