package rdb

import (
	"github.com/crucible-cache/crucible/internal/object"
	"github.com/crucible-cache/crucible/internal/store"
)

// Value reads a value of a type. On an error nothing is left of it. A collection
// without elements, as servers have written by mistake, is the zero Value with
// empty set: the key doesn't exist.
func (d *Decoder) Value(typ byte, heap *object.Heap) (v Value, empty bool, err error) {
	d.used = 0
	switch typ {
	case typeString:
		v = Value{Bytes: d.string()}
	case typeList, typeListZiplist, typeListQuicklist, typeListQuicklist2:
		v = d.list(typ, heap)
	case typeSet, typeSetIntset, typeSetListpack:
		v = d.set(typ, heap)
	case typeZSet, typeZSet2, typeZSetZiplist, typeZSetListpack:
		v = d.zset(typ, heap)
	case typeHash, typeHashZipmap, typeHashZiplist, typeHashListpack,
		typeHashTimesOld, typeHashListpackExOld, typeHashTimes, typeHashListpackEx:
		v = d.hash(typ, heap)
	case typeStream, typeStream2, typeStream3:
		v = d.stream(typ, heap)
	case typeModule2:
		v = d.vectorSet(heap)
	case typeModule:
		_ = d.fail("a value of a module in a form that says nothing of its length")
	default:
		_ = d.failf("a value of unknown type %d", typ)
	}
	if d.err != nil {
		v.Release()
		return Value{}, false, d.err
	}
	if v.Type != store.TypeString && v.Bytes == nil && v.Object == nil {
		return Value{}, true, nil
	}
	return v, false, nil
}

// Payload reads what DUMP made, without its footer: a type and a value. What is
// behind it is not looked at, as in the reference server.
func (d *Decoder) Payload(heap *object.Heap) (v Value, empty bool, err error) {
	typ := d.byte()
	if d.err != nil {
		return v, false, d.err
	}
	return d.Value(typ, heap)
}

// packRoom is memory for a pack that is being made.
type packRoom struct {
	object.Uncounted
	b []byte
}

// Resize implements object.Memory.
func (r *packRoom) Resize(n int) []byte {
	if cap(r.b) < n {
		b := make([]byte, max(n, 256))
		copy(b, r.b)
		r.b = b
	}
	r.b = r.b[:n]
	return r.b
}

// newPack begins a pack in the decoder's memory.
func (d *Decoder) newPack() object.Pack {
	if cap(d.pack.b) > windowKept {
		d.pack.b = nil
	}
	return object.NewPack(&d.pack, 0)
}

// checked returns a blob that is a listpack in order, and its number of elements.
// Where its elements do not have their usual encoding it is packed again.
func (d *Decoder) checked() (b []byte, n int) {
	b = d.string()
	if d.err != nil {
		return nil, 0
	}
	n, canonical, err := object.CheckPack(b)
	if !d.check(err) {
		return nil, 0
	}
	if canonical {
		return b, n
	}
	from, to := object.OpenPack(b, nil), d.newPack()
	for at := from.First(); at != 0; {
		var e object.Elem
		e, at = from.Step(at)
		to.AppendElem(e)
	}
	return to.Bytes(), n
}

// eachElem visits the elements of a pack.
func eachElem(b []byte, visit func(object.Elem) bool) {
	p := object.OpenPack(b, nil)
	for at := p.First(); at != 0; {
		var e object.Elem
		if e, at = p.Step(at); !visit(e) {
			return
		}
	}
}
