package vector

import "unsafe"

// node is an element. What it consists of lies in up to four blocks:
//
//	body   the vector, then the links of layer 0: their number and 2M numbers of nodes
//	tower  for each layer above: the number of links and M numbers of nodes
//	name   the element
//	attr   its attributes, none without
type node struct {
	id      uint64 // in the order in which nodes were made, from 1
	body    block
	tower   block
	name    block
	attr    block
	hash    uint32
	next    uint32 // in the chain of its bucket, counted from 1
	nameLen uint32
	attrLen uint32
	length  float32 // that the vector had
	largest float32 // see Quant.encode
	level   uint8
}

// block is memory of the heap, by its place there; room is its size in bytes.
type block struct {
	place uint64
	room  uint32
}

const (
	// LevelMax is the highest level a node may have.
	LevelMax = 15

	// levelShare is one in how many nodes of a layer are on the next.
	levelShare = 4

	// nodesShift is the logarithm of how many nodes a full chunk of them has.
	nodesShift = 9
)

func (s *Set) alloc(n int) block {
	b := s.heap.Alloc(n)
	s.bytes += int64(cap(b))
	return block{s.heap.Place(b), uint32(cap(b))}
}

func (s *Set) free(b *block) {
	if b.room > 0 {
		s.bytes -= int64(b.room)
		s.heap.Free(s.view(*b))
	}
	*b = block{}
}

// view returns all bytes of a block.
func (s *Set) view(b block) []byte { return s.heap.View(b.place, int(b.room)) }

func (s *Set) node(i uint32) *node { return s.nodes.At(i) }

func (s *Set) nameOf(n *node) []byte { return s.heap.View(n.name.place, int(n.nameLen)) }

func (s *Set) attrOf(n *node) []byte { return s.heap.View(n.attr.place, int(n.attrLen)) }

// vector returns the vector of a node, as it is kept.
func (s *Set) vector(n *node) coded {
	return coded{s.heap.View(n.body.place, s.vectorBytes), n.largest}
}

// vectorRoom is what a vector takes in the body, such that links are aligned.
func (s *Set) vectorRoom() int { return (s.vectorBytes + 3) &^ 3 }

// most returns how many links a node may have on a layer.
func (s *Set) most(layer int) int {
	if layer == 0 {
		return 2 * s.shape.Links
	}
	return s.shape.Links
}

// ring is the links of a node on a layer: their number, and room for all there may be.
type ring []uint32

func (r ring) links() []uint32 { return r[1 : 1+r[0]] }

func (r ring) full() bool { return int(r[0]) == len(r)-1 }

func (r ring) has(to uint32) bool { return r.find(to) >= 0 }

func (r ring) find(to uint32) int {
	for i, l := range r.links() {
		if l == to {
			return i
		}
	}
	return -1
}

func (r ring) add(to uint32) {
	r[0]++
	r[r[0]] = to
}

// drop removes a link; the order of the others stays.
func (r ring) drop(to uint32) {
	links := r.links()
	if i := r.find(to); i >= 0 {
		copy(links[i:], links[i+1:])
		r[0]--
	}
}

// ring returns the links of a node on a layer, which is not above its level.
func (s *Set) ring(n *node, layer int) ring {
	if layer == 0 {
		p := s.heap.View(n.body.place, int(n.body.room))[s.vectorRoom():]
		return numbers(p, 1+s.most(0))
	}
	per := 1 + s.most(1)
	return numbers(s.view(n.tower)[(layer-1)*per*4:], per)
}

func numbers(b []byte, n int) ring {
	return unsafe.Slice((*uint32)(unsafe.Pointer(unsafe.SliceData(b))), n)
}

// make appends a node without links and returns its number.
func (s *Set) make(name []byte, level int) uint32 {
	i := s.nodes.Extend()
	n := s.node(i)
	n.level = uint8(level)
	n.name, n.nameLen = s.alloc(max(len(name), 1)), uint32(len(name))
	copy(s.view(n.name), name)
	n.body = s.alloc(s.vectorRoom() + 4*(1+s.most(0)))
	s.ring(n, 0)[0] = 0
	if level > 0 {
		n.tower = s.alloc(4 * level * (1 + s.most(1)))
		for layer := 1; layer <= level; layer++ {
			s.ring(n, layer)[0] = 0
		}
	}
	s.enter(i)
	s.levels[level]++
	return i
}

// unmake gives up a node that has no links. The last one takes its number.
func (s *Set) unmake(i uint32) {
	s.leave(i)
	n := s.node(i)
	s.levels[n.level]--
	if n.attrLen > 0 {
		s.attributed--
	}
	for _, b := range []*block{&n.body, &n.tower, &n.name, &n.attr} {
		s.free(b)
	}
	if last := s.nodes.Len() - 1; i != last {
		s.renumber(last, i)
	}
	s.nodes.Cut()
}

// renumber moves a node to the place of one that is gone.
func (s *Set) renumber(from, to uint32) {
	n := s.node(from)
	for layer := range int(n.level) + 1 {
		for _, l := range s.ring(n, layer).links() {
			r := s.ring(s.node(l), layer)
			r[1+r.find(from)] = to
		}
	}
	s.rechain(from, to)
	*s.node(to) = *n
	if s.entry == from {
		s.entry = to
	}
}
