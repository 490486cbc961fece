package vector

import (
	"math/rand/v2"
	"sync/atomic"
	"unsafe"

	"github.com/crucible-cache/crucible/internal/object"
)

// Bounds of a Shape.
const (
	DimensionsMax = 1 << 16
	MatrixMax     = 1 << 24 // entries of a projection
	LinksMin      = 4
	LinksMax      = 4096
)

// Shape is what a set is made with and keeps.
type Shape struct {
	Quant Quant
	Dim   int // components of a vector
	Links int // M: of a node on a layer, twice that on layer 0
	Input int // components of vectors before they are projected, 0 without projection
}

// Valid reports whether a set may have that shape.
func (s Shape) Valid() bool {
	return s.Quant <= Binary && s.Dim > 0 && s.Dim <= DimensionsMax && s.Links >= LinksMin && s.Links <= LinksMax &&
		s.Input >= 0 && s.Input <= DimensionsMax && s.Dim*s.Input <= MatrixMax
}

// Set is a vector set. It implements object.Object.
type Set struct {
	heap        *object.Heap
	shape       Shape
	vectorBytes int
	nodes       object.Vector[node]
	buckets     object.Vector[uint32]
	matrix      block // of a projection that is not the usual one
	bytes       int64 // of blocks
	entry       uint32
	levels      [LevelMax + 1]uint32 // how many nodes have which level
	attributed  int                  // nodes with attributes
	lastID      uint64
	number      uint64
}

// made counts the sets of this process, from which they have their numbers.
var made atomic.Uint64

// New makes an empty set, whose shape is valid.
func New(heap *object.Heap, shape Shape) *Set {
	return &Set{
		heap: heap, shape: shape, vectorBytes: shape.Quant.bytesFor(shape.Dim),
		nodes:   object.NewVector[node](heap, nodesShift),
		buckets: object.NewVector[uint32](heap, bucketsShift),
		number:  made.Add(1) - 1,
	}
}

// bucketsShift is the logarithm of how many buckets a full chunk of them has.
const bucketsShift = 14

// Shape returns what the set was made with.
func (s *Set) Shape() Shape { return s.shape }

// Len implements object.Object.
func (s *Set) Len() int { return int(s.nodes.Len()) }

// Bytes implements object.Object.
func (s *Set) Bytes() int64 {
	return int64(unsafe.Sizeof(*s)) + s.bytes + s.nodes.Size() + s.buckets.Size()
}

// Attributed returns how many elements have attributes.
func (s *Set) Attributed() int { return s.attributed }

// LastID returns the highest ID a node ever had.
func (s *Set) LastID() uint64 { return s.lastID }

// Number tells sets of this process apart.
func (s *Set) Number() uint64 { return s.number }

// Height is the highest level of a node.
func (s *Set) Height() int {
	for level := LevelMax; level > 0; level-- {
		if s.levels[level] > 0 {
			return level
		}
	}
	return 0
}

// Release implements object.Object.
func (s *Set) Release(n int) bool {
	for ; n > 0 && s.nodes.Len() > 0; n-- {
		x := s.node(s.nodes.Len() - 1)
		for _, b := range []*block{&x.body, &x.tower, &x.name, &x.attr} {
			s.free(b)
		}
		s.nodes.Cut()
	}
	if s.nodes.Len() > 0 {
		return false
	}
	s.free(&s.matrix)
	s.nodes.Release(1)
	return s.buckets.Release(n) > 0
}

// Element is one of a set's. It is valid until the set is written to.
type Element struct {
	s *Set
	i uint32
}

// Find returns the element of that name.
func (s *Set) Find(name []byte) (Element, bool) {
	i, ok := s.find(name)
	return Element{s, i}, ok
}

// At returns the element of a number less than Len. Which one it is changes with
// every write.
func (s *Set) At(i int) Element { return Element{s, uint32(i)} }

// Random returns some element of a set that is not empty.
func (s *Set) Random() Element { return Element{s, rand.Uint32N(s.nodes.Len())} }

func (e Element) node() *node { return e.s.node(e.i) }

// Name returns the name, in memory of the set.
func (e Element) Name() []byte { return e.s.nameOf(e.node()) }

// Attributes returns the attributes, in memory of the set, empty if there are none.
func (e Element) Attributes() []byte { return e.s.attrOf(e.node()) }

// ID returns the number of the node, which no other of the set had.
func (e Element) ID() uint64 { return e.node().id }

// Level returns the highest layer on which the element is.
func (e Element) Level() int { return int(e.node().level) }

// Raw returns the vector as it is kept, in memory of the set, the length it had and
// its largest component, which is 0 unless the set is of Int8.
func (e Element) Raw() (b []byte, length, largest float32) {
	n := e.node()
	return e.s.vector(n).b, n.length, n.largest
}

// Vector writes the components of the vector to v, of Dim: as it was given, but for
// what was lost when it was quantized. Signs have no length.
func (e Element) Vector(v []float32) {
	n := e.node()
	c, quant := e.s.vector(n), e.s.shape.Quant
	quant.decode(v, c.b, c.largest)
	if quant == Binary {
		return
	}
	for i := range v {
		v[i] *= n.length
	}
}

// EachLink visits the links of the element on a layer up to its level, with the
// distance of each.
func (e Element) EachLink(layer int, visit func(to Element, distance float32)) {
	e.EachLinked(layer, func(to Element) { visit(to, e.s.apart(e.node(), to.node())) })
}

// EachLinked visits the links of the element on a layer up to its level.
func (e Element) EachLinked(layer int, visit func(to Element)) {
	for _, l := range e.s.ring(e.node(), layer).links() {
		visit(Element{e.s, l})
	}
}

// Links returns how many links the element has on a layer.
func (e Element) Links(layer int) int { return int(e.s.ring(e.node(), layer)[0]) }

// Room returns how many links the element may have on a layer.
func (e Element) Room(layer int) int { return e.s.most(layer) }

// SetAttributes gives an element attributes, or takes them if there are no bytes.
func (s *Set) SetAttributes(e Element, attr []byte) {
	n := e.node()
	if n.attrLen > 0 {
		s.attributed--
	}
	s.free(&n.attr)
	n.attrLen = 0
	if len(attr) > 0 {
		n.attr, n.attrLen = s.alloc(len(attr)), uint32(len(attr))
		copy(s.view(n.attr), attr)
		s.attributed++
	}
}

// apart is the distance between two nodes.
func (s *Set) apart(a, b *node) float32 {
	return s.shape.Quant.distance(s.vector(a), s.vector(b), s.shape.Dim)
}
