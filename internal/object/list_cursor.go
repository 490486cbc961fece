package object

// Cursor is a place in a list: an element, or none when Valid is false. A write
// that is not made through the cursor makes it useless.
type Cursor struct {
	l    *List
	node int // in l.dir
	at   int // position in the node's pack
}

// Seek returns a cursor at element i, counted from the end if negative.
func (l *List) Seek(i int) Cursor {
	if i < 0 {
		i += l.n
	}
	if i < 0 || i >= l.n {
		return Cursor{l: l}
	}
	if i > l.n/2 {
		return l.seekBack(l.n - 1 - i)
	}
	for nd := l.head; ; nd++ {
		if i < int(l.node(nd).n) {
			return l.within(nd, i)
		}
		i -= int(l.node(nd).n)
	}
}

// seekBack is Seek for the element that has i behind it.
func (l *List) seekBack(i int) Cursor {
	for nd := l.tail - 1; ; nd-- {
		n := int(l.node(nd).n)
		if i < n {
			return l.within(nd, n-1-i)
		}
		i -= n
	}
}

// within returns a cursor at element i of a node. The count of a very full pack
// is not in its header, so the node's is used.
func (l *List) within(nd, i int) Cursor {
	var p Pack
	l.view(&p, nd)
	n := int(l.node(nd).n)
	if i <= n/2 {
		at := p.First()
		for ; i > 0; i-- {
			at = p.Next(at)
		}
		return Cursor{l, nd, at}
	}
	at := p.Last()
	for ; i < n-1; i++ {
		at = p.Prev(at)
	}
	return Cursor{l, nd, at}
}

// Valid reports whether the cursor is at an element.
func (c *Cursor) Valid() bool { return c.at != 0 }

// Elem returns the element.
func (c *Cursor) Elem() Elem {
	nd := c.l.node(c.node)
	e, _ := decode(nd.packed(), c.at)
	return e
}

// Step returns the element and goes to the one behind.
func (c *Cursor) Step() (e Elem) {
	nd := c.l.node(c.node)
	p := Pack{b: nd.packed()}
	if e, c.at = p.Step(c.at); c.at == 0 {
		c.node++
		c.enter(false)
	}
	return e
}

// Next goes to the element behind.
func (c *Cursor) Next() {
	var p Pack
	c.l.view(&p, c.node)
	if c.at = p.Next(c.at); c.at == 0 {
		c.node++
		c.enter(false)
	}
}

// Prev goes to the element before.
func (c *Cursor) Prev() {
	var p Pack
	c.l.view(&p, c.node)
	if c.at = p.Prev(c.at); c.at == 0 {
		c.node--
		c.enter(true)
	}
}

// enter goes to the first or last element of the node, if there is one.
func (c *Cursor) enter(last bool) {
	if c.node < c.l.head || c.node >= c.l.tail {
		c.at = 0
		return
	}
	var p Pack
	c.l.view(&p, c.node)
	if last {
		c.at = p.Last()
	} else {
		c.at = p.First()
	}
}

// Delete removes the element and goes to the one behind it, or before it if
// backwards.
func (c *Cursor) Delete(backwards bool) {
	l := c.l
	var p Pack
	l.view(&p, c.node)
	before, last := p.Prev(c.at), p.Next(c.at) == 0
	rank := c.node - l.head
	gone := l.cut(c.node, c.at, 1)
	c.node = l.head + rank
	switch {
	case backwards && (gone || before == 0):
		c.node--
		c.enter(true)
	case backwards:
		c.at = before
	case gone:
		c.enter(false)
	case last:
		c.node++
		c.enter(false)
	}
}

// Insert puts v before the element, or behind it. The cursor is of no use then.
func (c *Cursor) Insert(v []byte, behind bool) {
	l := c.l
	var p Pack
	l.view(&p, c.node)
	at := c.at
	if behind {
		at = p.Next(at)
	}
	size := PackedSize(v)
	switch {
	case l.takes(c.node, size):
	case at == p.First() && c.node > l.head && l.takes(c.node-1, size):
		c.node, at = c.node-1, 0
	case at == 0 && c.node+1 < l.tail && l.takes(c.node+1, size):
		c.node, at = c.node+1, packHeader
	case at == p.First():
		c.node, at = l.addNode(c.node, 0), 0
	case at == 0:
		c.node = l.addNode(c.node+1, 0)
	default:
		if c.node, at = l.split(c.node, at), 0; !l.takes(c.node, size) {
			c.node = l.addNode(c.node+1, 0)
		}
	}
	l.open(c.node, size, false)
	l.view(&p, c.node)
	p.Insert(at, v)
	l.grown(c.node)
}

// split moves what is at a position of node i and behind it to a new node, and
// returns where node i is now.
func (l *List) split(i, at int) int {
	i = l.addNode(i+1, 0) - 1
	var from, to Pack
	l.view(&from, i)
	end := from.Size() - 1
	moved := 0
	for p := at; p != 0; p = from.Next(p) {
		moved++
	}
	l.view(&to, i+1)
	copy(to.splice(packHeader, 0, end-at, moved), from.b[at:end])
	l.view(&from, i)
	from.splice(at, end-at, 0, -moved)
	l.node(i).n -= int32(moved)     //nolint:gosec // at most what there are
	l.node(i + 1).n += int32(moved) //nolint:gosec // at most what there are
	return i
}

// Replace makes v of the element. The cursor is of no use then.
func (c *Cursor) Replace(v []byte) {
	l := c.l
	var p Pack
	l.view(&p, c.node)
	room := p.Size() - (p.after(c.at) - c.at) + PackedSize(v)
	if l.node(c.node).n == 1 && c.node+1 < l.tail && l.takes(c.node+1, PackedSize(v)) {
		// It has a node to itself because it was large, and is not any more.
		c.Delete(false)
		c.Insert(v, false)
		return
	}
	if l.node(c.node).n == 1 || !l.fill.Exceeded(room, int(l.node(c.node).n)) {
		p.Replace(c.at, v)
		return
	}
	behind := p.Prev(c.at) != 0
	c.Delete(behind)
	c.Insert(v, behind)
}
