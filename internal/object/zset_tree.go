package object

import "slices"

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

// remove takes out an element that is in the tree. Its record must still be there.
func (t *ztree) remove(score float64, ref zref) {
	leaf, pos, _ := t.locate(score, ref)
	t.removeFrom(leaf, pos)
}

// removeFrom takes out the element at a position of the leaf that t.path leads to.
func (t *ztree) removeFrom(leaf, pos uint32) {
	for level := range t.height {
		t.inners.at(t.path[level].node).counts[t.path[level].child]--
	}
	l := t.leaves.at(leaf)
	l.remove(pos)
	if pos == 0 && l.n > 0 {
		t.mark(l)
	}
	if t.height == 0 || l.n >= znodeSparse {
		return
	}
	t.thinLeaf(leaf)
	t.thinInners()
}

// thinLeaf joins the leaf at the end of t.path with a neighbour, or gives it up
// if it is empty.
func (t *ztree) thinLeaf(leaf uint32) {
	step := t.path[0]
	p := t.inners.at(step.node)
	l := t.leaves.at(leaf)
	switch i := step.child; {
	case l.n == 0:
		t.abandon(0, i)
	case i+1 < p.n && l.n+t.leaves.at(p.children[i+1]).n <= znodeJoined:
		l.move(t.leaves.at(p.children[i+1]), 0)
		p.counts[i] = l.n
		leaf = p.children[i+1]
		t.abandon(0, i+1)
	case i > 0 && l.n+t.leaves.at(p.children[i-1]).n <= znodeJoined:
		m := t.leaves.at(p.children[i-1])
		m.move(l, 0)
		p.counts[i-1] = m.n
		t.abandon(0, i)
	default:
		return
	}
	t.dropLeaf(leaf)
}

// abandon takes a child out of the inner node of t.path at a level. If that was
// its first one, the nodes above have to show the new first element.
func (t *ztree) abandon(level int, child uint32) {
	p := t.inners.at(t.path[level].node)
	p.remove(child)
	if child != 0 || p.n == 0 {
		return
	}
	for up := level + 1; up < t.height; up++ {
		step := t.path[up]
		q := t.inners.at(step.node)
		q.scores[step.child], q.refs[step.child] = p.scores[0], p.refs[0]
		if step.child != 0 {
			return
		}
	}
}

// thinInners joins inner nodes on t.path that became sparse, from below, and
// lowers the root while it has a single child.
func (t *ztree) thinInners() {
	t.freed = t.freed[:0]
	for level := 0; level+1 < t.height; level++ {
		step, above := t.path[level], t.path[level+1]
		p, q := t.inners.at(step.node), t.inners.at(above.node)
		switch i := above.child; {
		case p.n >= znodeSparse:
			continue
		case p.n == 0:
			t.abandon(level+1, i)
			t.freed = append(t.freed, step.node)
		case i+1 < q.n && p.n+t.inners.at(q.children[i+1]).n <= znodeJoined:
			right := q.children[i+1]
			p.move(t.inners.at(right), 0)
			q.counts[i] += q.counts[i+1]
			q.remove(i + 1)
			t.freed = append(t.freed, right)
		case i > 0 && p.n+t.inners.at(q.children[i-1]).n <= znodeJoined:
			t.inners.at(q.children[i-1]).move(p, 0)
			q.counts[i-1] += q.counts[i]
			q.remove(i)
			t.freed = append(t.freed, step.node)
		}
	}
	for t.height > 0 && t.inners.at(t.root).n == 1 {
		t.freed = append(t.freed, t.root)
		t.root = t.inners.at(t.root).children[0]
		t.height--
	}
	// From the last on, so that none of them is moved into the place of another.
	slices.Sort(t.freed)
	for _, node := range slices.Backward(t.freed) {
		t.dropInner(node)
	}
}

// dropLeaf gives up a leaf that no parent knows any more: the last one moves
// into its place.
func (t *ztree) dropLeaf(leaf uint32) {
	l := t.leaves.at(leaf)
	if l.prev != noZNode {
		t.leaves.at(l.prev).next = l.next
	}
	if l.next != noZNode {
		t.leaves.at(l.next).prev = l.prev
	}
	last := t.leaves.n - 1
	if leaf != last {
		*l = *t.leaves.at(last)
		if l.prev != noZNode {
			t.leaves.at(l.prev).next = leaf
		}
		if l.next != noZNode {
			t.leaves.at(l.next).prev = leaf
		}
		*t.link(l.scores[0], l.refs[0], 0, last) = leaf
	}
	t.leaves.cut(1)
}

// dropInner gives up an inner node that no parent knows any more.
func (t *ztree) dropInner(node uint32) {
	last := t.inners.n - 1
	if node != last {
		p := t.inners.at(node)
		*p = *t.inners.at(last)
		if t.root == last {
			t.root = node
		} else {
			*t.link(p.scores[0], p.refs[0], 1, last) = node
		}
	}
	t.inners.cut(1)
}

// link returns where the parent of a node refers to it: the node is a leaf or,
// from is 1, an inner one, and the element given is its first.
func (t *ztree) link(score float64, ref zref, from int, node uint32) *uint32 {
	b := zbound{kind: zbyElement, score: score, member: t.records.member(ref), after: true}
	p := t.inners.at(t.root)
	for level := t.height - 1; ; level-- {
		child := &p.children[b.search(t.records, &p.scores, &p.refs, 1, p.n)-1]
		if level == 0 || level >= from && *child == node {
			return child
		}
		p = t.inners.at(*child)
	}
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
