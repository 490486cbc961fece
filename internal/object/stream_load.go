package object

import "errors"

// What is wrong with a stream that somebody else packed.
var (
	errNodeHeader   = errors.New("stream: the beginning of a node is damaged")
	errNodeEntry    = errors.New("stream: an entry is damaged")
	errNodeCount    = errors.New("stream: the number of entries of a node is wrong")
	errNodeOrder    = errors.New("stream: entries are not in ascending order")
	errStreamLast   = errors.New("stream: the last ID is lower than that of an entry")
	errPendingTwice = errors.New("stream: an entry is pending twice")
	errPendingOwner = errors.New("stream: a pending entry has no consumer, or more than one")
)

// StreamNode is a node of a stream and its place in it. It is valid until the
// stream is written to.
type StreamNode struct {
	s  *Stream
	at place
}

// FirstNode returns the first node, which is not valid if there is none.
func (s *Stream) FirstNode() StreamNode { return StreamNode{s, s.nodes.front()} }

// Valid reports whether it is a node.
func (n StreamNode) Valid() bool { return n.s != nil && n.s.nodes.valid(n.at) }

// Next returns the node behind.
func (n StreamNode) Next() StreamNode { return StreamNode{n.s, n.s.nodes.after(n.at)} }

// ID returns the ID that those of the entries are counted from.
func (n StreamNode) ID() StreamID { return n.s.nodes.id(n.at) }

// Bytes returns the packed bytes. They are memory of the stream.
func (n StreamNode) Bytes() []byte {
	b := n.s.mem.view(*n.s.nodes.value(n.at))
	return b[:openNode(b).size()]
}

// AdoptNode puts a copy of a node from elsewhere behind the last one, if it is
// in order. The stream's LastID becomes that of the last entry.
func (s *Stream) AdoptNode(master StreamID, b []byte) error {
	if s.nodes.len() > 0 && !s.LastID.Less(master) {
		return errNodeOrder
	}
	entries, last, err := checkNode(master, b)
	if err != nil {
		return err
	}
	s.forgetTop()
	to := s.mem.alloc(len(b))
	copy(s.mem.view(to), b)
	s.nodes.insert(place{s.nodes.used, 0}, master, to)
	s.n += entries
	s.LastID = last
	return nil
}

// Adopted ends the making of a stream by AdoptNode: last is its LastID.
func (s *Stream) Adopted(last StreamID) error {
	if last.Less(s.LastID) {
		return errStreamLast
	}
	s.LastID = last
	s.findFirst()
	return nil
}

// nodeReader reads the elements of a pack that CheckPack found in order.
type nodeReader struct {
	b  []byte
	at int
	ok bool // no element was missing or of the wrong kind so far
}

func (r *nodeReader) more() bool { return r.b[r.at] != packEnd }

func (r *nodeReader) elem() (e Elem) {
	if !r.more() {
		r.ok = false
	}
	if !r.ok {
		return Elem{}
	}
	e, size := decode(r.b, r.at)
	r.at += size + backSize(size)
	return e
}

func (r *nodeReader) number() int64 {
	e := r.elem()
	r.ok = r.ok && e.Str == nil
	return e.Int
}

// count reads a number of elements that follow.
func (r *nodeReader) count() int {
	n := r.number()
	r.ok = r.ok && n >= 0 && n <= int64(len(r.b))
	if !r.ok {
		return 0
	}
	return int(n)
}

func (r *nodeReader) skip(n int) {
	for ; n > 0 && r.ok; n-- {
		r.elem()
	}
}

// checkNode looks at every element of a node and returns how many entries it
// has that were not deleted, and the ID of its last entry.
func checkNode(master StreamID, b []byte) (entries int, last StreamID, err error) {
	if len(b) > streamNodeMax {
		return 0, last, errNodeHeader
	}
	if _, _, err := CheckPack(b); err != nil {
		return 0, last, err
	}
	r := nodeReader{b: b, at: packHeader, ok: true}
	count, deleted, fields := r.count(), r.count(), r.count()
	r.skip(fields)
	if end := r.number(); !r.ok || end != 0 || count == 0 {
		return 0, last, errNodeHeader
	}
	gone, first := 0, true
	for r.more() {
		id, dead, ok := r.entry(master, fields)
		if !ok {
			return 0, last, errNodeEntry
		}
		if id.Less(master) || !first && !last.Less(id) {
			return 0, last, errNodeOrder
		}
		if last, first = id, false; dead {
			gone++
		} else {
			entries++
		}
	}
	if entries != count || gone != deleted {
		return 0, last, errNodeCount
	}
	return entries, last, nil
}

// entry reads one entry of a node that has so many fields.
func (r *nodeReader) entry(master StreamID, fields int) (id StreamID, dead, ok bool) {
	short := r.b[r.at] < encStr6 // readers take the flags for one byte
	flags := r.number()
	id = StreamID{master.MS + uint64(r.number()), master.Seq + uint64(r.number())}
	elements := 3
	if flags&entrySame != 0 {
		elements += fields
		r.skip(fields)
	} else {
		n := r.count()
		elements += 1 + 2*n
		r.skip(2 * n)
	}
	said := r.number()
	return id, flags&entryDeleted != 0, short && r.ok && int(said) == elements
}

// noConsumer is the number of none, before Assign.
const noConsumer = 1<<32 - 1

// AddPending makes an entry pending for nobody yet, as known of it elsewhere.
func (g *StreamGroup) AddPending(id StreamID, d Delivery) error {
	at, found := g.pending.find(id)
	if found {
		return errPendingTwice
	}
	d.consumer = noConsumer
	g.pending.insert(at, id, d)
	return nil
}

// Assign makes an entry that is pending for nobody pending for c.
func (g *StreamGroup) Assign(id StreamID, c *StreamConsumer) error {
	d := g.Lookup(id)
	if d == nil || d.consumer != noConsumer {
		return errPendingOwner
	}
	d.consumer = c.number
	c.add(id)
	return nil
}

// Assigned fails if anything is pending for nobody. A group for which it failed
// may only be released.
func (g *StreamGroup) Assigned() error {
	n := 0
	for _, c := range g.consumers {
		n += c.Pending()
	}
	if n != g.Pending() {
		return errPendingOwner
	}
	return nil
}
