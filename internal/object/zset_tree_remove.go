package object

import "slices"

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
