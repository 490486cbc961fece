package object

import "bytes"

// The nodes of a ztree. Their fields stand in arrays, so that searching by score
// reads one run of memory.
const (
	znodeSlots  = 63 // entries of a node: a leaf is 768 bytes, and 64 of them 12 pages
	znodeSparse = znodeSlots / 4
	znodeJoined = znodeSlots * 3 / 4 // joining two nodes must leave room to insert
	noZNode     = ^uint32(0)

	zleafShift  = 6 // of the vectors of nodes
	zinnerShift = 5
)

// zleaf holds elements in order, and knows the leaves before and behind it.
type zleaf struct {
	scores     [znodeSlots]float64
	refs       [znodeSlots]zref
	n          uint32
	prev, next uint32
}

// zinner holds children in order: the first element of each (score and record),
// and how many elements are below it.
type zinner struct {
	scores   [znodeSlots]float64
	refs     [znodeSlots]zref
	children [znodeSlots]uint32
	counts   [znodeSlots]uint32
	n        uint32
}

func (l *zleaf) insert(i uint32, score float64, ref zref) {
	copy(l.scores[i+1:l.n+1], l.scores[i:l.n])
	copy(l.refs[i+1:l.n+1], l.refs[i:l.n])
	l.scores[i], l.refs[i] = score, ref
	l.n++
}

func (l *zleaf) remove(i uint32) {
	copy(l.scores[i:l.n-1], l.scores[i+1:l.n])
	copy(l.refs[i:l.n-1], l.refs[i+1:l.n])
	l.n--
}

// move appends what from holds from position i on, and takes it away there.
func (l *zleaf) move(from *zleaf, i uint32) {
	copy(l.scores[l.n:], from.scores[i:from.n])
	copy(l.refs[l.n:], from.refs[i:from.n])
	l.n += from.n - i
	from.n = i
}

// zchild is an entry of an inner node.
type zchild struct {
	score float64
	ref   zref
	node  uint32
	count uint32
}

func (p *zinner) insert(i uint32, c zchild) {
	copy(p.scores[i+1:p.n+1], p.scores[i:p.n])
	copy(p.refs[i+1:p.n+1], p.refs[i:p.n])
	copy(p.children[i+1:p.n+1], p.children[i:p.n])
	copy(p.counts[i+1:p.n+1], p.counts[i:p.n])
	p.scores[i], p.refs[i], p.children[i], p.counts[i] = c.score, c.ref, c.node, c.count
	p.n++
}

func (p *zinner) remove(i uint32) {
	copy(p.scores[i:p.n-1], p.scores[i+1:p.n])
	copy(p.refs[i:p.n-1], p.refs[i+1:p.n])
	copy(p.children[i:p.n-1], p.children[i+1:p.n])
	copy(p.counts[i:p.n-1], p.counts[i+1:p.n])
	p.n--
}

// move appends what from holds from position i on, and takes it away there.
func (p *zinner) move(from *zinner, i uint32) {
	copy(p.scores[p.n:], from.scores[i:from.n])
	copy(p.refs[p.n:], from.refs[i:from.n])
	copy(p.children[p.n:], from.children[i:from.n])
	copy(p.counts[p.n:], from.counts[i:from.n])
	p.n += from.n - i
	from.n = i
}

func (p *zinner) total() (n uint32) {
	for _, c := range p.counts[:p.n] {
		n += c
	}
	return n
}

// zbound is a place between elements: it says of each element whether it lies
// before. Elements before a bound precede those that don't.
type zbound struct {
	kind   zboundKind
	score  float64
	member []byte
	after  bool // elements equal to it lie before it
}

type zboundKind uint8

const (
	zbyElement zboundKind = iota // score, then member
	zbyScore
	zbyMember // all scores are the same
)

// before reports whether the element with this score and record lies before b.
func (b *zbound) before(r *zrecords, score float64, ref zref) bool {
	if b.kind != zbyMember && score != b.score {
		return score < b.score
	}
	if b.kind == zbyScore {
		return b.after
	}
	order := bytes.Compare(r.member(ref), b.member)
	return order < 0 || order == 0 && b.after
}

// search returns how many of the entries from low to high lie before b, plus low.
func (b *zbound) search(r *zrecords, scores *[znodeSlots]float64, refs *[znodeSlots]zref, low, high uint32) uint32 {
	for low < high {
		mid := (low + high) / 2
		if b.before(r, scores[mid], refs[mid]) {
			low = mid + 1
		} else {
			high = mid
		}
	}
	return low
}
