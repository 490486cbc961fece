package rdb

import (
	"math"

	"github.com/crucible-cache/crucible/internal/object"
	"github.com/crucible-cache/crucible/internal/object/vector"
)

// Walk is where the encoding of a large value stands. The value must not be
// written to between its slices.
type Walk struct {
	object object.Object
	at     int // element of a sorted set or vector set, node of a list or stream
	table  object.TablePlace
	node   object.StreamNode

	earliest int64 // expiry of a field
}

// Begin appends what comes before the elements of a large value.
func (e *Encoder) Begin(v *Value) Walk {
	w := Walk{object: v.Object}
	switch o := v.Object.(type) {
	case *object.List:
		e.Length(uint64(o.Nodes()))
	case *vector.Set:
		e.vectorHead(o)
	case *object.Stream:
		e.Length(uint64(o.Nodes()))
		w.node = o.FirstNode()
	case *object.Table:
		if o.Expiring() > 0 {
			w.earliest = earliest(o)
			e.uint64(uint64(w.earliest))
		}
		e.Length(uint64(o.Len()))
	default:
		e.Length(uint64(o.Len()))
	}
	return w
}

// earliest returns the first expiry of the fields of a hash. Table.MinExpire is
// a bound only.
func earliest(t *object.Table) int64 {
	at := int64(math.MaxInt64)
	t.Each(func(e object.Entry) bool {
		if n := e.ExpireAt(); n != 0 {
			at = min(at, n)
		}
		return true
	})
	return at
}

// Continue appends elements until B has grown by about n bytes, and reports
// whether that were all.
func (e *Encoder) Continue(w *Walk, n int) (done bool) {
	limit := math.MaxInt
	if n < math.MaxInt-len(e.B) {
		limit = len(e.B) + n
	}
	switch o := w.object.(type) {
	case *object.List:
		for ; w.at < o.Nodes() && len(e.B) < limit; w.at++ {
			e.Length(nodePacked)
			e.String(o.Node(w.at))
		}
		return w.at == o.Nodes()
	case *object.ZSet:
		o.Ascend(w.at, o.Len(), func(member object.Elem, score float64) bool {
			e.String(member.Str)
			e.uint64(math.Float64bits(score))
			w.at++
			return len(e.B) < limit
		})
		return w.at == o.Len()
	case *object.Table:
		w.table, done = o.EachFrom(w.table, func(f object.Entry) bool {
			e.entry(f, w.earliest, o.HasValues())
			return len(e.B) < limit
		})
		return done
	case *object.Stream:
		return e.stream(w, o, limit)
	case *vector.Set:
		for ; w.at < o.Len() && len(e.B) < limit; w.at++ {
			e.vectorNode(o.At(w.at), o.Attributed() > 0)
		}
		if done = w.at == o.Len(); done {
			e.Length(moduleEnd)
		}
		return done
	}
	return true
}

// entry appends a member of a set, or a field of a hash with its value, after
// its time counted from one millisecond before the earliest, if any has one.
func (e *Encoder) entry(f object.Entry, earliest int64, value bool) {
	if earliest != 0 {
		at := f.ExpireAt()
		if at != 0 {
			at += 1 - earliest
		}
		e.Length(uint64(at))
	}
	e.String(f.Key())
	if value {
		e.String(f.Value())
	}
}

func (e *Encoder) stream(w *Walk, s *object.Stream, limit int) (done bool) {
	var id [16]byte
	for ; w.node.Valid() && len(e.B) < limit; w.node = w.node.Next() {
		mark := Encoder{B: id[:0]}
		mark.id(w.node.ID())
		e.String(mark.B)
		e.String(w.node.Bytes())
	}
	if w.node.Valid() {
		return false
	}
	e.Length(uint64(s.Len()))
	e.idLengths(s.LastID)
	e.idLengths(s.FirstID())
	e.idLengths(s.MaxDeletedID)
	e.Length(s.Added)
	e.Length(uint64(len(s.Groups())))
	for _, g := range s.Groups() {
		e.group(g)
	}
	return true
}

func (e *Encoder) group(g *object.StreamGroup) {
	e.String([]byte(g.Name))
	e.idLengths(g.LastID)
	e.Length(uint64(g.EntriesRead))
	e.Length(uint64(g.Pending()))
	g.EachPending(object.StreamID{}, object.MaxStreamID, func(id object.StreamID, d *object.Delivery) bool {
		e.id(id)
		e.uint64(uint64(d.TimeMS))
		e.Length(d.Count)
		return true
	})
	e.Length(uint64(len(g.Consumers())))
	for _, c := range g.Consumers() {
		e.String([]byte(c.Name))
		e.uint64(uint64(c.SeenMS))
		e.Length(uint64(c.Pending()))
		c.EachPending(object.StreamID{}, object.MaxStreamID, func(id object.StreamID) bool {
			e.id(id)
			return true
		})
	}
}
