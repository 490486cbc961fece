package rdb

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/crucible-cache/crucible/internal/object"
	"github.com/crucible-cache/crucible/internal/object/vector"
	"github.com/crucible-cache/crucible/internal/store"
)

func vectorValue(t *testing.T, heap *object.Heap, shape vector.Shape, n int) Value {
	t.Helper()
	r := rand.New(rand.NewPCG(1, 1))
	s, c := vector.New(heap, shape), &vector.Scratch{}
	for i := range n {
		v := make([]float32, shape.Dim)
		for k := range v {
			v[k] = float32(r.NormFloat64())
		}
		e, _ := s.Add(c, fmt.Appendf(nil, "%d", i), v, 20)
		if i%3 == 0 {
			s.SetAttributes(e, fmt.Appendf(nil, `{"i":%d}`, i))
		}
	}
	return Value{Type: store.TypeVectorSet, Form: Large, Object: s}
}

func encoded(v *Value) []byte {
	e := Encoder{Compress: true}
	e.Type(v)
	e.Value(v)
	return e.B
}

func TestVectorSetsComeBack(t *testing.T) {
	heap, err := object.NewHeap(1 << 28)
	if err != nil {
		t.Fatal(err)
	}
	defer heap.Close()
	for _, shape := range []vector.Shape{
		{Quant: vector.Int8, Dim: 10, Links: 4},
		{Quant: vector.Float32, Dim: 7, Links: 16, Input: 9},
		{Quant: vector.Binary, Dim: 70, Links: 16},
	} {
		v := vectorValue(t, heap, shape, 200)
		b := encoded(&v)
		got, empty, err := NewDecoder(b, nil, Limits{String: 1 << 20}).Payload(heap)
		if err != nil || empty {
			t.Fatalf("%+v: %v", shape, err)
		}
		was, is := v.Object.(*vector.Set), got.Object.(*vector.Set)
		if is.Shape() != shape || is.Len() != was.Len() || is.Attributed() != was.Attributed() || is.LastID() != was.LastID() || is.Height() != was.Height() {
			t.Errorf("%+v: it comes back otherwise", shape)
		}
		for i := range was.Len() {
			x, found := is.Find(was.At(i).Name())
			raw, length, _ := was.At(i).Raw()
			rawIs, lengthIs, _ := x.Raw()
			if !found || !bytes.Equal(raw, rawIs) || length != lengthIs || x.ID() != was.At(i).ID() || string(x.Attributes()) != string(was.At(i).Attributes()) || x.Links(0) != was.At(i).Links(0) {
				t.Fatalf("%+v: element %q comes back otherwise", shape, was.At(i).Name())
			}
		}
		v.Release()
		got.Release()
	}
}

// TestDamagedVectorSets has whatever is wrong with a payload be refused, or be of no
// consequence: what is accepted can be searched and written to.
func TestDamagedVectorSets(t *testing.T) {
	heap, err := object.NewHeap(1 << 28)
	if err != nil {
		t.Fatal(err)
	}
	defer heap.Close()
	v := vectorValue(t, heap, vector.Shape{Quant: vector.Int8, Dim: 4, Links: 4}, 30)
	b := encoded(&v)
	v.Release()
	r := rand.New(rand.NewPCG(2, 2))
	refused := 0
	const tries = 5000
	for range tries {
		damaged := bytes.Clone(b)
		for range 1 + r.IntN(3) {
			damaged[r.IntN(len(b))] = byte(r.IntN(256))
		}
		if r.IntN(4) == 0 {
			damaged = damaged[:r.IntN(len(b))]
		}
		got, empty, err := NewDecoder(damaged, nil, Limits{String: 1 << 20, Memory: 1 << 20}).Payload(heap)
		if err != nil || empty || got.Type != store.TypeVectorSet {
			refused++
			got.Release()
			continue
		}
		s, c := got.Object.(*vector.Set), &vector.Scratch{}
		dim := s.Shape().Dim
		s.Search(c, vector.Query{Vector: make([]float32, dim), Count: 10, EF: 10}, func(vector.Found) bool { return true })
		for i := range 20 {
			s.Add(c, fmt.Appendf(nil, "%d", i), make([]float32, dim), 10)
		}
		for s.Len() > 0 {
			s.Remove(c, s.At(0))
		}
		got.Release()
	}
	if refused < tries/10 || refused == tries {
		t.Errorf("%d of %d are refused", refused, tries)
	}
	heap.Trim()
	if n := heap.Bytes(); n != 0 {
		t.Errorf("%d bytes are left of what was refused", n)
	}
}
