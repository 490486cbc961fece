package object

import "encoding/binary"

// List is a large list: a sequence of nodes, each a pack in a block of its own,
// bounded by a Fill. An element that is larger than the bound has a node to
// itself. No node is empty.
//
// The directory of nodes is a slice with spare room at both ends, so that both
// are cheap to push to; to reach an element in the middle the nodes are counted
// through, a few nanoseconds each.
type List struct {
	heap  *Heap
	fill  Fill
	dir   []node // all the room
	head  int    // first node in dir
	tail  int    // behind the last
	n     int
	bytes int64
	at    int // the node whose memory is asked for, while it is written to
}

// node is a pack and how many elements it has. The pack may lie anywhere in the
// block: with room in front, to push there moves nothing but the header.
type node struct {
	b   []byte // all of the block
	off int32  // where the pack begins in b
	n   int32
}

const nodeBytes = 32 // of a node in the directory

// size returns the length of the pack in bytes.
func (nd *node) size() int { return int(binary.LittleEndian.Uint32(nd.b[nd.off:])) }

// NewList makes an empty list.
func NewList(heap *Heap, fill Fill) *List { return &List{heap: heap, fill: fill} }

// Len returns the number of elements.
func (l *List) Len() int { return l.n }

// Bytes returns the memory the list holds.
func (l *List) Bytes() int64 { return l.bytes + int64(len(l.dir)*nodeBytes) }

// Release implements Object.
func (l *List) Release(n int) bool {
	for ; n > 0 && l.head < l.tail; n-- {
		l.bytes -= int64(cap(l.dir[l.head].b))
		l.heap.Free(l.dir[l.head].b)
		l.dir[l.head] = node{}
		l.head++
	}
	return l.head == l.tail
}

// Resize implements Memory for the node that is being written to.
func (l *List) Resize(n int) []byte {
	nd := &l.dir[l.at]
	had := cap(nd.b)
	if nd.b == nil {
		nd.b = l.heap.Alloc(n)
	} else {
		if nd.off > 0 {
			copy(nd.b, nd.b[nd.off:][:nd.size()])
			nd.off = 0
		}
		nd.b = l.heap.Realloc(nd.b, n)
	}
	nd.b = nd.b[:cap(nd.b)]
	l.bytes += int64(cap(nd.b) - had)
	return nd.b
}

// pack opens node i, counted in dir.
func (l *List) pack(i int) Pack {
	l.at = i
	nd := &l.dir[i]
	return OpenPack(nd.b[nd.off:], l)
}

// open makes room for size more bytes of elements in front of the pack of node i
// or behind it.
func (l *List) open(i, size int, front bool) {
	nd := &l.dir[i]
	had, off := nd.size(), int(nd.off)
	if front && off >= size || !front && cap(nd.b)-off-had >= size {
		return
	}
	block := nd.b
	if had+size > cap(block) {
		nd.b = l.heap.Alloc(l.fill.block(had+size, cap(block)))
		nd.b = nd.b[:cap(nd.b)]
		l.bytes += int64(cap(nd.b) - cap(block))
	}
	// The spare room is where the list grows: at both ends of an only node.
	spare, to := cap(nd.b)-had-size, 0
	switch {
	case l.tail-l.head == 1:
		to = spare / 2
	case front:
		to = spare
	}
	if front {
		to += size
	}
	copy(nd.b[to:], block[off:off+had])
	nd.off = int32(to) //nolint:gosec // within a block
	if had+size > cap(block) {
		l.heap.Free(block)
	}
}

// PushFront puts v before the first element.
func (l *List) PushFront(v []byte) {
	e := encode(v)
	size := e.size()
	if l.head == l.tail || !l.takes(l.head, size) {
		l.begin(l.head, l.head, size)
	}
	l.open(l.head, size, true)
	nd := &l.dir[l.head]
	had, n := nd.size(), binary.LittleEndian.Uint16(nd.b[nd.off+4:])
	nd.off -= int32(size) //nolint:gosec // within a block
	b := nd.b[nd.off:]
	binary.LittleEndian.PutUint32(b, uint32(had+size)) //nolint:gosec // a pack's
	binary.LittleEndian.PutUint16(b[4:], n)
	e.put(b[packHeader:])
	p := l.pack(l.head)
	p.count(1)
	l.grown(l.head)
}

// PushBack puts v behind the last element.
func (l *List) PushBack(v []byte) { l.append(encode(v)) }

func (l *List) append(e encoded) {
	size := e.size()
	if l.head == l.tail || !l.takes(l.tail-1, size) {
		l.begin(l.tail, l.tail-1, size)
	}
	l.open(l.tail-1, size, false)
	p := l.pack(l.tail - 1)
	e.put(p.splice(p.Size()-1, 0, size, 1))
	l.grown(l.tail - 1)
}

// begin puts an empty node at an end of the list, for an element of size bytes
// and those that come after it. The node that was there, full, has no use for
// spare room.
func (l *List) begin(i, full, size int) {
	room := 0
	if l.head < l.tail {
		l.at = full
		if n := l.dir[full].size(); BlockSize(n) < cap(l.dir[full].b) {
			l.trim(n)
		}
		room = l.fill.first(size)
	}
	l.addNode(i, room)
}

// trim moves the pack of the node that is being written to, of n bytes, to a
// block that has no room for more.
func (l *List) trim(n int) {
	nd := &l.dir[l.at]
	b := l.heap.Alloc(n)
	b = b[:cap(b)]
	copy(b, nd.b[nd.off:][:n])
	l.bytes += int64(cap(b) - cap(nd.b))
	l.heap.Free(nd.b)
	nd.b, nd.off = b, 0
}

func (l *List) grown(i int) {
	l.dir[i].n++
	l.n++
}

// takes reports whether node i has room for size more bytes.
func (l *List) takes(i, size int) bool {
	nd := &l.dir[i]
	return !l.fill.Exceeded(nd.size()+size, int(nd.n)+1)
}

// addNode puts an empty node with room for that many bytes of elements at i,
// between head and tail, and returns where it is. It has to be filled at once.
func (l *List) addNode(i, room int) int {
	before := i - l.head
	if l.head == 0 && (l.tail == len(l.dir) || before < l.tail-i) || l.tail == len(l.dir) {
		l.spread()
		i = l.head + before
	}
	if before < l.tail-i && l.head > 0 || l.tail == len(l.dir) {
		copy(l.dir[l.head-1:], l.dir[l.head:i])
		l.head--
		i--
	} else {
		copy(l.dir[i+1:l.tail+1], l.dir[i:l.tail])
		l.tail++
	}
	l.dir[i] = node{}
	l.at = i
	NewPack(l, room)
	return i
}

// spread moves the nodes to the middle of a directory with room on both sides.
func (l *List) spread() {
	used := l.tail - l.head
	room := max(used/4, 2)
	dir := make([]node, used+2*room)
	copy(dir[room:], l.dir[l.head:l.tail])
	l.dir, l.head, l.tail = dir, room, room+used
}

// dropNode removes node i.
func (l *List) dropNode(i int) {
	nd := &l.dir[i]
	l.n -= int(nd.n)
	l.bytes -= int64(cap(nd.b))
	l.heap.Free(nd.b)
	if i-l.head < l.tail-1-i {
		copy(l.dir[l.head+1:i+1], l.dir[l.head:i])
		l.dir[l.head] = node{}
		l.head++
	} else {
		copy(l.dir[i:], l.dir[i+1:l.tail])
		l.tail--
		l.dir[l.tail] = node{}
	}
	if used := l.tail - l.head; len(l.dir) > 4*used+16 {
		l.spread()
	}
}

// cut removes n elements of node i from position at on, and the node if none
// is left. It reports whether it is.
func (l *List) cut(i, at, n int) (gone bool) {
	nd := &l.dir[i]
	if n >= int(nd.n) {
		l.dropNode(i)
		return true
	}
	p := l.pack(i)
	if at == packHeader {
		l.behead(p, n)
	} else {
		p.Delete(at, n)
	}
	nd.n -= int32(n) //nolint:gosec // at most what there are
	l.n -= n
	return false
}

// behead removes the first n elements of a pack that was opened last, not all:
// the header moves up to the others. The room is given back when the rest is a
// quarter of the block.
func (l *List) behead(p Pack, n int) {
	end := packHeader
	for range n {
		end = p.after(end)
	}
	gone, size := end-packHeader, p.Size()-(end-packHeader)
	copy(p.b[gone:], p.b[:packHeader])
	nd := &l.dir[l.at]
	nd.off += int32(gone) //nolint:gosec // within a block
	p = l.pack(l.at)
	binary.LittleEndian.PutUint32(p.b, uint32(size)) //nolint:gosec // a pack's
	p.count(-n)
	if cap(nd.b) > 4*size+shrinkSlack {
		l.trim(size)
	}
}

// PopFront removes n elements at the front.
func (l *List) PopFront(n int) {
	for n > 0 && l.head < l.tail {
		k := min(n, int(l.dir[l.head].n))
		l.cut(l.head, packHeader, k)
		n -= k
	}
}

// PopBack removes n elements at the end.
func (l *List) PopBack(n int) {
	for n > 0 && l.head < l.tail {
		last := l.tail - 1
		k := min(n, int(l.dir[last].n))
		if k == int(l.dir[last].n) {
			l.dropNode(last)
		} else {
			p := l.pack(last)
			p.DeleteLast(k)
			l.dir[last].n -= int32(k) //nolint:gosec // at most what there are
			l.n -= k
		}
		n -= k
	}
}

// Whole returns the pack of a list of one node, for a list that is to be small
// again, and whether there is only one and the fill finds it small.
func (l *List) Whole() (b []byte, ok bool) {
	if l.tail-l.head != 1 {
		return nil, false
	}
	p := l.pack(l.head)
	return p.Bytes(), l.fill.Small(p.Size(), l.n)
}

// Adopt fills an empty list with the elements of a pack.
func (l *List) Adopt(p Pack) {
	for at := p.First(); at != 0; {
		var e Elem
		e, at = p.Step(at)
		l.append(encodeElem(e))
	}
}

// Nodes returns how many nodes there are.
func (l *List) Nodes() int { return l.tail - l.head }

// Node returns the pack of node i, without spare room. It is memory of the list.
func (l *List) Node(i int) []byte {
	nd := &l.dir[l.head+i]
	return nd.b[nd.off:][:nd.size()]
}

// AdoptNode puts a copy of a pack of n elements, more than none, behind the last
// node as it is, whatever the fill says.
func (l *List) AdoptNode(b []byte, n int) {
	i := l.addNode(l.tail, len(b)-emptyPack)
	copy(l.dir[i].b, b)
	l.dir[i].n = int32(n) //nolint:gosec // a pack has no more
	l.n += n
}

// Clone returns a copy with blocks of its own.
func (l *List) Clone() *List {
	c := NewList(l.heap, l.fill)
	c.dir = make([]node, l.tail-l.head)
	c.tail, c.n = len(c.dir), l.n
	for i := range c.dir {
		from := l.dir[l.head+i]
		b := l.heap.Alloc(from.size())
		copy(b, from.b[from.off:])
		c.dir[i] = node{b: b[:cap(b)], n: from.n}
		c.bytes += int64(cap(b))
	}
	return c
}
