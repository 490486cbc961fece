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

// node is a pack and how many elements it has. Its capacity is its block's.
type node struct {
	b []byte
	n int
}

const nodeBytes = 32 // of a node in the directory

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
		nd.b = l.heap.Realloc(nd.b, n)
	}
	nd.b = nd.b[:cap(nd.b)]
	l.bytes += int64(cap(nd.b) - had)
	return nd.b
}

// pack opens node i, counted in dir.
func (l *List) pack(i int) Pack {
	l.at = i
	return OpenPack(l.dir[i].b, l)
}

// PushFront puts v before the first element.
func (l *List) PushFront(v []byte) {
	if l.head == l.tail || !l.takes(l.head, PackedSize(v)) {
		l.addNode(l.head)
	}
	p := l.pack(l.head)
	p.Insert(p.First(), v)
	l.grown(l.head)
}

// PushBack puts v behind the last element.
func (l *List) PushBack(v []byte) {
	if l.head == l.tail || !l.takes(l.tail-1, PackedSize(v)) {
		l.addNode(l.tail)
	}
	p := l.pack(l.tail - 1)
	p.Append(v)
	l.grown(l.tail - 1)
}

func (l *List) grown(i int) {
	l.dir[i].n++
	l.n++
}

// takes reports whether node i has room for size more bytes.
func (l *List) takes(i, size int) bool {
	had := int(binary.LittleEndian.Uint32(l.dir[i].b))
	return !l.fill.Exceeded(had+size, l.dir[i].n+1)
}

// addNode puts an empty node at i, between head and tail, and returns where
// it is. It has to be filled at once.
func (l *List) addNode(i int) int {
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
	NewPack(l, 0)
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
	l.n -= nd.n
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
	if n >= l.dir[i].n {
		l.dropNode(i)
		return true
	}
	p := l.pack(i)
	p.Delete(at, n)
	l.dir[i].n -= n
	l.n -= n
	return false
}

// PopFront removes n elements at the front.
func (l *List) PopFront(n int) {
	for n > 0 && l.head < l.tail {
		k := min(n, l.dir[l.head].n)
		l.cut(l.head, packHeader, k)
		n -= k
	}
}

// PopBack removes n elements at the end.
func (l *List) PopBack(n int) {
	for n > 0 && l.head < l.tail {
		last := l.tail - 1
		k := min(n, l.dir[last].n)
		if k == l.dir[last].n {
			l.dropNode(last)
		} else {
			p := l.pack(last)
			p.DeleteLast(k)
			l.dir[last].n -= k
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
		enc := encodeElem(e)
		if l.head == l.tail || !l.takes(l.tail-1, enc.size()) {
			l.addNode(l.tail)
		}
		to := l.pack(l.tail - 1)
		to.AppendElem(e)
		l.grown(l.tail - 1)
	}
}

// Nodes returns how many nodes there are.
func (l *List) Nodes() int { return l.tail - l.head }

// Node returns the pack of node i, without spare room. It is memory of the list.
func (l *List) Node(i int) []byte {
	p := OpenPack(l.dir[l.head+i].b, nil)
	return p.Bytes()
}

// AdoptNode puts a copy of a pack of n elements, more than none, behind the last
// node as it is, whatever the fill says.
func (l *List) AdoptNode(b []byte, n int) {
	i := l.addNode(l.tail)
	copy(l.Resize(len(b)), b)
	l.dir[i].n = n
	l.n += n
}

// Clone returns a copy with blocks of its own.
func (l *List) Clone() *List {
	c := NewList(l.heap, l.fill)
	c.dir = make([]node, l.tail-l.head)
	c.tail, c.n = len(c.dir), l.n
	for i := range c.dir {
		from := l.dir[l.head+i]
		p := OpenPack(from.b, nil)
		b := l.heap.Alloc(p.Size())
		copy(b, p.Bytes())
		c.dir[i] = node{b[:cap(b)], from.n}
		c.bytes += int64(cap(b))
	}
	return c
}
