package rdb

import (
	"github.com/crucible-cache/crucible/internal/object"
	"github.com/crucible-cache/crucible/internal/store"
)

const memberTwice = "a member of a set is there twice"

// setMaker takes members and makes a set of the form that suits them.
type setMaker struct {
	d     *Decoder
	heap  *object.Heap
	ints  bool // all so far are integers, in set
	set   object.Intset
	pack  object.Pack
	n     int
	more  int // members that are said to come
	large *object.Table
}

func (d *Decoder) newSet(heap *object.Heap, n int) setMaker {
	m := setMaker{d: d, heap: heap, more: n}
	switch l := &d.limits; {
	case int64(n) <= l.SetInts:
		m.ints, m.set = true, object.NewIntset(&d.pack, 0, 0)
	case int64(n) <= l.SetEntries:
		m.pack = d.newPack()
	default:
		m.large = object.NewTable(heap, min(n, presize), false)
	}
	return m
}

// add takes a member, which is not memory of the set.
func (m *setMaker) add(v []byte) {
	if !m.d.afford(int64(len(v)) + entryBytes) {
		return
	}
	var added, isInt bool
	var n int64
	if m.ints {
		n, isInt = object.ParseInt(v)
	}
	switch {
	case m.ints && isInt:
		added = m.set.Add(n)
	case m.large != nil:
		added = m.large.Add(v)
	case m.packs(v):
		if added = m.pack.Find(m.pack.First(), v, 0) == 0; added {
			m.pack.Append(v)
		}
	default:
		added = m.large.Add(v)
	}
	if m.n++; !added {
		_ = m.d.fail(memberTwice)
	}
}

// packs makes the set a packed one that has room for v, or else a large one.
func (m *setMaker) packs(v []byte) bool {
	l := &m.d.limits
	most := len(v)
	if m.ints {
		if n := m.set.Len(); n > 0 {
			most = max(most, object.IntElem(m.set.At(0)).Len(), object.IntElem(m.set.At(n-1)).Len())
		}
	}
	if int64(max(m.n+1, m.more)) > l.SetEntries || int64(most) > l.SetValue {
		m.enlarge()
		return false
	}
	if m.ints {
		ints := object.OpenIntset(append([]byte(nil), m.set.Bytes()...), nil)
		m.ints, m.pack = false, m.d.newPack()
		for i := range ints.Len() {
			m.pack.AppendElem(object.IntElem(ints.At(i)))
		}
	}
	return true
}

func (m *setMaker) enlarge() {
	m.large = object.NewTable(m.heap, min(max(m.n+1, m.more), presize), false)
	var text [20]byte
	if m.ints {
		for i := range m.set.Len() {
			m.large.Add(object.IntElem(m.set.At(i)).Text(text[:]))
		}
	} else {
		eachElem(m.pack.Bytes(), func(e object.Elem) bool { return m.large.Add(e.Text(text[:])) })
	}
	m.ints = false
}

// value ends the making.
func (m *setMaker) value() Value {
	v := Value{Type: store.TypeSet}
	switch {
	case m.large != nil && m.large.Len() == 0:
		free(m.large)
	case m.large != nil:
		v.Form, v.Object = Large, m.large
	case m.n == 0:
	case m.ints:
		v.Form, v.Bytes = Intset, m.set.Bytes()
	default:
		v.Bytes = m.pack.Bytes()
	}
	return v
}

func (d *Decoder) set(typ byte, heap *object.Heap) Value {
	switch typ {
	case typeSetIntset:
		return d.intset(heap)
	case typeSetListpack:
		return d.packedSet(heap)
	}
	n := d.count(1)
	m := d.newSet(heap, n)
	for ; n > 0 && d.err == nil; n-- {
		if v := d.string(); d.err == nil {
			m.add(v)
		}
	}
	return m.value()
}

func (d *Decoder) intset(heap *object.Heap) Value {
	b := d.string()
	if d.err != nil || !d.check(object.CheckIntset(b)) {
		return Value{Type: store.TypeSet}
	}
	s := object.OpenIntset(b, nil)
	n := s.Len()
	if n > 0 && int64(n) <= d.limits.SetInts {
		return Value{Type: store.TypeSet, Form: Intset, Bytes: b}
	}
	// Too large for an intset is too large, though a pack might do.
	m := setMaker{d: d, heap: heap, more: n, large: object.NewTable(heap, min(n, presize), false)}
	var text [20]byte
	for i := 0; i < n && d.err == nil; i++ {
		m.add(object.IntElem(s.At(i)).Text(text[:]))
	}
	return m.value()
}

func (d *Decoder) packedSet(heap *object.Heap) Value {
	b, n := d.checked()
	v := Value{Type: store.TypeSet, Bytes: b}
	if d.err != nil || n == 0 {
		v.Bytes = nil
		return v
	}
	if int64(n) <= d.limits.SetEntries && len(b) <= object.PackMax/2 {
		d.distinct(b, n, 1, memberTwice)
		return v
	}
	m := setMaker{d: d, heap: heap, more: n, large: object.NewTable(heap, min(n, presize), false)}
	var text [20]byte
	eachElem(b, func(e object.Elem) bool {
		m.add(e.Text(text[:]))
		return d.err == nil
	})
	return m.value()
}
