package object

// StreamIterator walks entries in one direction. It is valid until the stream is
// written to.
type StreamIterator struct {
	ID     StreamID // of the current entry
	Fields int      // it has

	s          *Stream
	start, end StreamID
	reverse    bool

	at       place // of the node
	node     streamNode
	master   StreamID
	fields   int // of the node
	fieldsAt int // position of the first of them
	first    int // position of the node's first entry
	next     int // position of what follows: in reverse, behind it
	entry    int // position of the current entry
	value    int // position of the next pair, or value if it is same
	field    int // position of the next field if it is same
	same     bool
}

// Range returns an iterator over the entries from start to end, both included,
// that stands before the first.
func (s *Stream) Range(start, end StreamID) StreamIterator {
	it := StreamIterator{s: s, start: start, end: end}
	it.at = s.nodes.floor(start)
	if !s.nodes.valid(it.at) {
		it.at = s.nodes.front()
	}
	if it.open() {
		it.seek()
	}
	return it
}

// RangeReverse is Range from the last entry to the first.
func (s *Stream) RangeReverse(start, end StreamID) StreamIterator {
	it := StreamIterator{s: s, start: start, end: end, reverse: true}
	it.at = s.nodes.floor(end)
	if it.open() {
		it.next = it.node.end()
	}
	return it
}

// open enters the node at it.at, if there is one.
func (it *StreamIterator) open() bool {
	nodes := &it.s.nodes
	if !nodes.valid(it.at) {
		return false
	}
	it.master = nodes.id(it.at)
	it.node = openNode(it.s.mem.view(*nodes.value(it.at)))
	it.fields, it.fieldsAt, it.first = it.node.header()
	it.next = it.first
	return true
}

// seek moves to the first entry of the node that is not before start, from
// whichever end of the node that is nearer to: whoever waits for the newest
// entries asks for one of the last.
func (it *StreamIterator) seek() {
	if !it.master.Less(it.start) {
		return
	}
	last := it.idAt(it.node.entryBefore(it.node.end()))
	if last.Less(it.start) {
		it.next = it.node.end()
		return
	}
	if near(it.start, it.master, last) {
		for it.read(it.next); it.ID.Less(it.start); it.read(it.next) {
			it.next = it.skip()
		}
		return
	}
	at := it.node.end()
	for at > it.first {
		before := it.node.entryBefore(at)
		if it.idAt(before).Less(it.start) {
			break
		}
		at = before
	}
	it.next = at
}

// near reports whether id is nearer to low than to high.
func near(id, low, high StreamID) bool {
	if low.MS == high.MS {
		return id.Seq-low.Seq < high.Seq-id.Seq
	}
	return id.MS-low.MS < high.MS-id.MS
}

// idAt returns the ID of the entry at a position.
func (it *StreamIterator) idAt(at int) StreamID {
	ms, at := it.node.number(at + 2)
	seq, _ := it.node.number(at)
	return StreamID{it.master.MS + uint64(ms), it.master.Seq + uint64(seq)}
}

// Next moves to the next entry and reports whether there is one.
func (it *StreamIterator) Next() bool {
	if it.node.b == nil {
		return false
	}
	if it.reverse {
		return it.nextReverse()
	}
	for {
		if it.next == it.node.end() {
			it.at = it.s.nodes.after(it.at)
			if !it.open() {
				it.node.b = nil
				return false
			}
		}
		deleted := it.read(it.next)
		it.next = it.skip()
		switch {
		case it.end.Less(it.ID):
			it.node.b = nil
			return false
		case !deleted && !it.ID.Less(it.start):
			return true
		}
	}
}

func (it *StreamIterator) nextReverse() bool {
	for {
		if it.next == it.first {
			it.at = it.s.nodes.before(it.at)
			if !it.open() {
				it.node.b = nil
				return false
			}
			it.next = it.node.end()
		}
		it.next = it.node.entryBefore(it.next)
		deleted := it.read(it.next)
		switch {
		case it.ID.Less(it.start):
			it.node.b = nil
			return false
		case !deleted && !it.end.Less(it.ID):
			return true
		}
	}
}

// read makes the entry at a position the current one.
func (it *StreamIterator) read(at int) (deleted bool) {
	it.entry = at
	flags := it.node.b[at]
	ms, at := it.node.number(at + 2)
	seq, at := it.node.number(at)
	it.ID = StreamID{it.master.MS + uint64(ms), it.master.Seq + uint64(seq)}
	it.same = flags&entrySame != 0
	it.Fields, it.field = it.fields, it.fieldsAt
	if !it.same {
		n, behind := it.node.number(at)
		it.Fields, at = int(n), behind
	}
	it.value = at
	return flags&entryDeleted != 0
}

// skip returns the position behind the current entry.
func (it *StreamIterator) skip() int {
	n := it.Fields
	if !it.same {
		n *= 2
	}
	at := it.value
	for range n + 1 {
		at = it.node.after(at)
	}
	return at
}

// Pair returns the next field of the current entry and its value. It is called
// Fields times at the most.
func (it *StreamIterator) Pair() (field, value Elem) {
	from := &it.value
	if it.same {
		from = &it.field
	}
	field, size := decode(it.node.b, *from)
	*from += size + backSize(size)
	value, size = decode(it.node.b, it.value)
	it.value += size + backSize(size)
	return field, value
}

// Count returns how many entries Next would come to, or limit if there are more.
// The iterator, which is not of the reverse kind, stays where it is. Nodes that
// lie within the range as a whole are not looked into.
func (it StreamIterator) Count(limit int) int {
	n := 0
	for n < limit {
		if k, ok := it.skipNode(); ok {
			n += k
		} else if it.Next() {
			n++
		} else {
			break
		}
	}
	return min(n, limit)
}

// skipNode passes over the node whose first entry comes next, if all of it is
// within the range, and returns how many entries it has.
func (it *StreamIterator) skipNode() (n int, ok bool) {
	if it.node.b == nil {
		return 0, false
	}
	nodes := &it.s.nodes
	if it.next == it.node.end() {
		it.at = nodes.after(it.at)
		if !it.open() {
			it.node.b = nil
			return 0, false
		}
	}
	if it.next != it.first || it.master.Less(it.start) {
		return 0, false
	}
	behind := nodes.after(it.at)
	if nodes.valid(behind) && !nodes.id(behind).Less(it.end) || !nodes.valid(behind) && it.end.Less(it.s.LastID) {
		return 0, false
	}
	it.next = it.node.end()
	return it.node.count(), true
}
