package vector

import (
	"math/rand/v2"
	"slices"
	"unsafe"
)

// relinkWidth is how many nodes at most are looked at to give a node another link
// for one that it lost.
const relinkWidth = 64

func bytesOf(w []uint64) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(w))), len(w)*8)
}

// drawLevel returns the level of a new node: one in levelShare of a layer's is on
// the next too.
func drawLevel() int {
	level := 0
	for level < LevelMax && rand.Uint32N(levelShare) == 0 {
		level++
	}
	return level
}

// Add gives the element of that name a vector of Dim components, which is changed,
// and reports whether it is new. One that is there is linked anew and keeps its
// attributes. ef is how many candidates are looked at for links.
func (s *Set) Add(c *Scratch, name []byte, v []float32, ef int) (e Element, added bool) {
	var attr []byte
	old, exists := s.find(name)
	if exists {
		attr = append(attr, s.attrOf(s.node(old))...)
		s.removeNode(c, old)
	}
	length := Normalize(v)
	i := s.make(name, drawLevel())
	n := s.node(i)
	s.lastID++
	n.id, n.length = s.lastID, length
	n.largest = s.shape.Quant.encode(s.vector(n).b, v)
	e = Element{s, i}
	if len(attr) > 0 {
		s.SetAttributes(e, attr)
	}
	s.connect(c, i, ef)
	return e, !exists
}

// connect links a node that has no links yet: algorithm 1 of the paper.
func (s *Set) connect(c *Scratch, i uint32, ef int) {
	if i == 0 {
		s.entry = 0
		return
	}
	n := s.node(i)
	v := s.vector(n)
	level := int(n.level)
	top := int(s.node(s.entry).level)
	from := s.nearestAbove(v, level)
	for layer := min(level, top); layer >= 0; layer-- {
		c.begin(s.nodes.Len())
		c.mark(i)
		s.searchLayer(c, v, from, layer, min(max(ef, s.shape.Links), s.Len()), nil, 0)
		slices.SortFunc(c.best.items, compareNear)
		from = c.best.items[0]
		s.choose(c, s.shape.Links)
		s.attach(c, i, layer)
	}
	if level > top {
		s.entry = i
	}
}

// choose picks up to most of the candidates, which are sorted, for links: one that
// is nearer to one picked before than to the node leads nowhere new, and is taken
// only if there is room (algorithm 4 of the paper).
func (s *Set) choose(c *Scratch, most int) {
	c.chosen, c.pruned = c.chosen[:0], c.pruned[:0]
	for _, x := range c.best.items {
		if len(c.chosen) == most {
			return
		}
		if s.leadsOn(c.chosen, x) {
			c.chosen = append(c.chosen, x)
		} else if len(c.pruned) < most {
			c.pruned = append(c.pruned, x)
		}
	}
	c.chosen = append(c.chosen, c.pruned[:min(len(c.pruned), most-len(c.chosen))]...)
}

func (s *Set) leadsOn(chosen []near, x near) bool {
	n := s.node(x.node)
	for _, y := range chosen {
		if s.apart(n, s.node(y.node)) < x.distance {
			return false
		}
	}
	return true
}

// attach links a node on a layer to those chosen. One that has no room gives up its
// farthest link for a nearer one. A node that nobody took is given to the nearest.
func (s *Set) attach(c *Scratch, i uint32, layer int) {
	r := s.ring(s.node(i), layer)
	for _, x := range c.chosen {
		if s.makeRoom(x.node, layer, x.distance) {
			s.link(i, x.node, layer)
		}
	}
	if r[0] > 0 {
		return
	}
	s.comeBetween(i, c.chosen[0].node, layer)
}

// comeBetween links a node that has no links on a layer to one that has no room, and
// to the farthest that this one gives up.
func (s *Set) comeBetween(i, to uint32, layer int) {
	far, _ := s.farthest(to, layer, 1)
	s.unlink(to, far, layer)
	s.link(i, to, layer)
	s.link(i, far, layer)
}

// makeRoom gives a node room for a link to one at a distance, for which its farthest
// may have to go that is farther and has others. It reports whether there is room.
func (s *Set) makeRoom(i uint32, layer int, distance float32) bool {
	if !s.ring(s.node(i), layer).full() {
		return true
	}
	far, d := s.farthest(i, layer, uint32(s.most(layer)/2))
	if d <= distance {
		return false
	}
	s.unlink(i, far, layer)
	return true
}

// farthest returns the farthest of the nodes that a node is linked to and that have
// more than so many links themselves; the distance is negative if there is none, and
// the last link is returned.
func (s *Set) farthest(i uint32, layer int, more uint32) (far uint32, distance float32) {
	n := s.node(i)
	distance = -1
	for _, l := range s.ring(n, layer).links() {
		x := s.node(l)
		d := s.apart(n, x)
		if distance < 0 {
			far = l
		}
		if d > distance && s.ring(x, layer)[0] > more {
			far, distance = l, d
		}
	}
	return far, distance
}

func (s *Set) link(a, b uint32, layer int) {
	s.ring(s.node(a), layer).add(b)
	s.ring(s.node(b), layer).add(a)
}

func (s *Set) unlink(a, b uint32, layer int) {
	s.ring(s.node(a), layer).drop(b)
	s.ring(s.node(b), layer).drop(a)
}

// Remove takes out an element.
func (s *Set) Remove(c *Scratch, e Element) { s.removeNode(c, e.i) }

// removeNode takes a node out of the graph. Those that were linked to it are linked
// to one another.
func (s *Set) removeNode(c *Scratch, i uint32) {
	n := s.node(i)
	if s.entry == i {
		s.leaveEntry(i)
	}
	for layer := range int(n.level) + 1 {
		r := s.ring(n, layer)
		c.others = append(c.others[:0], r.links()...)
		for _, o := range c.others {
			s.ring(s.node(o), layer).drop(i)
		}
		r[0] = 0
		s.relink(c, i, layer)
	}
	s.unmake(i)
}

// leaveEntry has searches begin elsewhere: at a node of the highest level there is.
func (s *Set) leaveEntry(i uint32) {
	n := s.node(i)
	s.levels[n.level]--
	top := s.Height()
	s.levels[n.level]++
	if top <= int(n.level) {
		for _, l := range s.ring(n, top).links() {
			if int(s.node(l).level) == top {
				s.entry = l
				return
			}
		}
	}
	for k := range s.nodes.Len() {
		if k != i && int(s.node(k).level) == top {
			s.entry = k
			return
		}
	}
}

// relink links those of c.others that have lost a link, each to the nearest of the
// others that it is not linked to and that has room. One that is left without any is
// searched a place for.
func (s *Set) relink(c *Scratch, gone uint32, layer int) {
	others := c.others
	for k, a := range others {
		ra := s.ring(s.node(a), layer)
		if ra.full() {
			continue
		}
		best := near{distance: -1}
		for step := 1; step < len(others) && step <= relinkWidth; step++ {
			b := others[(k+step)%len(others)]
			rb := s.ring(s.node(b), layer)
			if rb.full() || ra.has(b) {
				continue
			}
			if d := s.apart(s.node(a), s.node(b)); best.distance < 0 || d < best.distance {
				best = near{d, b}
			}
		}
		switch {
		case best.distance >= 0:
			s.link(a, best.node, layer)
		case ra[0] == 0 && layer == 0:
			s.reattach(c, a, gone)
		}
	}
}

// reattach links a node that has lost all its links on layer 0 to the nearest that
// are reached from any other, but not to the one that is going.
func (s *Set) reattach(c *Scratch, a, gone uint32) {
	from := uint32(0)
	for from == a || from == gone {
		from++
	}
	if from >= s.nodes.Len() {
		return
	}
	v := s.vector(s.node(a))
	c.begin(s.nodes.Len())
	c.mark(a)
	s.searchLayer(c, v, near{s.distanceTo(v, from), from}, 0, min(s.shape.Links, s.Len()), nil, 0)
	slices.SortFunc(c.best.items, compareNear)
	s.choose(c, s.shape.Links)
	s.attach(c, a, 0)
}
