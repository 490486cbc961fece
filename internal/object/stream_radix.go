package object

import (
	"encoding/binary"
	"math/bits"
)

// RadixNodes returns how many nodes the radix tree would have in which the
// reference server keeps the nodes of this stream by the 16 bytes of their first
// ID. Each key ends in a leaf; where keys part there is a node with a byte for
// each child; what bytes lie between those nodes share one. It is for
// descriptions only: it looks at all nodes.
func (s *Stream) RadixNodes() int {
	p := &s.nodes
	if p.len() == 0 {
		return 1
	}
	var tree radixPath
	var prev [idBytes]byte
	nodes := 0
	for at := p.front(); p.valid(at); at = p.after(at) {
		var key [idBytes]byte
		id := p.id(at)
		binary.BigEndian.PutUint64(key[:], id.MS)
		binary.BigEndian.PutUint64(key[8:], id.Seq)
		if nodes > 0 {
			nodes += tree.part(commonPrefix(&prev, &key))
		}
		nodes++ // its leaf
		prev = key
	}
	return nodes + tree.part(-1)
}

// commonPrefix returns how many bytes two keys have in common.
func commonPrefix(a, b *[idBytes]byte) int {
	if x := binary.BigEndian.Uint64(a[:]) ^ binary.BigEndian.Uint64(b[:]); x != 0 {
		return bits.LeadingZeros64(x) / 8
	}
	return 8 + bits.LeadingZeros64(binary.BigEndian.Uint64(a[8:])^binary.BigEndian.Uint64(b[8:]))/8
}

// radixPath is the path to the key that was seen last: the depths at which it
// parts from keys before it.
type radixPath struct {
	depths [idBytes]int
	n      int
}

// part leaves the path below a depth at which the next key parts from the last
// one (-1 after the last key) and returns how many nodes are now complete:
// those that part, and those with the bytes between two of them, between one and
// a leaf, or between the root and the first.
func (t *radixPath) part(depth int) int {
	nodes := 0
	below := idBytes // depth of the end of the path
	for t.n > 0 && t.depths[t.n-1] > depth {
		t.n--
		nodes += 1 + between(t.depths[t.n], below)
		below = t.depths[t.n]
	}
	switch {
	case depth < 0:
		if below > 0 {
			nodes++ // from the root
		}
	case t.n > 0 && t.depths[t.n-1] == depth:
		nodes += between(depth, below)
	default:
		t.depths[t.n] = depth
		t.n++
		nodes += between(depth, below)
	}
	return nodes
}

// between returns how many nodes lie between one that parts at a depth and one
// that begins at another: the first holds one byte of the way itself.
func between(depth, below int) int {
	if below-depth > 1 {
		return 1
	}
	return 0
}
