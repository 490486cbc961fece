package rdb

import (
	"math"

	"github.com/crucible-cache/crucible/internal/object"
	"github.com/crucible-cache/crucible/internal/store"
)

const fieldTwice = "a field of a hash is there twice"

// expiryMax is the last time at which a field may expire, unix milliseconds.
const expiryMax = (1<<48 - 2) >> 2

// hashMaker takes fields and makes a hash of the form that suits them.
type hashMaker struct {
	d      *Decoder
	heap   *object.Heap
	pack   object.Pack
	timed  bool // the pack has expiries
	packed bool // it comes from a packed form: Redis asks then how many fields there are, not how long
	n      int
	more   int // fields that are said to come
	large  *object.Table
}

func (d *Decoder) newHash(heap *object.Heap, n int, timed bool) hashMaker {
	m := hashMaker{d: d, heap: heap, timed: timed, more: n}
	if int64(n) > d.limits.HashEntries {
		m.large = object.NewTable(heap, min(n, presize), true)
	} else {
		m.pack = d.newPack()
	}
	return m
}

// add takes a field and its value, neither of them memory of the hash, and when
// it expires; 0 is never.
func (m *hashMaker) add(field, value []byte, at int64) {
	d := m.d
	if !d.afford(int64(len(field)+len(value)) + entryBytes) {
		return
	}
	l := &d.limits
	if m.large == nil && (!m.packed && int64(max(len(field), len(value))) > l.HashValue || int64(m.n) >= l.HashEntries ||
		m.pack.Size()+len(field)+len(value) > object.PackMax/2) {
		m.enlarge()
	}
	m.n++
	switch {
	case m.large != nil:
		if !m.large.Set(field, value, at) {
			_ = d.fail(fieldTwice)
		}
	case m.pack.Find(m.pack.First(), field, m.stride()-1) != 0:
		_ = d.fail(fieldTwice)
	case m.timed:
		m.pack.InsertTTL(field, value, at)
	default:
		m.pack.Append(field)
		m.pack.Append(value)
	}
}

func (m *hashMaker) stride() int {
	if m.timed {
		return object.HashStrideTTL
	}
	return object.HashStride
}

func (m *hashMaker) enlarge() {
	m.large = object.NewTable(m.heap, min(max(m.n+1, m.more), presize), true)
	m.d.eachField(m.pack.Bytes(), m.timed, func(field, value []byte, at int64) bool {
		return m.large.Set(field, value, at)
	})
}

// eachField visits the fields of the pack of a hash, which is in order but for
// times that may be no numbers.
func (d *Decoder) eachField(b []byte, timed bool, visit func(field, value []byte, at int64) bool) {
	var texts [2][20]byte
	p := object.OpenPack(b, nil)
	for at := p.First(); at != 0; {
		var f, v, t object.Elem
		f, at = p.Step(at)
		v, at = p.Step(at)
		if timed {
			t, at = p.Step(at)
			if t.Str != nil || t.Int < 0 || t.Int > expiryMax {
				_ = d.fail("a field of a hash has a time that is none")
				return
			}
		}
		if !visit(f.Text(texts[0][:]), v.Text(texts[1][:]), t.Int) {
			return
		}
	}
}

// value ends the making.
func (m *hashMaker) value() Value {
	v := Value{Type: store.TypeHash}
	switch {
	case m.large != nil && m.large.Len() == 0:
		free(m.large)
	case m.large != nil:
		v.Form, v.Object = Large, m.large
	case m.n == 0:
	case m.timed:
		v.Form, v.Bytes = PackTTL, m.pack.Bytes()
	default:
		v.Bytes = m.pack.Bytes()
	}
	return v
}

func (d *Decoder) hash(typ byte, heap *object.Heap) Value {
	switch typ {
	case typeHashListpack:
		return d.packedHash(heap, false)
	case typeHashListpackEx:
		d.uint64() // the earliest time, which the fields tell
		return d.packedHash(heap, true)
	case typeHashListpackExOld:
		return d.packedHash(heap, true)
	case typeHashZiplist:
		return d.hashZiplist(heap)
	case typeHashZipmap:
		m := d.newHash(heap, 0, false)
		if b := d.string(); d.err == nil {
			d.eachZipmap(b, func(f, v []byte) { m.add(f, v, 0) })
		}
		return m.value()
	}
	return d.hashFields(typ, heap)
}

// hashFields reads a hash that is written field by field.
func (d *Decoder) hashFields(typ byte, heap *object.Heap) Value {
	earliest, timed := int64(0), typ != typeHash
	if typ == typeHashTimes {
		if n := d.uint64(); n <= noExpiry {
			earliest = int64(n) - 1
		} else {
			_ = d.failf("a field of a hash expires at %d", n)
		}
	}
	n := d.count(2)
	m := d.newHash(heap, n, timed)
	for ; n > 0 && d.err == nil; n-- {
		at := int64(0)
		if timed {
			at = d.fieldTime(earliest)
		}
		field := d.hold(d.string())
		if value := d.string(); d.err == nil {
			m.add(field, value, at)
		}
	}
	return m.value()
}

// fieldTime reads when a field expires, counted from a time; 0 is never.
func (d *Decoder) fieldTime(from int64) int64 {
	n := d.length()
	if n == 0 {
		return 0
	}
	if n > math.MaxInt64/2 || int64(n)+from > expiryMax || int64(n)+from <= 0 {
		_ = d.fail("a field of a hash has a time that is none")
		return 0
	}
	return int64(n) + from
}

// packedHash reads a hash that is a listpack.
func (d *Decoder) packedHash(heap *object.Heap, timed bool) Value {
	m := hashMaker{d: d, heap: heap, timed: timed}
	b, n := d.checked()
	if stride := m.stride(); d.err != nil || n%stride != 0 {
		_ = d.fail("the listpack of a hash ends within a field")
		return m.value()
	}
	fields := n / m.stride()
	fits, last := int64(fields) <= d.limits.HashEntries && len(b) <= object.PackMax/2, int64(0)
	d.eachField(b, timed, func(_, _ []byte, at int64) bool {
		// Those that expire first stand first.
		inOrder := at == 0 || last != math.MaxInt64 && at >= last
		fits = fits && inOrder
		if last = at; at == 0 {
			last = math.MaxInt64
		}
		return d.err == nil
	})
	if d.err != nil || n == 0 {
		return m.value()
	}
	if fits {
		d.distinct(b, n, m.stride(), fieldTwice)
		v := Value{Type: store.TypeHash, Bytes: b}
		if timed {
			v.Form = PackTTL
		}
		return v
	}
	return d.repack(b, fields, timed, heap)
}

// repack makes a hash of the form that suits it of a pack of another.
func (d *Decoder) repack(b []byte, fields int, timed bool, heap *object.Heap) Value {
	if int64(fields) <= d.limits.HashEntries {
		// The decoder's memory for packs may be where b lies.
		b = append([]byte(nil), b...)
	}
	m := d.newHash(heap, fields, timed)
	m.packed = true
	d.eachField(b, timed, func(field, value []byte, at int64) bool {
		m.add(field, value, at)
		return d.err == nil
	})
	return m.value()
}

func (d *Decoder) hashZiplist(heap *object.Heap) Value {
	m := d.newHash(heap, 0, false)
	m.packed = true
	var texts [2][20]byte
	var field []byte
	half := false
	d.eachZiplist(d.string(), func(e object.Elem) bool {
		if half = !half; half {
			field = e.Text(texts[0][:])
			return true
		}
		m.add(field, e.Text(texts[1][:]), 0)
		return d.err == nil
	})
	if half {
		_ = d.fail("the ziplist of a hash ends within a field")
	}
	return m.value()
}
