package vector

import (
	"errors"
	"math"
	"slices"

	"github.com/crucible-cache/crucible/internal/object"
)

// Loader makes a set of nodes that have their links already, as they were saved.
// Links name nodes by ID, some of which come later: they are looked up at the end.
type Loader struct {
	s    *Set
	byID map[uint64]uint32
	i    uint32
}

// What may be wrong with what is loaded.
var (
	errMatrix  = errors.New("a projection whose matrix does not have its size")
	errVector  = errors.New("a vector that does not have the size of its set's")
	errLevel   = errors.New("a node on too high a level")
	errID      = errors.New("an ID of a node that is there twice, or too large")
	errName    = errors.New("an element that is there twice")
	errLinks   = errors.New("more links of a node than may be")
	errUnknown = errors.New("a link to a node that is not there, or not on that layer")
	errOneWay  = errors.New("a link of a node to itself, there twice, or without the one back")
)

// NewLoader begins a set whose shape is valid. A matrix is that of its projection.
func NewLoader(heap *object.Heap, shape Shape, matrix []byte) (*Loader, error) {
	if len(matrix) != shape.Dim*shape.Input*4 {
		return nil, errMatrix
	}
	l := &Loader{s: New(heap, shape), byID: make(map[uint64]uint32)}
	l.s.adopt(matrix)
	return l, nil
}

// Set returns the set, which is as it should be only after Done.
func (l *Loader) Set() *Set { return l.s }

// NodeBytes is about what a node takes besides its name and attributes.
func (l *Loader) NodeBytes(level int) int64 {
	return int64(l.s.vectorRoom() + 4*(2*l.s.shape.Links+1) + 4*level*(1+l.s.shape.Links) + nodeBytes)
}

// nodeBytes is what a node takes itself, with its place in tables.
const nodeBytes = 192

// Node adds a node. Its links follow.
func (l *Loader) Node(name, attr, vector []byte, id uint64, level int, length, largest float32) error {
	s := l.s
	if len(vector) != s.vectorBytes {
		return errVector
	}
	if level < 0 || level > LevelMax {
		return errLevel
	}
	if _, twice := l.byID[id]; twice || id > math.MaxUint32 {
		return errID
	}
	if _, twice := s.find(name); twice {
		return errName
	}
	l.i = s.make(name, level)
	l.byID[id] = l.i
	n := s.node(l.i)
	n.id, n.length, n.largest = id, length, largest
	copy(s.vector(n).b, vector)
	s.lastID = max(s.lastID, id)
	s.SetAttributes(Element{s, l.i}, attr)
	return nil
}

// Room reports how many links the node added last may have on a layer.
func (l *Loader) Room(layer int) int { return l.s.most(layer) }

// Link adds a link of the node added last, on a layer up to its level.
func (l *Loader) Link(layer int, id uint64) error {
	r := l.s.ring(l.s.node(l.i), layer)
	if r.full() || id > math.MaxUint32 {
		return errLinks
	}
	r.add(uint32(id))
	return nil
}

// Done ends loading: it looks up what links lead to and that each is there both ways.
func (l *Loader) Done() error {
	s := l.s
	for i := range s.nodes.Len() {
		for layer := range int(s.node(i).level) + 1 {
			if err := l.resolve(i, layer); err != nil {
				return err
			}
		}
	}
	for i := range s.nodes.Len() {
		for layer := range int(s.node(i).level) + 1 {
			for _, to := range s.ring(s.node(i), layer).links() {
				if _, back := slices.BinarySearch(s.ring(s.node(to), layer).links(), i); !back {
					return errOneWay
				}
			}
		}
	}
	top := s.Height()
	for i := range s.nodes.Len() {
		if int(s.node(i).level) == top {
			s.entry = i
			break
		}
	}
	return nil
}

// resolve turns IDs into numbers of nodes, in order.
func (l *Loader) resolve(i uint32, layer int) error {
	s := l.s
	links := s.ring(s.node(i), layer).links()
	for k, id := range links {
		to, ok := l.byID[uint64(id)]
		if !ok || int(s.node(to).level) < layer {
			return errUnknown
		}
		if to == i {
			return errOneWay
		}
		links[k] = to
	}
	slices.Sort(links)
	if len(slices.Compact(links)) < len(links) {
		return errOneWay
	}
	return nil
}

// SavedID returns the ID under which an element is saved: its own, unless those of
// the set have become too large to be loaded again.
func (e Element) SavedID() uint64 {
	if e.s.lastID > math.MaxUint32 {
		return uint64(e.i) + 1
	}
	return e.node().id
}
