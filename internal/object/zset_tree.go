package object

// ztree keeps the elements of a large sorted set in order: a B+tree whose nodes
// lie in vectors and refer to each other by position, with the number of
// elements below each child, so that ranks are found on the way down.
//
// A node that falls below a quarter is joined with a neighbour if both fit into
// three quarters of one. The place of a node that is given up is taken by the
// last one, so that the vectors have no holes.
type ztree struct {
	records *zrecords
	leaves  zvector[zleaf]
	inners  zvector[zinner]
	root    uint32
	height  int // levels of inner nodes; the root is a leaf if 0
	path    [zheightMax]zstep
	freed   []uint32 // inner nodes given up by the running removal
}

// zstep is an inner node on the way to a leaf and which child the way takes.
type zstep struct{ node, child uint32 }

// zheightMax is out of reach: each level takes half a node of the one below for
// every node, so that 2^60 insertions would be needed.
const zheightMax = 13

func newZTree(heap *Heap, r *zrecords) ztree {
	t := ztree{records: r, leaves: newZVector[zleaf](heap, zleafShift), inners: newZVector[zinner](heap, zinnerShift)}
	t.root = t.leaves.extend(1)
	l := t.leaves.at(t.root)
	l.prev, l.next = noZNode, noZNode
	return t
}

// descend follows b to the leaf where it lies, notes the way in t.path (the
// lowest inner node first) and returns the leaf, the position there, and how
// many elements lie before the leaf.
func (t *ztree) descend(b *zbound) (leaf, pos, before uint32) {
	node := t.root
	for level := t.height - 1; level >= 0; level-- {
		p := t.inners.at(node)
		child := b.search(t.records, &p.scores, &p.refs, 1, p.n) - 1
		for _, c := range p.counts[:child] {
			before += c
		}
		t.path[level] = zstep{node, child}
		node = p.children[child]
	}
	l := t.leaves.at(node)
	return node, b.search(t.records, &l.scores, &l.refs, 0, l.n), before
}

// locate finds an element that is in the tree.
func (t *ztree) locate(score float64, ref zref) (leaf, pos, before uint32) {
	b := zbound{kind: zbyElement, score: score, member: t.records.member(ref), after: true}
	leaf, pos, before = t.descend(&b)
	return leaf, pos - 1, before
}

// rank returns how many elements lie before b.
func (t *ztree) rank(b *zbound) uint32 {
	_, pos, before := t.descend(b)
	return before + pos
}

// at returns the leaf and the position of the element with rank n, which exists,
// and notes the way in t.path.
func (t *ztree) at(n uint32) (leaf, pos uint32) {
	node := t.root
	for level := t.height - 1; level >= 0; level-- {
		p := t.inners.at(node)
		child := uint32(0)
		for n >= p.counts[child] {
			n -= p.counts[child]
			child++
		}
		t.path[level] = zstep{node, child}
		node = p.children[child]
	}
	return node, n
}

// insert adds an element that is not in the tree.
func (t *ztree) insert(score float64, ref zref) {
	b := zbound{kind: zbyElement, score: score, member: t.records.member(ref)}
	leaf, pos, _ := t.descend(&b)
	for level := range t.height {
		t.inners.at(t.path[level].node).counts[t.path[level].child]++
	}
	l := t.leaves.at(leaf)
	if l.n < znodeSlots {
		l.insert(pos, score, ref)
		if pos == 0 {
			t.mark(l)
		}
		return
	}
	added := t.splitLeaf(leaf, pos)
	l = t.leaves.at(leaf)
	if pos > l.n || l.n == znodeSlots {
		t.leaves.at(added).insert(pos-l.n, score, ref)
	} else if l.insert(pos, score, ref); pos == 0 {
		t.mark(l)
	}
	l = t.leaves.at(added)
	t.adopt(0, leaf, zchild{l.scores[0], l.refs[0], added, l.n})
}

// mark writes the first element of the leaf at the end of t.path into the inner
// nodes that show it.
func (t *ztree) mark(l *zleaf) {
	for level := range t.height {
		step := t.path[level]
		p := t.inners.at(step.node)
		p.scores[step.child], p.refs[step.child] = l.scores[0], l.refs[0]
		if step.child != 0 {
			return
		}
	}
}

// splitLeaf makes room for an insertion at pos: a new leaf behind this one takes
// half of it, or nothing when elements are being appended, which fills leaves.
func (t *ztree) splitLeaf(leaf, pos uint32) (added uint32) {
	added = t.leaves.extend(1)
	l, m := t.leaves.at(leaf), t.leaves.at(added)
	m.prev, m.next = leaf, l.next
	if l.next != noZNode {
		t.leaves.at(l.next).prev = added
	}
	if l.next != noZNode || pos < znodeSlots {
		m.move(l, znodeSlots/2)
	}
	l.next = added
	return added
}

// adopt enters a node that was split off its left neighbour into the parent, at
// a level of t.path; it has the elements that the neighbour's count included.
func (t *ztree) adopt(level int, left uint32, c zchild) {
	if level == t.height {
		t.grow(left, c)
		return
	}
	step := t.path[level]
	p := t.inners.at(step.node)
	p.counts[step.child] -= c.count
	at := step.child + 1
	if p.n < znodeSlots {
		p.insert(at, c)
		return
	}
	added := t.inners.extend(1)
	p = t.inners.at(step.node)
	q := t.inners.at(added)
	if at < znodeSlots {
		q.move(p, znodeSlots/2)
	}
	if at > p.n || p.n == znodeSlots {
		q.insert(at-p.n, c)
	} else {
		p.insert(at, c)
	}
	t.adopt(level+1, step.node, zchild{q.scores[0], q.refs[0], added, q.total()})
}

// grow makes a new root over the old one and what was split off it.
func (t *ztree) grow(left uint32, c zchild) {
	first := zchild{node: left}
	if t.height == 0 {
		l := t.leaves.at(left)
		first.score, first.ref, first.count = l.scores[0], l.refs[0], l.n
	} else {
		p := t.inners.at(left)
		first.score, first.ref, first.count = p.scores[0], p.refs[0], p.total()
	}
	t.root = t.inners.extend(1)
	p := t.inners.at(t.root)
	p.insert(0, first)
	p.insert(1, c)
	t.height++
}

// moved writes the new place of a record that was at old.
func (t *ztree) moved(score float64, old, ref zref) {
	leaf, pos, _ := t.locate(score, old)
	l := t.leaves.at(leaf)
	l.refs[pos] = ref
	if pos == 0 {
		t.mark(l)
	}
}

// rescore changes the score of an element, in its leaf if it keeps its place.
func (t *ztree) rescore(score float64, ref zref, to float64) {
	leaf, pos, _ := t.locate(score, ref)
	l := t.leaves.at(leaf)
	if pos > 0 && pos+1 < l.n && l.scores[pos-1] < to && to < l.scores[pos+1] {
		l.scores[pos] = to
		return
	}
	t.removeFrom(leaf, pos)
	t.insert(to, ref)
}
