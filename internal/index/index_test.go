package index

import (
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"github.com/crucible-cache/crucible/internal/offheap"
)

// hashOf stands in for hashing the key at a place: a fixed permutation.
func hashOf(place uint64) uint64 {
	x := place * 0x9e3779b97f4a7c15
	x ^= x >> 29
	x *= 0xbf58476d1ce4e5b9
	return x ^ x>>32
}

func newIndex(t interface{ Fatal(...any) }) (*Index, func()) {
	space, err := NewSpace(1, 1<<30)
	if err != nil {
		t.Fatal(err)
	}
	ix := space.Index(0, hashOf)
	return &ix, func() { ix.Reset(); space.Close() }
}

func find(ix *Index, place uint64) (Slot, bool) {
	hash := hashOf(place)
	for c, ok := ix.Candidates(hash), true; ok; c, ok = ix.Behind(c, hash) {
		for ; c.Any(); c = c.Rest() {
			if s := c.First(); s.Place() == place {
				return s, true
			}
		}
	}
	return Slot{}, false
}

// An index is a set of places: what was inserted and not removed is found,
// and a scan from end to end visits each once.
func TestIndexIsASet(t *testing.T) {
	before := offheap.Resident(offheap.Index)
	rapid.Check(t, func(t *rapid.T) {
		ix, closeIndex := newIndex(t)
		defer closeIndex()
		model := map[uint64]bool{}
		next := uint64(1)
		for range rapid.IntRange(1, 300).Draw(t, "steps") {
			if rapid.IntRange(0, 2).Draw(t, "op") > 0 || len(model) == 0 {
				for range rapid.IntRange(1, 20).Draw(t, "n") {
					ix.Insert(hashOf(next), next, next%3 == 0, 0)
					model[next] = true
					next++
				}
				continue
			}
			place := rapid.Uint64Range(1, next).Draw(t, "place")
			s, ok := find(ix, place)
			if ok != model[place] {
				t.Fatalf("place %d found: %v, want %v", place, ok, model[place])
			}
			if ok {
				ix.Remove(hashOf(place), s)
				delete(model, place)
			}
		}
		check(t, ix, model)
	})
	if after := offheap.Resident(offheap.Index); after != before {
		t.Fatalf("%d bytes leaked", after-before)
	}
}

func check(t interface{ Fatalf(string, ...any) }, ix *Index, model map[uint64]bool) {
	if ix.Len() != len(model) {
		t.Fatalf("Len is %d, want %d", ix.Len(), len(model))
	}
	for place := range model {
		s, ok := find(ix, place)
		if !ok || s.Expiring() != (place%3 == 0) {
			t.Fatalf("place %d: found %v", place, ok)
		}
	}
	seen := map[uint64]int{}
	for pos := uint64(0); pos < ScanEnd; {
		pos = ix.Scan(pos, func(s Slot) { seen[s.Place()]++ })
	}
	for place := range model {
		if seen[place] != 1 {
			t.Fatalf("place %d visited %d times by a scan", place, seen[place])
		}
	}
	if len(seen) != len(model) {
		t.Fatalf("a scan visited %d places, want %d", len(seen), len(model))
	}
}

// What is there throughout a scan is visited, however much the index grows
// between the steps.
func TestScanWhileGrowing(t *testing.T) {
	ix, closeIndex := newIndex(t)
	defer closeIndex()
	const kept = 5000
	next := uint64(1)
	for ; next <= kept; next++ {
		ix.Insert(hashOf(next), next, false, 0)
	}
	seen := map[uint64]bool{}
	for pos := uint64(0); pos < ScanEnd; {
		pos = ix.Scan(pos, func(s Slot) { seen[s.Place()] = true })
		for range rand.IntN(40) {
			ix.Insert(hashOf(next), next, false, 0)
			next++
		}
	}
	for place := uint64(1); place <= kept; place++ {
		if !seen[place] {
			t.Fatalf("place %d was there throughout and was not visited", place)
		}
	}
}

// The attributes of an entry survive splits and moves.
func TestSlotAttributes(t *testing.T) {
	ix, closeIndex := newIndex(t)
	defer closeIndex()
	ix.Insert(hashOf(1), 1, true, 0)
	s, _ := find(ix, 1)
	s.SetUse(777)
	for place := uint64(2); place < 10000; place++ {
		ix.Insert(hashOf(place), place, false, 0)
	}
	s, ok := find(ix, 1)
	if !ok || s.Use() != 777 || !s.Expiring() {
		t.Fatalf("after growth: found %v, use %d, expiring %v", ok, s.Use(), s.Expiring())
	}
	s.SetPlace(1<<40, false)
	if s.Place() != 1<<40 || s.Use() != 777 || s.Expiring() {
		t.Fatalf("after a move: place %d, use %d, expiring %v", s.Place(), s.Use(), s.Expiring())
	}
}

// Memory per item stays near a slot and its share of empty ones.
func TestBytesPerItem(t *testing.T) {
	ix, closeIndex := newIndex(t)
	defer closeIndex()
	const n = 1 << 20
	for place := uint64(1); place <= n; place++ {
		ix.Insert(hashOf(place), place, false, 0)
	}
	each := float64(ix.Bytes()) / n
	t.Logf("%.1f bytes an item", each)
	if each > 16 {
		t.Fatalf("%.1f bytes an item", each)
	}
}

func BenchmarkFind(b *testing.B) {
	ix, closeIndex := newIndex(b)
	defer closeIndex()
	const n = 1 << 20
	for place := uint64(1); place <= n; place++ {
		ix.Insert(hashOf(place), place, false, 0)
	}
	b.ReportAllocs()
	place := uint64(0)
	for b.Loop() {
		place = place*5 + 3
		if _, ok := find(ix, place%n+1); !ok {
			b.Fatal("lost")
		}
	}
}

// Nearly every item is where Guess or GuessBehind say: what they miss is behind another item with the same tag,
// or in the second block of a chain.
func TestGuess(t *testing.T) {
	ix, closeIndex := newIndex(t)
	defer closeIndex()
	const n = 100000
	for place := uint64(1); place <= n; place++ {
		ix.Insert(hashOf(place), place, false, 0)
	}
	near, behind := 0, 0
	for place := uint64(1); place <= n; place++ {
		guess, more := ix.Guess(hashOf(place))
		switch {
		case guess == place:
			near++
		case more && ix.GuessBehind(hashOf(place)) == place:
			behind++
		}
		if more && guess != 0 {
			t.Fatalf("place %d: guessed %d, and more", place, guess)
		}
	}
	if found := near + behind; behind < n/20 || found < n*97/100 {
		t.Fatalf("%d found, %d of them behind, want nearly %d and some", found, behind, n)
	}
}
