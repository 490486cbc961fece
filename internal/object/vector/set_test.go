package vector

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/crucible-cache/crucible/internal/object"
)

func testHeap(t testing.TB) *object.Heap {
	t.Helper()
	h, err := object.NewHeap(1 << 30)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.Close)
	return h
}

func randomVector(r *rand.Rand, dim int) []float32 {
	v := make([]float32, dim)
	for i := range v {
		v[i] = float32(r.NormFloat64())
	}
	return v
}

// check looks at all that a set promises: links both ways and no more than may be, each
// element under its name, and the entry on the highest level.
func check(t *testing.T, s *Set) {
	t.Helper()
	levels := [LevelMax + 1]uint32{}
	attributed := 0
	for i := range s.nodes.Len() {
		n := s.node(i)
		levels[n.level]++
		if n.attrLen > 0 {
			attributed++
		}
		if at, ok := s.find(s.nameOf(n)); !ok || at != i {
			t.Fatalf("element %q, number %d, is found as %d, %v", s.nameOf(n), i, at, ok)
		}
		for layer := range int(n.level) + 1 {
			links := slices.Clone(s.ring(n, layer).links())
			if layer == 0 && len(links) == 0 && s.Len() > 1 {
				t.Fatalf("element %d of %d has no links", i, s.Len())
			}
			for _, l := range links {
				if l >= s.nodes.Len() || l == i || int(s.node(l).level) < layer || !s.ring(s.node(l), layer).has(i) {
					t.Fatalf("the link from %d to %d on layer %d is not in order", i, l, layer)
				}
			}
			if slices.Sort(links); len(slices.Compact(links)) != int(s.ring(n, layer)[0]) {
				t.Fatalf("element %d has a link twice", i)
			}
		}
	}
	if levels != s.levels || attributed != s.attributed {
		t.Fatalf("levels %v and %d attributed are counted as %v and %d", levels, attributed, s.levels, s.attributed)
	}
	if s.Len() > 0 && int(s.node(s.entry).level) != s.Height() {
		t.Fatalf("searches begin on level %d of %d", s.node(s.entry).level, s.Height())
	}
}

func names(s *Set, c *Scratch, q Query) (found []string) {
	s.Search(c, q, func(f Found) bool {
		found = append(found, string(f.Name()))
		return true
	})
	return found
}

func TestRecallAgainstAllOfThem(t *testing.T) {
	for _, tt := range []struct {
		quant Quant
		least float64
	}{{Float32, 0.95}, {Int8, 0.95}, {Binary, 0.75}} {
		t.Run(tt.quant.String(), func(t *testing.T) {
			const n, dim, count, queries = 1000, 32, 10, 50
			r := rand.New(rand.NewPCG(1, 2))
			s, c := New(testHeap(t), Shape{Quant: tt.quant, Dim: dim, Links: 16}), &Scratch{}
			for i := range n {
				s.Add(c, fmt.Appendf(nil, "e%d", i), randomVector(r, dim), 100)
			}
			check(t, s)
			hit := 0
			for range queries {
				v := randomVector(r, dim)
				exact := names(s, c, Query{Vector: slices.Clone(v), Count: count, Exact: true})
				for _, name := range names(s, c, Query{Vector: v, Count: count, EF: 100}) {
					if slices.Contains(exact, name) {
						hit++
					}
				}
			}
			if recall := float64(hit) / (count * queries); recall < tt.least {
				t.Errorf("recall is %.3f, want %.2f", recall, tt.least)
			}
		})
	}
}

// TestAddsAndRemoves adds, changes and removes elements at random beside a map, with
// few links so that they run out.
func TestAddsAndRemoves(t *testing.T) {
	for _, links := range []int{LinksMin, 16} {
		r := rand.New(rand.NewPCG(uint64(links), 3))
		heap := testHeap(t)
		s, c := New(heap, Shape{Quant: Int8, Dim: 8, Links: links}), &Scratch{}
		model := map[string]string{}
		for step := range 4000 {
			name := fmt.Sprintf("n%d", r.IntN(300+step%700))
			e, found := s.Find([]byte(name))
			if _, want := model[name]; found != want {
				t.Fatalf("%s is found: %v, want %v", name, found, want)
			}
			switch grow := step/1000%2 == 0; {
			case found && r.IntN(4) == 0:
				model[name] = fmt.Sprint(step)
				s.SetAttributes(e, []byte(model[name]))
			case found && (!grow || r.IntN(3) == 0):
				s.Remove(c, e)
				delete(model, name)
			case found || grow || r.IntN(4) == 0:
				attr := model[name]
				e, added := s.Add(c, []byte(name), randomVector(r, 8), 50)
				if added == found || string(e.Attributes()) != attr {
					t.Fatalf("%s is added: %v, with %q", name, added, e.Attributes())
				}
				model[name] = attr
			}
			if step%250 == 0 {
				check(t, s)
			}
			if step%100 == 0 && s.Len() > 0 {
				// An element is near to itself, and all are reached.
				e := s.Random()
				v := make([]float32, 8)
				e.Vector(v)
				got := names(s, c, Query{Vector: v, Count: 1, EF: 100})
				if len(got) != 1 {
					t.Fatalf("searching for %s finds %v", e.Name(), got)
				}
			}
		}
		check(t, s)
		if s.Len() != len(model) {
			t.Fatalf("%d elements, want %d", s.Len(), len(model))
		}
		for name, attr := range model {
			if e, ok := s.Find([]byte(name)); !ok || string(e.Attributes()) != attr {
				t.Fatalf("%s has %q, want %q", name, e.Attributes(), attr)
			}
		}
		for s.Len() > 0 {
			s.Remove(c, s.Random())
		}
		check(t, s)
		if s.bytes != 0 {
			t.Errorf("an empty set holds %d bytes of blocks", s.bytes)
		}
		for !s.Release(10) {
		}
	}
}

func TestBytesAreThoseOfTheHeap(t *testing.T) {
	heap := testHeap(t)
	r := rand.New(rand.NewPCG(5, 6))
	s, c := New(heap, Shape{Quant: Float32, Dim: 100, Links: 16}), &Scratch{}
	for i := range 2000 {
		e, _ := s.Add(c, fmt.Appendf(nil, "element %d", i), randomVector(r, 100), 50)
		s.SetAttributes(e, []byte(`{"year":1950,"title":"something that takes some bytes"}`))
	}
	heap.Trim()
	const begun = 10 * 64 << 10 // spans that are not full: one for each size of block
	if got, held := s.Bytes(), heap.Bytes(); got > held+held/20 || got < held-begun {
		t.Errorf("the set counts %d bytes, its heap holds %d", got, held)
	}
	for !s.Release(100) {
	}
	heap.Trim()
	if held := heap.Bytes(); held != 0 {
		t.Errorf("%d bytes are left", held)
	}
}

// TestTheOddVector has what has no direction, or no number, not upset the graph.
func TestTheOddVector(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for quant := Float32; quant <= Binary; quant++ {
		s, c := New(testHeap(t), Shape{Quant: quant, Dim: 3, Links: 4}), &Scratch{}
		for i := range 100 {
			v := [][]float32{{0, 0, 0}, {nan, 1, 2}, {inf, 1, 2}, {1, 2, 3}, {1e30, 1e30, 1}, {-1, 0, 1}}[i%6]
			s.Add(c, fmt.Appendf(nil, "%d", i%40), slices.Clone(v), 20)
			check(t, s)
		}
		for _, v := range [][]float32{{0, 0, 0}, {nan, 1, 2}, {1, 2, 3}} {
			if got := names(s, c, Query{Vector: v, Count: 100, EF: 10}); len(got) != 40 {
				t.Errorf("%v: %d of 40 are found near %v", quant, len(got), v)
			}
		}
	}
}

func TestEffortBoundsWhatAFilterIsAsked(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	s, c := New(testHeap(t), Shape{Quant: Int8, Dim: 8, Links: 16}), &Scratch{}
	for i := range 1000 {
		e, _ := s.Add(c, fmt.Appendf(nil, "%d", i), randomVector(r, 8), 50)
		s.SetAttributes(e, fmt.Appendf(nil, `{"n":%d}`, i))
	}
	f, _ := CompileFilter([]byte(".n == 77"))
	v := randomVector(r, 8)
	if got := names(s, c, Query{Vector: slices.Clone(v), Count: 1, EF: 1, Filter: f}); !slices.Equal(got, []string{"77"}) {
		t.Errorf("without bound %v is found", got)
	}
	reached := 0
	for range 50 {
		reached += len(names(s, c, Query{Vector: randomVector(r, 8), Count: 1, EF: 1, Filter: f, Effort: 50}))
	}
	if reached > 25 {
		t.Errorf("asking 50 of 1000, the one that matches was found %d times in 50", reached)
	}
}
