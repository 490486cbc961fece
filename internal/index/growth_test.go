package index

import (
	"flag"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// Ghosts are remembered until their slots are needed, through splits and joins,
// are never mistaken for items, and never make the table larger.
func TestGhosts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ix, closeIndex := newIndex(t)
		defer closeIndex()
		items, buried := map[uint64]bool{}, map[uint64]bool{}
		next := uint64(1)
		for range rapid.IntRange(1, 200).Draw(t, "steps") {
			switch rapid.IntRange(0, 3).Draw(t, "op") {
			case 0, 1:
				for range rapid.IntRange(1, 20).Draw(t, "n") {
					ix.Insert(hashOf(next), next, false, uint16(next&0xfff))
					items[next] = true
					next++
				}
			case 2:
				place := rapid.Uint64Range(1, next).Draw(t, "place")
				if s, ok := find(ix, place); ok {
					ix.Bury(hashOf(place), s)
					delete(items, place)
					buried[place] = true
				}
			case 3:
				place := rapid.Uint64Range(1, next).Draw(t, "ghost")
				before := ix.Ghosts()
				use, ok := ix.Exhume(hashOf(place))
				if ok && (!buried[place] || use != uint16(place&0xfff) || ix.Ghosts() != before-1) {
					t.Fatalf("ghost of %d: buried %v, use %d", place, buried[place], use)
				}
				delete(buried, place)
			}
			checkCounts(t, ix)
		}
		checkFound(t, ix, items)
		for place := range buried {
			if _, ok := find(ix, place); ok {
				t.Fatalf("the ghost of %d is found", place)
			}
		}
	})
}

func checkCounts(t interface{ Fatalf(string, ...any) }, ix *Index) {
	if err := ix.Check(); err != nil {
		t.Fatalf("%v", err)
	}
}

func checkFound(t interface{ Fatalf(string, ...any) }, ix *Index, model map[uint64]bool) {
	for place := range model {
		if _, ok := find(ix, place); !ok {
			t.Fatalf("place %d is lost", place)
		}
	}
}

// After a mass deletion the memory goes back, and what is left is found.
func TestShrink(t *testing.T) {
	ix, closeIndex := newIndex(t)
	defer closeIndex()
	const n, kept = 200000, 1000
	for place := uint64(1); place <= n; place++ {
		ix.Insert(hashOf(place), place, place%3 == 0, 0)
	}
	full := ix.Bytes()
	for place := uint64(kept + 1); place <= n; place++ {
		s, ok := find(ix, place)
		if !ok {
			t.Fatalf("place %d is lost", place)
		}
		ix.Remove(hashOf(place), s)
	}
	model := map[uint64]bool{}
	for place := uint64(1); place <= kept; place++ {
		model[place] = true
	}
	check(t, ix, model)
	checkCounts(t, ix)
	if left := ix.main.committed; left > 3*slack {
		t.Fatalf("%d bytes of buckets left of %d", left, full)
	}
}

// What is there throughout a scan is visited also while the table shrinks.
func TestScanWhileShrinking(t *testing.T) {
	ix, closeIndex := newIndex(t)
	defer closeIndex()
	const n, kept = 100000, 3000
	for place := uint64(1); place <= n; place++ {
		ix.Insert(hashOf(place), place, false, 0)
	}
	seen, gone := map[uint64]bool{}, uint64(kept)
	for pos := uint64(0); pos < ScanEnd; {
		pos = ix.Scan(pos, func(s Slot) { seen[s.Place()] = true })
		for range 20 {
			if gone++; gone <= n {
				s, _ := find(ix, gone)
				ix.Remove(hashOf(gone), s)
			}
		}
	}
	for place := uint64(1); place <= kept; place++ {
		if !seen[place] {
			t.Fatalf("place %d was there throughout and was not visited", place)
		}
	}
}

// Memory per item stays low at every size, whatever the phase of growth.
func TestBytesPerItemAtAnySize(t *testing.T) {
	ix, closeIndex := newIndex(t)
	defer closeIndex()
	const first, last = 1 << 19, 1 << 20
	sum, count, worst := 0.0, 0, 0.0
	for place := uint64(1); place <= last; place++ {
		ix.Insert(hashOf(place), place, false, 0)
		if place >= first && place%(first/16) == 0 {
			each := float64(ix.Bytes()) / float64(place)
			sum, count, worst = sum+each, count+1, max(worst, each)
		}
	}
	t.Logf("%.1f bytes an item, %.1f at worst", sum/float64(count), worst)
	if worst > 14 {
		t.Fatalf("%.1f bytes an item at worst", worst)
	}
}

var growTo = flag.Uint64("growto", 2<<20, "items that BenchmarkGrowth grows the table to")

// BenchmarkGrowth finds keys while the table grows from a thousand to -growto
// items, and reports the latencies of the finds and of the insertions between them.
func BenchmarkGrowth(b *testing.B) {
	for range b.N {
		ix, closeIndex := newIndex(b)
		finds, inserts := make([]time.Duration, 0, *growTo), make([]time.Duration, 0, *growTo)
		for place := uint64(1); place <= *growTo; place++ {
			begin := time.Now()
			ix.Insert(hashOf(place), place, false, 0)
			middle := time.Now()
			if _, ok := find(ix, hashOf(place)%place+1); !ok {
				b.Fatal("lost")
			}
			finds, inserts = append(finds, time.Since(middle)), append(inserts, middle.Sub(begin))
		}
		closeIndex()
		slices.Sort(finds)
		slices.Sort(inserts)
		b.ReportMetric(float64(finds[len(finds)*999/1000]), "find-p999-ns")
		b.ReportMetric(float64(inserts[len(inserts)*999/1000]), "insert-p999-ns")
		b.ReportMetric(float64(inserts[len(inserts)*99999/100000]), "insert-p99999-ns")
	}
}
