package object

import (
	"bytes"
	"strconv"
	"testing"

	"pgregory.net/rapid"
)

func newTestHeap(t testing.TB) *Heap {
	t.Helper()
	h, err := NewHeap(256 << 20)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.Close)
	return h
}

// drawValue draws elements of every encoding.
func drawValue(t *rapid.T) []byte {
	switch rapid.IntRange(0, 4).Draw(t, "kind") {
	case 0:
		return strconv.AppendInt(nil, rapid.Int64().Draw(t, "int"), 10)
	case 1:
		return strconv.AppendInt(nil, rapid.Int64Range(-5000, 5000).Draw(t, "small"), 10)
	case 2:
		return rapid.SliceOfN(rapid.Byte(), 0, 70).Draw(t, "bytes")
	case 3:
		return bytes.Repeat([]byte{'x'}, rapid.IntRange(50, 300).Draw(t, "run"))
	default:
		return bytes.Repeat([]byte{'y'}, rapid.SampledFrom([]int{4095, 4096, 9000, 20000}).Draw(t, "long"))
	}
}

func (l *List) all() (out [][]byte) {
	for c := l.Seek(0); c.Valid(); c.Next() {
		out = append(out, bytes.Clone(c.Elem().Text(make([]byte, 20))))
	}
	return out
}

func TestListModel(t *testing.T) {
	heap := newTestHeap(t)
	rapid.Check(t, func(t *rapid.T) {
		fill := Fill(rapid.SampledFrom([]int{-1, -2, 1, 3, 16}).Draw(t, "fill"))
		l := NewList(heap, fill)
		var model [][]byte
		for range rapid.IntRange(1, 150).Draw(t, "operations") {
			v := drawValue(t)
			i := 0
			if len(model) > 0 {
				i = rapid.IntRange(0, len(model)-1).Draw(t, "index")
			}
			switch op := rapid.IntRange(0, 9).Draw(t, "op"); {
			case op <= 1 || len(model) == 0:
				l.PushFront(v)
				model = append([][]byte{v}, model...)
			case op <= 3:
				l.PushBack(v)
				model = append(model, v)
			case op == 4:
				n := min(rapid.IntRange(1, 8).Draw(t, "n"), len(model))
				l.PopFront(n)
				model = model[n:]
			case op == 5:
				n := min(rapid.IntRange(1, 8).Draw(t, "n"), len(model))
				l.PopBack(n)
				model = model[:len(model)-n]
			case op == 6:
				behind := rapid.Bool().Draw(t, "behind")
				c := l.Seek(i)
				c.Insert(v, behind)
				if behind {
					i++
				}
				model = append(model[:i:i], append([][]byte{v}, model[i:]...)...)
			case op == 7:
				c := l.Seek(i - len(model))
				c.Replace(v)
				model[i] = v
			default:
				back := op == 9
				c := l.Seek(i)
				c.Delete(back)
				model = append(model[:i:i], model[i+1:]...)
				if back {
					i--
				}
				if got := c.Valid(); got != (i >= 0 && i < len(model)) {
					t.Fatalf("cursor valid %v at %d of %d", got, i, len(model))
				} else if got && !bytes.Equal(c.Elem().Text(make([]byte, 20)), model[i]) {
					t.Fatalf("cursor at %q, want %q", c.Elem().Text(nil), model[i])
				}
			}
			checkList(t, l, model)
		}
		back := len(model)
		for c := l.Seek(-1); c.Valid(); c.Prev() {
			back--
			if !bytes.Equal(c.Elem().Text(make([]byte, 20)), model[back]) {
				t.Fatalf("backwards at %d: %v", back, c.Elem())
			}
		}
		clone := l.Clone()
		for !l.Release(3) {
		}
		checkList(t, clone, model)
		clone.Release(1 << 30)
	})
	heap.Trim()
	if heap.Bytes() != 0 {
		t.Errorf("%d bytes of the heap are not given back", heap.Bytes())
	}
}

func checkList(t *rapid.T, l *List, model [][]byte) {
	got := l.all()
	if len(got) != len(model) || l.Len() != len(model) {
		t.Fatalf("%d elements, Len %d, want %d", len(got), l.Len(), len(model))
	}
	var held int64
	for i := range got {
		if !bytes.Equal(got[i], model[i]) {
			t.Fatalf("element %d: %q, want %q", i, got[i], model[i])
		}
	}
	for i := l.head; i < l.tail; i++ {
		nd := l.node(i)
		held += int64(nd.room)
		var p Pack
		l.view(&p, i)
		if p.Len() != int(nd.n) || p.Len() == 0 {
			t.Fatalf("node %d has %d elements, counts %d", i, p.Len(), nd.n)
		}
	}
	if held != l.bytes {
		t.Fatalf("bytes %d, counted %d", held, l.bytes)
	}
}

// heapMemory is Memory in the Go heap.
type heapMemory struct {
	Uncounted
	b []byte
}

func (m *heapMemory) Resize(n int) []byte {
	b := make([]byte, n)
	copy(b, m.b)
	m.b = b
	return b
}

func TestPackModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := NewPack(&heapMemory{}, 0)
		var model [][]byte
		for range rapid.IntRange(1, 80).Draw(t, "operations") {
			v := drawValue(t)
			i := 0
			if len(model) > 0 {
				i = rapid.IntRange(0, len(model)-1).Draw(t, "index")
			}
			switch op := rapid.IntRange(0, 9).Draw(t, "op"); {
			case op == 0 || op < 6 && len(model) == 0:
				p.Append(v)
				model = append(model, v)
			case op >= 8 || len(model) == 0:
				p.PushFront(v)
				model = append([][]byte{v}, model...)
			case op == 6:
				n := min(rapid.IntRange(1, 4).Draw(t, "n"), len(model))
				p.CutFront(p.Seek(n), n)
				model = model[n:]
			case op == 7:
				p.Compact()
			case op == 1:
				p.Insert(p.Seek(i), v)
				model = append(model[:i:i], append([][]byte{v}, model[i:]...)...)
			case op == 2:
				p.Replace(p.Seek(i-len(model)), v)
				model[i] = v
			case op == 3:
				n := min(rapid.IntRange(1, 4).Draw(t, "n"), len(model)-i)
				p.Delete(p.Seek(i), n)
				model = append(model[:i:i], model[i+n:]...)
			case op == 4:
				n := min(rapid.IntRange(1, 3).Draw(t, "n"), len(model))
				p.DeleteLast(n)
				model = model[:len(model)-n]
			default:
				more := [][]byte{v, []byte("17")}
				p.AppendAll(more)
				model = append(model, more...)
			}
			checkPack(t, &p, model)
		}
	})
}

func checkPack(t *rapid.T, p *Pack, model [][]byte) {
	if p.Len() != len(model) {
		t.Fatalf("Len %d, want %d", p.Len(), len(model))
	}
	at, i := p.First(), 0
	for ; at != 0; i++ {
		if i >= len(model) {
			t.Fatalf("more than %d elements", len(model))
		}
		found := p.Find(p.First(), model[i], 0)
		e, next := p.Step(at)
		if !bytes.Equal(e.Text(make([]byte, 20)), model[i]) || found == 0 || found > at || e.Len() != len(model[i]) {
			t.Fatalf("element %d: %v, want %q; found at %d of %d", i, e, model[i], found, at)
		}
		at = next
	}
	for at = p.Last(); at != 0; at = p.Prev(at) {
		i--
		if !bytes.Equal(p.At(at).Text(make([]byte, 20)), model[i]) {
			t.Fatalf("backwards, element %d: %v", i, p.At(at))
		}
	}
	if i != 0 || p.Find(p.First(), []byte("not there"), 0) != 0 {
		t.Fatal("walked backwards to somewhere else")
	}
	var room []byte
	plain := p.Plain(&room)
	if n, canonical, err := CheckPack(plain); n != len(model) || !canonical || err != nil || len(plain) != p.Size() {
		t.Fatalf("%d elements, canonical: %v, %v; %d bytes, want %d", n, canonical, err, len(plain), p.Size())
	}
}

func TestIntsetModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := NewIntset(&heapMemory{}, rapid.IntRange(0, 3).Draw(t, "room"), 0)
		model := map[int64]bool{}
		wide := rapid.SampledFrom([]int64{100, 40000, 1 << 40}).Draw(t, "range")
		for range rapid.IntRange(1, 200).Draw(t, "operations") {
			n := rapid.Int64Range(-wide, wide).Draw(t, "n")
			if rapid.Bool().Draw(t, "add") {
				if s.Add(n) == model[n] {
					t.Fatalf("add %d: was there: %v", n, model[n])
				}
				model[n] = true
			} else if i, found := s.Find(n); found {
				s.Delete(i)
				delete(model, n)
			}
			if s.Len() != len(model) {
				t.Fatalf("%d members, want %d", s.Len(), len(model))
			}
			for i := range s.Len() {
				if !model[s.At(i)] || i > 0 && s.At(i) <= s.At(i-1) {
					t.Fatalf("member %d is %d", i, s.At(i))
				}
			}
		}
	})
}

// A list that grows at either end keeps no spare room behind it.
func TestListGrowsWithoutWaste(t *testing.T) {
	for _, length := range []int{5, 32, 1400} {
		value := bytes.Repeat([]byte{'x'}, length)
		for _, front := range []bool{true, false} {
			l := NewList(newTestHeap(t), -2)
			for range 20000 {
				if front {
					l.PushFront(value)
				} else {
					l.PushBack(value)
				}
			}
			full := 0
			for i := range l.Nodes() {
				full += BlockSize(len(l.Node(i)))
			}
			if spare := l.bytes - int64(full); spare > 8<<10 {
				t.Errorf("%d bytes each, front %v: %d bytes spare", length, front, spare)
			}
			if each := float64(l.Bytes()) / 20000; each > 1.05*float64(length)+4 {
				t.Errorf("%d bytes each, front %v: takes %.1f", length, front, each)
			}
		}
	}
}
