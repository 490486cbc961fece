package object

import (
	"encoding/binary"
	"unsafe"
)

// List is a large list: a sequence of nodes, each a pack in a block of its own,
// bounded by a Fill. An element that is larger than the bound has a node to
// itself. No node is empty.
//
// The directory of nodes is a slice with spare room at both ends, so that both
// are cheap to push to; to reach an element in the middle the nodes are counted
// through, a few nanoseconds each.
//
// What a push or a pop at an end reads are two cache lines: the nodes at the ends lie
// in the list itself, and dir is read when one of them comes or goes. (An empty list
// has neither.)
type List struct {
	front node // in place of dir[head]
	back  node // in place of dir[tail-1], if that is another
	head  int  // first node in dir
	tail  int  // behind the last
	n     int
	bytes int64
	at    int // the node whose memory is asked for, while it is written to
	heap  *Heap
	fill  Fill
	dir   []node // all the room
}

// node is a pack and how many elements it has. The pack may lie anywhere in the
// block: with room in front, to push there moves nothing but the header.
type node struct {
	p    unsafe.Pointer // the block, in the heap
	room int32          // its size in bytes
	off  int32          // where the pack begins in it
	n    int32
}

const nodeBytes = 24 // of a node in the directory

// block returns all of the node's block.
func (nd *node) block() []byte { return unsafe.Slice((*byte)(nd.p), nd.room) }

// take gives the node another block, all there is of it.
func (nd *node) take(b []byte) {
	nd.p, nd.room = unsafe.Pointer(unsafe.SliceData(b)), int32(cap(b)) //nolint:gosec // below 2 GiB
}

// packed returns the pack, with the room behind it.
func (nd *node) packed() []byte { return nd.block()[nd.off:] }

// size returns the length of the pack in bytes.
func (nd *node) size() int { return int(binary.LittleEndian.Uint32(nd.packed())) }

// node returns node i, counted in dir.
func (l *List) node(i int) *node {
	switch i {
	case l.head:
		return &l.front
	case l.tail - 1:
		return &l.back
	}
	return &l.dir[i]
}

// stow puts the nodes at the ends where dir has room for them, for nodes to be added or
// removed, and fetch takes them out again.
func (l *List) stow() {
	if l.head < l.tail {
		l.dir[l.tail-1] = *l.node(l.tail - 1)
		l.dir[l.head] = l.front
	}
}

func (l *List) fetch() {
	if l.head < l.tail {
		l.front, l.back = l.dir[l.head], l.dir[l.tail-1]
	}
}

// NewList makes an empty list.
func NewList(heap *Heap, fill Fill) *List { return &List{heap: heap, fill: fill} }

// Len returns the number of elements.
func (l *List) Len() int { return l.n }

// Bytes returns the memory the list holds.
func (l *List) Bytes() int64 { return l.bytes + int64(len(l.dir)*nodeBytes) }

// Release implements Object.
func (l *List) Release(n int) bool {
	l.stow()
	for ; n > 0 && l.head < l.tail; n-- {
		l.bytes -= int64(l.dir[l.head].room)
		l.heap.Free(l.dir[l.head].block())
		l.dir[l.head] = node{}
		l.head++
	}
	l.fetch()
	if l.head < l.tail {
		return false
	}
	dropDirectory(l.heap, l.dir)
	l.dir = nil
	return true
}

// Resize implements Memory for the node that is being written to.
func (l *List) Resize(n int) []byte {
	nd := l.node(l.at)
	had := nd.room
	if nd.p == nil {
		nd.take(l.heap.Alloc(n))
	} else {
		b := nd.block()
		if nd.off > 0 {
			copy(b, nd.packed()[:nd.size()])
			nd.off = 0
		}
		nd.take(l.heap.Realloc(b, n))
	}
	l.bytes += int64(nd.room - had)
	return nd.block()
}

// view opens node i, counted in dir, to be read and written to.
func (l *List) view(p *Pack, i int) {
	l.at = i
	p.b, p.mem = l.node(i).packed(), l
}

// open makes room for size more bytes of elements in front of the pack of node i
// or behind it.
func (l *List) open(i, size int, front bool) {
	nd := l.node(i)
	had, off, room := nd.size(), int(nd.off), int(nd.room)
	if front && off >= size || !front && room-off-had >= size {
		return
	}
	block := nd.block()
	if had+size > room {
		nd.take(l.heap.Alloc(l.fill.block(had+size, room)))
		l.bytes += int64(int(nd.room) - room)
	}
	// The spare room is where the list grows: at both ends of an only node.
	spare, to := int(nd.room)-had-size, 0
	switch {
	case l.tail-l.head == 1:
		to = spare / 2
	case front:
		to = spare
	}
	if front {
		to += size
	}
	copy(nd.block()[to:], block[off:off+had])
	nd.off = int32(to) //nolint:gosec // within a block
	if had+size > room {
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
	if int(l.front.off) < size {
		l.open(l.head, size, true)
	}
	nd := &l.front
	was := nd.packed()
	had, n := binary.LittleEndian.Uint32(was), binary.LittleEndian.Uint16(was[4:])
	nd.off -= int32(size) //nolint:gosec // within a block
	p := Pack{b: nd.packed()}
	binary.LittleEndian.PutUint32(p.b, had+uint32(size)) //nolint:gosec // a pack's
	binary.LittleEndian.PutUint16(p.b[4:], n)
	e.put(p.b[packHeader:])
	p.count(1)
	nd.n++
	l.n++
}

// PushBack puts v behind the last element.
func (l *List) PushBack(v []byte) { l.append(encode(v)) }

func (l *List) append(e encoded) {
	size := e.size()
	if l.head == l.tail || !l.takes(l.tail-1, size) {
		l.begin(l.tail, l.tail-1, size)
	}
	l.open(l.tail-1, size, false)
	var p Pack
	l.view(&p, l.tail-1)
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
		if nd := l.node(full); BlockSize(nd.size()) < int(nd.room) {
			l.trim(nd.size())
		}
		room = l.fill.first(size)
	}
	l.addNode(i, room)
}

// trim moves the pack of the node that is being written to, of n bytes, to a
// block that has no room for more.
func (l *List) trim(n int) {
	nd := l.node(l.at)
	old := nd.block()
	b := l.heap.Alloc(n)
	copy(b, nd.packed()[:n])
	nd.take(b)
	nd.off = 0
	l.bytes += int64(int(nd.room) - len(old))
	l.heap.Free(old)
}

func (l *List) grown(i int) {
	l.node(i).n++
	l.n++
}

// takes reports whether node i has room for size more bytes.
func (l *List) takes(i, size int) bool {
	nd := l.node(i)
	return !l.fill.Exceeded(nd.size()+size, int(nd.n)+1)
}

// addNode puts an empty node with room for that many bytes of elements at i,
// between head and tail, and returns where it is. It has to be filled at once.
func (l *List) addNode(i, room int) int {
	l.stow()
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
	l.fetch()
	l.at = i
	NewPack(l, room)
	return i
}

// spread moves the nodes to the middle of a directory with room on both sides.
func (l *List) spread() {
	used := l.tail - l.head
	room := max(used/4, 2)
	dir := newDirectory[node](l.heap, used+2*room)
	dir = dir[:cap(dir)]
	copy(dir[room:], l.dir[l.head:l.tail])
	dropDirectory(l.heap, l.dir)
	l.dir, l.head, l.tail = dir, room, room+used
}

// dropNode removes node i.
func (l *List) dropNode(i int) {
	l.stow()
	nd := &l.dir[i]
	l.n -= int(nd.n)
	l.bytes -= int64(nd.room)
	l.heap.Free(nd.block())
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
	l.fetch()
}

// cut removes n elements of node i from position at on, and the node if none
// is left. It reports whether it is.
func (l *List) cut(i, at, n int) (gone bool) {
	nd := l.node(i)
	if n >= int(nd.n) {
		l.dropNode(i)
		return true
	}
	var p Pack
	l.view(&p, i)
	if at == packHeader {
		l.behead(nd, &p, n)
	} else {
		p.Delete(at, n)
	}
	nd.n -= int32(n) //nolint:gosec // at most what there are
	l.n -= n
	return false
}

// behead removes the first n elements of a node whose pack was opened last, not all:
// the header moves up to the others. The room is given back when the rest is a
// quarter of the block.
func (l *List) behead(nd *node, p *Pack, n int) {
	end := packHeader
	for range n {
		end = p.after(end)
	}
	gone := end - packHeader
	size := p.Size() - gone
	copy(p.b[gone:], p.b[:packHeader])
	nd.off += int32(gone) //nolint:gosec // within a block
	p.b = p.b[gone:]
	binary.LittleEndian.PutUint32(p.b, uint32(size)) //nolint:gosec // a pack's
	p.count(-n)
	if int(nd.room) > 4*size+shrinkSlack {
		l.trim(size)
	}
}

// PopFront removes n elements at the front.
func (l *List) PopFront(n int) {
	for n > 0 && l.head < l.tail {
		k := min(n, int(l.front.n))
		l.cut(l.head, packHeader, k)
		n -= k
	}
}

// PopBack removes n elements at the end.
func (l *List) PopBack(n int) {
	for n > 0 && l.head < l.tail {
		last := l.tail - 1
		nd := l.node(last)
		k := min(n, int(nd.n))
		if k == int(nd.n) {
			l.dropNode(last)
		} else {
			var p Pack
			l.view(&p, last)
			p.DeleteLast(k)
			nd.n -= int32(k) //nolint:gosec // at most what there are
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
	var p Pack
	l.view(&p, l.head)
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
	nd := l.node(l.head + i)
	return nd.packed()[:nd.size()]
}

// AdoptNode puts a copy of a pack of n elements, more than none, behind the last
// node as it is, whatever the fill says.
func (l *List) AdoptNode(b []byte, n int) {
	i := l.addNode(l.tail, len(b)-emptyPack)
	nd := l.node(i)
	copy(nd.block(), b)
	nd.n = int32(n) //nolint:gosec // a pack has no more
	l.n += n
}

// Clone returns a copy with blocks of its own.
func (l *List) Clone() *List {
	c := NewList(l.heap, l.fill)
	c.dir = newDirectory[node](l.heap, l.tail-l.head)
	c.tail, c.n = len(c.dir), l.n
	for i := range c.dir {
		from := l.Node(i)
		b := l.heap.Alloc(len(from))
		copy(b, from)
		c.dir[i] = node{n: l.node(l.head + i).n}
		c.dir[i].take(b)
		c.bytes += int64(cap(b))
	}
	c.fetch()
	return c
}
