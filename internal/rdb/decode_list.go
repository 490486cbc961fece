package rdb

import (
	"github.com/crucible-cache/crucible/internal/object"
	"github.com/crucible-cache/crucible/internal/store"
)

// listMaker takes elements and makes a list of the form that suits them.
type listMaker struct {
	d     *Decoder
	heap  *object.Heap
	pack  object.Pack
	large *object.List
	n     int // in pack
	nodes int // that were read as such: none of a list that comes element by element
}

// several nodes are what an element in a node by itself counts for, and a list of the
// oldest form: of those the reference server makes no small list.
const several = 2

func (d *Decoder) newList(heap *object.Heap) listMaker {
	return listMaker{d: d, heap: heap, pack: d.newPack()}
}

// push adds an element, which is not memory of the pack.
func (m *listMaker) push(e object.Elem) bool {
	var text [20]byte
	v := e.Text(text[:])
	if !m.d.afford(int64(len(v))) {
		return false
	}
	if m.large == nil && m.d.limits.List.Exceeded(m.pack.Size()+len(v), m.n+1) {
		m.enlarge()
	}
	if m.large != nil {
		m.large.PushBack(v)
		return true
	}
	m.pack.Append(v)
	m.n++
	return true
}

func (m *listMaker) enlarge() {
	m.large = object.NewList(m.heap, m.d.limits.List)
	m.large.Adopt(m.pack)
}

// node adds the elements of a listpack, as a node if it is of the right size.
func (m *listMaker) node(b []byte, n int) {
	fill := m.d.limits.List
	if n == 0 || !m.d.afford(int64(len(b))) {
		return
	}
	m.nodes++
	if m.large == nil && m.n == 0 && fill.Whole(len(b), n) {
		m.pack.Reserve(len(b))
		eachElem(b, func(e object.Elem) bool {
			m.pack.AppendElem(e)
			return true
		})
		m.n = n
		return
	}
	if m.large == nil {
		m.enlarge()
	}
	if n > 1 && fill.Exceeded(len(b), n) || fill.Small(len(b), n) {
		m.pushAll(b)
		return
	}
	m.large.AdoptNode(b, n)
}

func (m *listMaker) pushAll(b []byte) { eachElem(b, m.push) }

// value ends the making. A list that was kept in more than one node stays large, as
// it does in the reference server.
func (m *listMaker) value() Value {
	if m.large == nil && m.n > 0 && m.nodes > 1 {
		m.enlarge()
	}
	switch {
	case m.large != nil:
		return Value{Type: store.TypeList, Form: Large, Object: m.large}
	case m.n == 0:
		return Value{Type: store.TypeList}
	}
	return Value{Type: store.TypeList, Bytes: m.pack.Bytes()}
}

func (d *Decoder) list(typ byte, heap *object.Heap) Value {
	m := d.newList(heap)
	if typ == typeListZiplist {
		d.eachZiplist(d.string(), m.push)
		m.nodes = several
		return m.value()
	}
	for n := d.count(1); n > 0 && d.err == nil; n-- {
		switch typ {
		case typeList:
			d.listElement(&m)
		case typeListQuicklist:
			had := m.n
			d.eachZiplist(d.string(), m.push)
			if m.n > had {
				m.nodes++
			}
		default:
			d.listNode(&m)
		}
	}
	return m.value()
}

func (d *Decoder) listElement(m *listMaker) {
	if s := d.string(); d.err == nil {
		m.push(object.Elem{Str: s})
	}
}

func (d *Decoder) listNode(m *listMaker) {
	switch container := d.length(); {
	case d.err != nil:
	case container == nodePlain:
		d.listElement(m)
		m.nodes = several
	case container == nodePacked:
		b := d.string()
		if d.err != nil {
			return
		}
		n, canonical, err := object.CheckPack(b)
		switch {
		case !d.check(err):
		case canonical:
			m.node(b, n)
		default:
			m.pushAll(b)
			m.nodes++
		}
	default:
		_ = d.failf("a node of a list in unknown container %d", container)
	}
}
