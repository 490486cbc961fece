package rdb

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/crucible-cache/crucible/internal/object"
	"github.com/crucible-cache/crucible/internal/store"
)

// usual are limits with Redis' defaults.
var usual = Limits{
	HashEntries: 8, HashValue: 64, SetInts: 8, SetEntries: 8, SetValue: 64,
	ZSetEntries: 8, ZSetValue: 64, List: -2, String: 512 << 20, Memory: 64 << 20,
}

func newHeap(t testing.TB) *object.Heap {
	heap, err := object.NewHeap(1 << 30)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(heap.Close)
	return heap
}

// show writes a value out so that two that hold the same read the same, whatever
// their forms.
func show(v Value) string {
	var text [20]byte
	var b strings.Builder
	elem := func(e object.Elem) bool {
		fmt.Fprintf(&b, "%q ", e.Text(text[:]))
		return true
	}
	switch o := v.Object.(type) {
	case nil:
		switch {
		case v.Type == store.TypeString:
			fmt.Fprintf(&b, "%q", v.Bytes)
		case v.Form == Intset:
			s := object.OpenIntset(v.Bytes, nil)
			for i := range s.Len() {
				elem(object.IntElem(s.At(i)))
			}
		case v.Bytes != nil:
			eachElem(v.Bytes, elem)
		}
	case *object.List:
		for i := range o.Nodes() {
			eachElem(o.Node(i), elem)
		}
	case *object.ZSet:
		o.Ascend(0, o.Len(), func(m object.Elem, score float64) bool {
			fmt.Fprintf(&b, "%q %v ", m.Str, score)
			return true
		})
	case *object.Table:
		o.Each(func(e object.Entry) bool {
			fmt.Fprintf(&b, "%q %q %d ", e.Key(), e.Value(), e.ExpireAt())
			return true
		})
	case *object.Stream:
		showStream(&b, o)
	}
	return b.String()
}

func showStream(b *strings.Builder, s *object.Stream) {
	var text [20]byte
	fmt.Fprint(b, s.Len(), s.LastID, s.MaxDeletedID, s.Added, s.FirstID())
	for it := s.Range(object.StreamID{}, object.MaxStreamID); it.Next(); {
		fmt.Fprint(b, it.ID)
		for range it.Fields {
			f, v := it.Pair()
			fmt.Fprintf(b, " %q", f.Text(text[:]))
			fmt.Fprintf(b, " %q", v.Text(text[:]))
		}
	}
	for _, g := range s.Groups() {
		fmt.Fprint(b, g.Name, g.LastID, g.EntriesRead)
		g.EachPending(object.StreamID{}, object.MaxStreamID, func(id object.StreamID, d *object.Delivery) bool {
			fmt.Fprint(b, id, d.TimeMS, d.Count, g.Owner(d).Name)
			return true
		})
		for _, c := range g.Consumers() {
			fmt.Fprint(b, c.Name, c.SeenMS, c.Pending())
		}
	}
}

// body encodes a value as DUMP does, without the footer, in slices of n bytes.
func body(v *Value, compress bool, n int) []byte {
	e := Encoder{Compress: compress}
	e.Type(v)
	if v.Form != Large {
		e.Value(v)
		return e.B
	}
	for w := e.Begin(v); !e.Continue(&w, n); {
	}
	return e.B
}

// again encodes and decodes a value, and fails if it is another.
func again(t interface {
	Fatalf(string, ...any)
}, heap *object.Heap, v Value, compress bool, n int,
) {
	b := body(&v, compress, n)
	d := NewDecoder(b, nil, usual)
	got, empty, err := d.Payload(heap)
	switch {
	case err != nil:
		t.Fatalf("%q: %v", b, err)
	case empty:
		t.Fatalf("%q: empty", b)
	case !d.atEnd():
		t.Fatalf("%q: %d bytes are left", b, d.available())
	case got.Type != v.Type || got.Form != v.Form:
		t.Fatalf("type %d form %d became type %d form %d", v.Type, v.Form, got.Type, got.Form)
	case show(got) != show(v):
		t.Fatalf("got %s, want %s", show(got), show(v))
	}
	got.Release()
}

func text(t *rapid.T) []byte {
	return rapid.OneOf(
		rapid.Map(rapid.Int64(), func(n int64) []byte { return fmt.Append(nil, n) }),
		rapid.Map(rapid.IntRange(-300, 70000), func(n int) []byte { return fmt.Append(nil, n) }),
		rapid.SliceOfN(rapid.Byte(), 0, 100),
		rapid.Map(rapid.IntRange(0, 5000), func(n int) []byte { return []byte(strings.Repeat("ab", n)) }),
	).Draw(t, "text")
}

// distinct returns up to n texts, no two the same.
func distinct(t *rapid.T, n int) (all [][]byte) {
	seen := map[string]bool{}
	for range n {
		if v := text(t); !seen[string(v)] {
			seen[string(v)] = true
			all = append(all, v)
		}
	}
	return all
}

// TestValuesComeBack makes values of every type and form, through the makers,
// which choose the form.
func TestValuesComeBack(t *testing.T) {
	heap := newHeap(t)
	rapid.Check(t, func(t *rapid.T) {
		v := anyValue(t, heap)
		compress, slice := rapid.Bool().Draw(t, "compress"), rapid.IntRange(1, 2000).Draw(t, "slice")
		if v.Type == store.TypeString || v.Bytes != nil || v.Object != nil {
			v.Bytes = append([]byte(nil), v.Bytes...)
			again(t, heap, v, compress, slice)
		}
		v.Release()
	})
	if n := heap.Bytes(); n > 8<<20 {
		t.Errorf("%d bytes of objects are left", n)
	}
}

func anyValue(t *rapid.T, heap *object.Heap) Value {
	d := NewDecoder(nil, nil, usual)
	n := rapid.IntRange(1, 40).Draw(t, "n")
	switch rapid.IntRange(0, 5).Draw(t, "type") {
	case 0:
		return Value{Bytes: text(t)}
	case 1:
		m := d.newList(heap)
		for range n {
			m.push(object.Elem{Str: text(t)})
		}
		return m.value()
	case 2:
		all := distinct(t, n)
		m := d.newSet(heap, len(all))
		for _, v := range all {
			m.add(v)
		}
		return m.value()
	case 3:
		all := distinct(t, n)
		m := d.newZSet(heap, len(all))
		for _, v := range all {
			score := rapid.OneOf(rapid.Float64(), rapid.SampledFrom([]float64{0, 1, math.Inf(1), math.Inf(-1), -0.1})).Draw(t, "score")
			if score == 0 {
				score = 0 // a small set keeps a score of -0 as the integer 0, as in Redis
			}
			m.add(v, score)
		}
		return m.value()
	case 4:
		return anyHash(t, d, heap, n)
	}
	return anyStream(t, heap, n)
}

func anyHash(t *rapid.T, d *Decoder, heap *object.Heap, n int) Value {
	timed := rapid.Bool().Draw(t, "timed")
	all := distinct(t, n)
	m := d.newHash(heap, len(all), timed)
	for i, v := range all {
		at := int64(0)
		if timed && (i == 0 || rapid.Bool().Draw(t, "expires")) {
			at = rapid.Int64Range(1, expiryMax).Draw(t, "at")
		}
		m.add(v, text(t), at)
	}
	return m.value()
}

func anyStream(t *rapid.T, heap *object.Heap, n int) Value {
	s := object.NewStream(heap)
	id := object.StreamID{}
	for range n {
		id.MS += rapid.Uint64Range(0, 3).Draw(t, "ms")
		id.Seq = rapid.Uint64().Draw(t, "seq")
		if !s.LastID.Less(id) {
			id = object.StreamID{MS: s.LastID.MS + 1}
		}
		pairs := [][]byte{[]byte("field"), text(t)}
		if rapid.Bool().Draw(t, "other") {
			pairs = append(pairs, text(t), text(t))
		}
		s.Append(id, pairs, object.StreamLimits{Bytes: 4096, Entries: 7})
	}
	if rapid.Bool().Draw(t, "group") {
		s.AddGroup([]byte("g"), id, int64(n))
		g := s.Group([]byte("g"))
		for i := range uint64(3) {
			c := g.AddConsumer([]byte{'c', byte('0' + i)}, int64(i))
			g.Deliver(object.StreamID{MS: i}, c, 7)
			g.Deliver(object.StreamID{MS: i + 9}, c, 8)
		}
	}
	if rapid.Bool().Draw(t, "delete") {
		s.Delete(id)
	}
	return Value{Type: store.TypeStream, Form: Large, Object: s}
}
