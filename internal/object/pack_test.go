package object

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// Memory that counts how often it was asked for.
type countedMemory struct {
	heapMemory
	resized int
}

func (m *countedMemory) Resize(n int) []byte {
	m.resized++
	return m.heapMemory.Resize(n)
}

// A pack that is made for what it is given is not moved while it is given that:
// each move leaves a dead copy in the arena.
func TestPackIsMadeOnce(t *testing.T) {
	var values [][]byte
	for i := range 50 {
		values = append(values, fmt.Appendf(nil, "value %d of many", i))
	}
	var mem countedMemory
	p := NewPack(&mem, PackedSizes(values))
	for i, v := range values {
		if i%2 == 0 {
			p.Append(v)
		} else {
			p.Insert(p.First(), v)
		}
	}
	if mem.resized != 1 {
		t.Errorf("%d times resized", mem.resized)
	}
	if p.Delete(p.First(), 49); mem.resized != 2 || p.Len() != 1 {
		t.Errorf("after a removal: %d times resized, %d elements", mem.resized, p.Len())
	}
}

// Find agrees with a walk that compares one by one, for all encodings.
func TestPackFind(t *testing.T) {
	texts := rapid.OneOf(
		rapid.SampledFrom([]string{
			"", "a", "field1", "field2", "0", "1", "127", "128", "-1", "4095", "-4096", "32768", "8388608", "2147483648", "9223372036854775807", "007",
			strings.Repeat("x", 63), strings.Repeat("x", 64), strings.Repeat("x", 4096), strings.Repeat("y", 64),
		}),
		rapid.StringN(0, 5, 20),
	)
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(texts, 0, 30).Draw(t, "values")
		p := NewPack(&heapMemory{}, 0)
		for _, v := range values {
			p.Append([]byte(v))
		}
		v, skip := []byte(texts.Draw(t, "sought")), rapid.IntRange(0, 2).Draw(t, "skip")
		want, at := 0, p.First()
		for i := 0; at != 0 && want == 0; i++ {
			if i%(skip+1) == 0 && bytes.Equal([]byte(values[i]), v) {
				want = at
			}
			at = p.Next(at)
		}
		if got := p.Find(p.First(), v, skip); got != want {
			t.Fatalf("found at %d, want %d", got, want)
		}
	})
}

// A packed sorted set agrees with a sorted slice while members come and go.
func TestZPackModel(t *testing.T) {
	type entry struct {
		score  float64
		member string
	}
	rapid.Check(t, func(t *rapid.T) {
		z := NewZPack(&heapMemory{}, 0)
		var model []entry
		for range rapid.IntRange(1, 100).Draw(t, "operations") {
			switch {
			case len(model) == 0 || rapid.Bool().Draw(t, "add"):
				e := entry{rapid.SampledFrom([]float64{0, 1, 2, 300, 70000, 1.5, -3e20}).Draw(t, "score"), rapid.StringN(0, 12, 30).Draw(t, "member")}
				if slices.ContainsFunc(model, func(o entry) bool { return o.member == e.member }) {
					continue
				}
				z.Insert([]byte(e.member), e.score)
				i, _ := slices.BinarySearchFunc(model, e, func(a, b entry) int {
					return cmp.Or(cmp.Compare(a.score, b.score), cmp.Compare(a.member, b.member))
				})
				model = slices.Insert(model, i, e)
			default:
				i := max(0, rapid.IntRange(-len(model), len(model)-1).Draw(t, "rank"))
				n := min(rapid.IntRange(1, 3).Draw(t, "n"), len(model)-i)
				z.Remove(z.Seek(i), n)
				model = slices.Delete(model, i, i+n)
			}
			var got []entry
			z.Each(func(member Elem, score float64) bool {
				got = append(got, entry{score, string(member.Text(make([]byte, IntDigitsMax)))})
				return true
			})
			if z.Len() != len(model) || !slices.Equal(got, model) {
				t.Fatalf("%d members: %v, want %v", z.Len(), got, model)
			}
			for i, e := range model {
				if _, rank, score := z.Rank([]byte(e.member)); rank != i || score != e.score {
					t.Fatalf("%q has rank %d and score %v, want %d and %v", e.member, rank, score, i, e.score)
				}
			}
		}
	})
}
