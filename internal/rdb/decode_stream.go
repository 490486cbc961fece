package rdb

import (
	"encoding/binary"

	"github.com/crucible-cache/crucible/internal/object"
	"github.com/crucible-cache/crucible/internal/store"
)

// idSize is the length of an ID that is not written as two lengths.
const idSize = 16

func readID(p []byte) object.StreamID {
	return object.StreamID{MS: binary.BigEndian.Uint64(p), Seq: binary.BigEndian.Uint64(p[8:])}
}

func (d *Decoder) id() (id object.StreamID) {
	if p := d.take(idSize); p != nil {
		id = readID(p)
	}
	return id
}

func (d *Decoder) idLengths() object.StreamID {
	ms := d.length()
	return object.StreamID{MS: ms, Seq: d.length()}
}

func (d *Decoder) stream(typ byte, heap *object.Heap) Value {
	s := object.NewStream(heap)
	v := Value{Type: store.TypeStream, Form: Large, Object: s}
	for n := d.count(1 + idSize + 1); n > 0 && d.err == nil; n-- {
		d.streamNode(s)
	}
	length := d.length()
	last := d.idLengths()
	if d.err != nil || !d.check(s.Adopted(last)) {
		return v
	}
	if uint64(s.Len()) != length {
		_ = d.failf("a stream of %d entries has %d", length, s.Len())
		return v
	}
	s.Added = length
	if typ != typeStream {
		d.idLengths() // of the first entry, which is known
		s.MaxDeletedID = d.idLengths()
		s.Added = d.length()
	}
	for n := d.count(5); n > 0 && d.err == nil; n-- {
		d.streamGroup(typ, s)
	}
	return v
}

func (d *Decoder) streamNode(s *object.Stream) {
	key := d.string()
	if d.err == nil && len(key) != idSize {
		_ = d.fail("the ID of a node of a stream is not 16 bytes long")
	}
	if d.err != nil {
		return
	}
	master := readID(key)
	b := d.string()
	if d.err == nil && d.afford(int64(len(b))) {
		d.check(s.AdoptNode(master, b))
	}
}

func (d *Decoder) streamGroup(typ byte, s *object.Stream) {
	name := d.hold(d.string())
	last := d.idLengths()
	var read int64
	if typ != typeStream {
		read = int64(d.length())
	} else if n, ok := s.Distance(last); ok {
		read = n
	} else {
		read = object.UnknownRead
	}
	if d.err != nil || !d.afford(groupBytes) {
		return
	}
	if !s.AddGroup(name, last, read) {
		_ = d.fail("a group of a stream is there twice")
		return
	}
	g := s.Group(name)
	for n := d.count(idSize + 8 + 1); n > 0 && d.err == nil; n-- {
		id := d.id()
		at := int64(d.uint64())
		count := d.length()
		if d.err == nil && d.afford(pendingBytes) {
			d.check(g.AddPending(id, object.Delivery{TimeMS: at, Count: count}))
		}
	}
	for n := d.count(1 + 8 + 1); n > 0 && d.err == nil; n-- {
		d.streamConsumer(typ, g)
	}
	if d.err == nil {
		d.check(g.Assigned())
	}
}

// What elements, groups, consumers and pending entries take in memory besides
// their names and values, in bytes.
const (
	entryBytes    = 16 // an element of a large set, hash or sorted set
	groupBytes    = 256
	consumerBytes = 128
	pendingBytes  = 56
)

func (d *Decoder) streamConsumer(typ byte, g *object.StreamGroup) {
	name := d.hold(d.string())
	seen := int64(d.uint64())
	active := seen
	if typ == typeStream3 {
		active = int64(d.uint64())
	}
	if d.err != nil || !d.afford(consumerBytes) {
		return
	}
	if g.Consumer(name) != nil {
		_ = d.fail("a consumer of a stream is there twice")
		return
	}
	c := g.AddConsumer(name, seen)
	c.ActiveMS = active
	for n := d.count(idSize); n > 0 && d.err == nil; n-- {
		if id := d.id(); d.err == nil {
			d.check(g.Assign(id, c))
		}
	}
}
