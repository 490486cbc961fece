package vector

import (
	"math"
	"slices"
)

// near is a node and how far it is from what is searched for.
type near struct {
	distance float32
	node     uint32
}

// heap is a binary heap of nodes; the root is the nearest, or, with farthest, the
// farthest.
type heap struct {
	items    []near
	farthest bool
}

func (h *heap) before(a, b near) bool {
	if h.farthest {
		return a.distance > b.distance
	}
	return a.distance < b.distance
}

func (h *heap) push(x near) {
	h.items = append(h.items, x)
	for i := len(h.items) - 1; i > 0; {
		up := (i - 1) / 2
		if !h.before(h.items[i], h.items[up]) {
			return
		}
		h.items[i], h.items[up] = h.items[up], h.items[i]
		i = up
	}
}

func (h *heap) pop() near {
	root := h.items[0]
	last := len(h.items) - 1
	h.items[0] = h.items[last]
	h.items = h.items[:last]
	for i := 0; ; {
		least := i
		for down := 2*i + 1; down <= 2*i+2 && down < last; down++ {
			if h.before(h.items[down], h.items[least]) {
				least = down
			}
		}
		if least == i {
			return root
		}
		h.items[i], h.items[least] = h.items[least], h.items[i]
		i = least
	}
}

// Scratch is the memory of searches. The zero value is ready; it belongs to one
// thread. What Search and Add return or take from it is good until the next.
type Scratch struct {
	seen   []uint64 // a bit a node: it was looked at
	marked []uint32 // those whose bit is set
	open   heap
	best   heap
	chosen []near
	pruned []near
	others []uint32
	sought []byte
}

// scratchKept bounds, in entries, what a Scratch keeps of each of its parts.
const scratchKept = 1 << 16

// begin makes room for a search among n nodes.
func (c *Scratch) begin(n uint32) {
	for _, i := range c.marked {
		c.seen[i/64] = 0
	}
	c.marked = c.marked[:0]
	if cap(c.marked) > scratchKept {
		c.marked = nil
	}
	if need := int(n+63) / 64; len(c.seen) < need || len(c.seen) > max(2*need, scratchKept) {
		c.seen = make([]uint64, need+need/4)
	}
	c.open.items = trimmed(c.open.items)
	c.best = heap{trimmed(c.best.items), true}
}

func trimmed[T any](s []T) []T {
	if cap(s) > scratchKept {
		return nil
	}
	return s[:0]
}

// mark reports whether a node is looked at for the first time.
func (c *Scratch) mark(i uint32) bool {
	word, bit := &c.seen[i/64], uint64(1)<<(i%64)
	if *word&bit != 0 {
		return false
	}
	*word |= bit
	c.marked = append(c.marked, i)
	return true
}

// encodeSought returns what is searched for as the set keeps vectors.
func (s *Set) encodeSought(c *Scratch, v []float32) coded {
	Normalize(v)
	if cap(c.sought) < s.vectorBytes+8 {
		// A block of words, for it is read as such.
		c.sought = bytesOf(make([]uint64, (s.vectorBytes+7)/8+1))
	}
	b := c.sought[:s.vectorBytes]
	return coded{b, s.shape.Quant.encode(b, v)}
}

// Query is a search.
type Query struct {
	Vector []float32 // of Dim components; it is changed
	Count  int       // of elements wanted, at least 1
	EF     int       // how many candidates are kept, 0 for Count
	Filter *Filter   // nil for none
	Effort int       // how many elements the filter is asked about, 0 for no bound
	Exact  bool      // all elements are looked at
}

// Found is an element and its distance from what was searched for.
type Found struct {
	Element
	Distance float32
}

// Search visits the elements that are nearest, the nearest first, until visit says
// to stop.
func (s *Set) Search(c *Scratch, q Query, visit func(Found) bool) {
	if s.Len() == 0 {
		return
	}
	v := s.encodeSought(c, q.Vector)
	count := min(q.Count, s.Len())
	c.begin(s.nodes.Len())
	if q.Exact {
		s.scan(c, v, count, q.Filter)
	} else {
		s.descend(c, v, q, count)
		if q.Filter == nil && len(c.best.items) < count {
			// What there is more was not reached: the graph fell into parts.
			c.best.items = c.best.items[:0]
			s.scan(c, v, count, nil)
		}
	}
	found := c.best.items
	slices.SortFunc(found, compareNear)
	for _, x := range found[:min(count, len(found))] {
		if !visit(Found{Element{s, x.node}, x.distance}) {
			return
		}
	}
}

func compareNear(a, b near) int {
	switch {
	case a.distance < b.distance:
		return -1
	case a.distance > b.distance:
		return 1
	}
	return 0
}

// scan looks at every element.
func (s *Set) scan(c *Scratch, v coded, count int, filter *Filter) {
	for i := range s.nodes.Len() {
		n := s.node(i)
		if filter != nil && !filter.Matches(s.attrOf(n)) {
			continue
		}
		c.best.keep(near{s.shape.Quant.distance(v, s.vector(n), s.shape.Dim), i}, count)
	}
}

// keep takes in a node if it is among the most nearest.
func (h *heap) keep(x near, most int) {
	if len(h.items) < most {
		h.push(x)
	} else if x.distance < h.items[0].distance {
		h.pop()
		h.push(x)
	}
}

// descend goes down through the layers to the nearest node on layer 1, and searches
// layer 0 from there.
func (s *Set) descend(c *Scratch, v coded, q Query, count int) {
	from := s.nearestAbove(v, 0)
	ef := min(max(q.EF, count), s.Len())
	s.searchLayer(c, v, from, 0, ef, q.Filter, q.Effort)
}

// nearestAbove goes from the entry down to the layer above one, on each layer to
// whichever node is nearer until none is.
func (s *Set) nearestAbove(v coded, layer int) near {
	at := near{s.distanceTo(v, s.entry), s.entry}
	for l := int(s.node(s.entry).level); l > layer; l-- {
		for moved := true; moved; {
			moved = false
			for _, to := range s.ring(s.node(at.node), l).links() {
				if d := s.distanceTo(v, to); d < at.distance {
					at, moved = near{d, to}, true
				}
			}
		}
	}
	return at
}

func (s *Set) distanceTo(v coded, i uint32) float32 {
	return s.shape.Quant.distance(v, s.vector(s.node(i)), s.shape.Dim)
}

// searchLayer leaves the ef nearest nodes on a layer in c.best: algorithm 2 of the
// paper. With a filter, only what matches is among them, while the way leads over
// all; it ends after effort elements.
func (s *Set) searchLayer(c *Scratch, v coded, from near, layer, ef int, filter *Filter, effort int) {
	asked := 0
	see := func(x near) {
		c.open.push(x)
		if filter != nil {
			if asked++; !filter.Matches(s.attrOf(s.node(x.node))) {
				return
			}
		}
		c.best.keep(x, ef)
	}
	c.mark(from.node)
	see(from)
	for len(c.open.items) > 0 {
		at := c.open.pop()
		if len(c.best.items) == ef && at.distance > c.best.items[0].distance {
			return
		}
		for _, to := range s.ring(s.node(at.node), layer).links() {
			if !c.mark(to) {
				continue
			}
			if filter != nil && effort > 0 && asked >= effort {
				return
			}
			d := s.distanceTo(v, to)
			if len(c.best.items) < ef || d < c.best.items[0].distance {
				see(near{d, to})
			}
		}
	}
}

// Similarity is what a distance is to clients: 1 for the same direction, 0 for the
// opposite one.
func Similarity(distance float32) float64 {
	if math.IsInf(float64(distance), 1) {
		return math.NaN()
	}
	return 1 - float64(distance)/2
}
