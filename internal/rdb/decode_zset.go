package rdb

import (
	"math"
	"strconv"

	"github.com/crucible-cache/crucible/internal/object"
	"github.com/crucible-cache/crucible/internal/store"
)

const (
	badScore   = "a score of a sorted set is not a number"
	zsetHalf   = "a packed sorted set ends within an element"
	zsetTooBig = "a sorted set has more than it may"
)

// zsetMaker takes members with scores and makes a sorted set of the form that
// suits them.
type zsetMaker struct {
	d      *Decoder
	heap   *object.Heap
	pack   object.ZPack
	packed bool // see hashMaker
	n      int
	large  *object.ZSet
}

func (d *Decoder) newZSet(heap *object.Heap, n int) zsetMaker {
	m := zsetMaker{d: d, heap: heap}
	if int64(n) > d.limits.ZSetEntries {
		m.large = object.NewZSet(heap)
	} else {
		m.pack = object.ZPack{Pack: d.newPack()}
	}
	return m
}

// add takes a member, which is not memory of the set, and its score.
func (m *zsetMaker) add(member []byte, score float64) {
	d := m.d
	if math.IsNaN(score) {
		_ = d.fail(badScore)
	}
	if !d.afford(int64(len(member)) + 2*entryBytes) {
		return
	}
	if m.large == nil && (!m.packed && int64(len(member)) > d.limits.ZSetValue || int64(m.n) >= d.limits.ZSetEntries ||
		m.pack.Size()+len(member) > object.PackMax/2) {
		m.enlarge()
	}
	m.n++
	if m.large != nil {
		if !m.large.Fits(len(member)) {
			_ = d.fail(zsetTooBig)
		} else if !m.large.Set(member, score) {
			_ = d.fail(memberTwice)
		}
		return
	}
	if at, _ := m.pack.Find(member); at != 0 {
		_ = d.fail(memberTwice)
		return
	}
	m.pack.Insert(member, score)
}

func (m *zsetMaker) enlarge() {
	m.large = object.NewZSet(m.heap)
	var text [20]byte
	m.pack.Each(func(member object.Elem, score float64) bool {
		return m.large.Set(member.Text(text[:]), score)
	})
}

// value ends the making.
func (m *zsetMaker) value() Value {
	v := Value{Type: store.TypeZSet}
	switch {
	case m.large != nil && m.large.Len() == 0:
		free(m.large)
	case m.large != nil:
		v.Form, v.Object = Large, m.large
	case m.n > 0:
		v.Bytes = m.pack.Bytes()
	}
	return v
}

func (d *Decoder) zset(typ byte, heap *object.Heap) Value {
	switch typ {
	case typeZSetListpack:
		return d.packedZSet(heap)
	case typeZSetZiplist:
		return d.zsetZiplist(heap)
	}
	n := d.count(2)
	m := d.newZSet(heap, n)
	for ; n > 0 && d.err == nil; n-- {
		member := d.hold(d.string())
		var score float64
		if typ == typeZSet2 {
			score = math.Float64frombits(d.uint64())
		} else {
			score = d.textScore()
		}
		if d.err == nil {
			m.add(member, score)
		}
	}
	return m.value()
}

// textScore reads a score as it was written before version 8: a byte length and
// text, where three lengths stand for what is no finite number.
func (d *Decoder) textScore() float64 {
	switch n := d.byte(); n {
	case 253:
		return math.NaN()
	case 254:
		return math.Inf(1)
	case 255:
		return math.Inf(-1)
	default:
		score, err := strconv.ParseFloat(string(d.take(uint64(n))), 64)
		if err != nil {
			_ = d.fail(badScore)
		}
		return score
	}
}

// packedZSet reads a sorted set that is a listpack.
func (d *Decoder) packedZSet(heap *object.Heap) Value {
	b, n := d.checked()
	if d.err != nil || n%2 != 0 {
		_ = d.fail(zsetHalf)
		return Value{}
	}
	if n == 0 {
		return Value{Type: store.TypeZSet}
	}
	fits := int64(n/2) <= d.limits.ZSetEntries && len(b) <= object.PackMax/2
	sorted := d.zsetOrder(b)
	switch {
	case d.err != nil:
		return Value{}
	case fits && sorted:
		d.distinct(b, n, 2, memberTwice)
		return Value{Type: store.TypeZSet, Bytes: b}
	case int64(n/2) <= d.limits.ZSetEntries:
		b = append([]byte(nil), b...) // it may lie where the other pack will
	}
	m := d.newZSet(heap, n/2)
	m.packed = true
	var text [20]byte
	from := object.OpenZPack(b, nil)
	from.Each(func(member object.Elem, score float64) bool {
		m.add(member.Text(text[:]), score)
		return d.err == nil
	})
	return m.value()
}

// zsetOrder looks at the scores of a packed sorted set and reports whether its
// elements are in order.
func (d *Decoder) zsetOrder(b []byte) (sorted bool) {
	p := object.OpenPack(b, nil)
	before := object.Elem{Str: []byte{}} // in front of every member
	least, sorted := math.Inf(-1), true
	var texts [2][20]byte
	for at := p.First(); at != 0; {
		var member, s object.Elem
		member, at = p.Step(at)
		s, at = p.Step(at)
		score, ok := object.ParseScore(s)
		if !ok {
			_ = d.fail(badScore)
			return false
		}
		if score < least || score == least &&
			string(before.Text(texts[0][:])) > string(member.Text(texts[1][:])) {
			sorted = false
		}
		least, before = score, member
	}
	return sorted
}

func (d *Decoder) zsetZiplist(heap *object.Heap) Value {
	m := d.newZSet(heap, 0)
	m.packed = true
	var text [20]byte
	var member []byte
	half := false
	d.eachZiplist(d.string(), func(e object.Elem) bool {
		if half = !half; half {
			member = e.Text(text[:])
			return true
		}
		score, ok := object.ParseScore(e)
		if !ok {
			_ = d.fail(badScore)
		} else {
			m.add(member, score)
		}
		return d.err == nil
	})
	if half {
		_ = d.fail(zsetHalf)
	}
	return m.value()
}
