package object

import (
	"slices"
	"unsafe"
)

// Stream is a log of entries, each an ID and a list of fields with their values,
// in the order of their IDs. A stream without entries still is one.
//
// Entries lie in nodes, which are packed as the reference server packs them: an
// entry says how its ID and its fields differ from the first of its node (see
// node.go). The nodes, sorted by their first ID, are found through pages; what
// consumer groups remember lies in pages too. All that is mapped memory and holds
// no pointers; only the names of groups and consumers are of the Go heap.
//
// What Append reads stands first, so that it needs to look at neither pages nor their list.
type Stream struct {
	LastID StreamID // of the entry added last, or as set
	Added  uint64   // entries ever added, those removed included
	n      int
	top    block    // of the last node; no room if that has to be looked up
	topID  StreamID // with top: the node's
	mem    streamMemory

	nodes        idPages[block] // by the ID of their first entry
	first        StreamID       // 0-0 if there is no entry
	MaxDeletedID StreamID       // the greatest ID that Delete has removed
	groups       []*StreamGroup
}

// StreamLimits says when a node is full.
type StreamLimits struct {
	Bytes   int // as packed; 0 is streamNodeMax
	Entries int // deleted ones included; 0 is no limit
}

// streamNodeMax is the most bytes a node may be meant to have.
const streamNodeMax = 1 << 30

// StreamEntryMax is the most bytes the fields and values of one entry may have.
const StreamEntryMax = streamNodeMax

// NewStream makes an empty stream.
func NewStream(heap *Heap) *Stream {
	s := &Stream{mem: streamMemory{heap: heap, bytes: int64(unsafe.Sizeof(Stream{}))}}
	s.nodes.mem = &s.mem
	return s
}

// Len returns the number of entries.
func (s *Stream) Len() int { return s.n }

// Bytes returns the memory that the stream takes.
func (s *Stream) Bytes() int64 { return s.mem.bytes }

// FirstID returns the ID of the first entry, 0-0 if there is none.
func (s *Stream) FirstID() StreamID { return s.first }

// TopID returns the ID of the last entry, 0-0 if there is none. LastID may be
// greater.
func (s *Stream) TopID() StreamID {
	if it := s.RangeReverse(StreamID{}, MaxStreamID); it.Next() {
		return it.ID
	}
	return StreamID{}
}

// Follows reports whether there is an entry after an ID.
func (s *Stream) Follows(id StreamID) bool {
	return s.n > 0 && id.Less(s.LastID) && id.Less(s.TopID())
}

// After returns the ID of the last of the limit entries that follow an ID, or of
// the last entry there is. There is one that follows.
func (s *Stream) After(id StreamID, limit int) StreamID {
	if limit >= s.n {
		return s.TopID()
	}
	start, _ := id.Next()
	for it := s.Range(start, MaxStreamID); limit > 0 && it.Next(); limit-- {
		id = it.ID
	}
	return id
}

// Nodes returns how many nodes there are.
func (s *Stream) Nodes() int { return s.nodes.len() }

// NextID returns the ID for an entry that is added now and brings none; ok is
// false if the last one there is has been used.
func (s *Stream) NextID(nowMS int64) (StreamID, bool) {
	if ms := uint64(nowMS); ms > s.LastID.MS {
		return StreamID{ms, 0}, true
	}
	return s.LastID.Next()
}

// Append adds an entry. Its ID is greater than LastID; pairs are its fields, each
// followed by its value, less than StreamEntryMax bytes together.
func (s *Stream) Append(id StreamID, pairs [][]byte, limits StreamLimits) {
	if s.top.room == 0 {
		s.findTop()
	}
	if s.top.room == 0 || s.full(s.top, pairs, limits) {
		s.addNode(id, pairs)
	}
	s.appendEntry(id, pairs)
	s.LastID = id
	s.Added++
	if s.n++; s.n == 1 {
		s.first = id
	}
}

// findTop looks up the last node if there is one. Whoever writes to nodes otherwise than
// by Append, or adds or removes any, has it forgotten: top is a copy.
func (s *Stream) findTop() {
	if at := s.nodes.back(); s.nodes.valid(at) {
		s.top, s.topID = *s.nodes.value(at), s.nodes.id(at)
	}
}

func (s *Stream) forgetTop() { s.top = block{} }

// full reports whether a node takes no entry with those pairs.
func (s *Stream) full(b block, pairs [][]byte, limits StreamLimits) bool {
	if limits.Bytes <= 0 || limits.Bytes > streamNodeMax {
		limits.Bytes = streamNodeMax
	}
	n := openNode(s.mem.view(b))
	size := n.size()
	for _, v := range pairs {
		size += len(v)
	}
	return size >= limits.Bytes || limits.Entries > 0 && n.count()+n.deleted() >= limits.Entries
}

// addNode makes a node whose first entry will be id with those pairs, behind
// the last node, which is top, and gives back the room that is left in that.
func (s *Stream) addNode(id StreamID, pairs [][]byte) {
	if s.top.room != 0 {
		n := openNode(s.mem.view(s.top))
		s.resizeNode(s.nodes.value(s.nodes.back()), n.size())
	}
	size := nodeHeader(pairs) + nodeEntry(StreamID{}, pairs, true)
	b := s.mem.alloc(size)
	initNode(s.mem.view(b), pairs)
	s.nodes.insert(place{s.nodes.used, 0}, id, b)
	s.top, s.topID = b, id
}

// appendEntry writes an entry behind those of the last node, which is top.
func (s *Stream) appendEntry(id StreamID, pairs [][]byte) {
	b, was := &s.top, s.top.off
	n := openNode(s.mem.view(*b))
	same := n.sameFields(pairs)
	delta := StreamID{id.MS - s.topID.MS, id.Seq - s.topID.Seq}
	s.reserve(b, n.size()+nodeEntry(delta, pairs, same))
	n = openNode(s.mem.view(*b))
	n.append(delta, pairs, same)
	s.setNumber(b, n.countAt(), int64(n.count()+1))
	if b.off != was {
		*s.nodes.value(s.nodes.back()) = *b
	}
}

// reserve makes room for size bytes in a node's block, and for more to come as
// long as nodes are of the usual size.
func (s *Stream) reserve(b *block, size int) {
	if room := int(b.room); size > room {
		more := room
		if room >= usualNode/2 {
			more = usualNode / 8
		}
		s.resizeNode(b, max(size, min(room+more, usualNode)))
	}
}

// usualNode is the default of stream-node-max-bytes, up to which a block grows
// ahead of what it is given: it doubles, and from half of that on takes one size of
// block after the other, because most streams have no more than a node, of which
// half would be spare.
const usualNode = 4096

// resizeNode moves a node to a block of size bytes unless it has that anyway.
func (s *Stream) resizeNode(b *block, size int) {
	if BlockSize(size) == int(b.room) {
		return
	}
	to := s.mem.alloc(size)
	n := openNode(s.mem.view(*b))
	copy(s.mem.view(to), n.b[:n.size()])
	s.mem.free(*b)
	*b = to
}

// setNumber replaces the integer at a position of a node.
func (s *Stream) setNumber(b *block, at int, v int64) {
	n := openNode(s.mem.view(*b))
	if grown := n.replaceSize(at, v); grown > 0 {
		s.reserve(b, n.size()+grown)
		n = openNode(s.mem.view(*b))
	}
	n.replace(at, v)
}

// Has reports whether there is an entry of that ID.
func (s *Stream) Has(id StreamID) bool {
	it := s.Range(id, id)
	return it.Next()
}

// Delete removes an entry and reports whether it was there.
func (s *Stream) Delete(id StreamID) bool {
	it := s.Range(id, id)
	if !it.Next() {
		return false
	}
	s.deleteAt(it.at, it.entry)
	if s.MaxDeletedID.Less(id) {
		s.MaxDeletedID = id
	}
	if id == s.first {
		s.findFirst()
	}
	return true
}

// deleteAt marks the entry at a position of a node as deleted. The node goes
// with its last entry.
func (s *Stream) deleteAt(at place, entry int) {
	s.forgetTop()
	s.n--
	b := s.nodes.value(at)
	n := openNode(s.mem.view(*b))
	if n.count() == 1 {
		s.dropNode(at)
		return
	}
	n.b[entry] |= entryDeleted
	s.setNumber(b, n.countAt(), int64(n.count()-1))
	n = openNode(s.mem.view(*b))
	s.setNumber(b, n.deletedAt(), int64(n.deleted()+1))
}

// dropNode frees a node and returns the place of the next.
func (s *Stream) dropNode(at place) place {
	s.forgetTop()
	s.mem.free(*s.nodes.value(at))
	return s.nodes.remove(at)
}

// findFirst looks for the first entry again.
func (s *Stream) findFirst() {
	s.first = StreamID{}
	if it := s.Range(StreamID{}, MaxStreamID); it.Next() {
		s.first = it.ID
	}
}

// Release implements Object.
func (s *Stream) Release(n int) bool {
	for ; n > 0 && s.nodes.len() > 0; n-- {
		s.dropNode(s.nodes.back())
	}
	for n > 0 && len(s.groups) > 0 {
		last := len(s.groups) - 1
		if n = s.groups[last].release(n); n > 0 {
			s.groups = s.groups[:last]
		}
	}
	return s.nodes.len() == 0 && len(s.groups) == 0
}

// Clone returns a copy with blocks of its own.
func (s *Stream) Clone() *Stream {
	c := NewStream(s.mem.heap)
	c.LastID, c.MaxDeletedID, c.Added, c.n, c.first = s.LastID, s.MaxDeletedID, s.Added, s.n, s.first
	c.nodes = s.nodes.clone(&c.mem)
	for at := c.nodes.front(); c.nodes.valid(at); at = c.nodes.after(at) {
		from := openNode(s.mem.view(*c.nodes.value(at)))
		b := c.mem.alloc(from.size())
		copy(c.mem.view(b), from.b[:from.size()])
		*c.nodes.value(at) = b
	}
	for _, g := range s.groups {
		c.groups = append(c.groups, g.clone(&c.mem))
	}
	return c
}

// Groups returns the consumer groups by name. The slice is the stream's own.
func (s *Stream) Groups() []*StreamGroup { return s.groups }

func (s *Stream) groupIndex(name []byte) (int, bool) {
	return slices.BinarySearchFunc(s.groups, name, func(g *StreamGroup, name []byte) int {
		return compareName(g.Name, name)
	})
}

// Group returns the group of that name, nil if there is none.
func (s *Stream) Group(name []byte) *StreamGroup {
	if i, found := s.groupIndex(name); found {
		return s.groups[i]
	}
	return nil
}

// AddGroup makes a group and reports whether there was none of that name.
func (s *Stream) AddGroup(name []byte, last StreamID, read int64) bool {
	i, found := s.groupIndex(name)
	if !found {
		s.groups = slices.Insert(s.groups, i, newGroup(&s.mem, string(name), last, read))
	}
	return !found
}

// RemoveGroup removes a group with all it remembers, and reports whether it was
// there.
func (s *Stream) RemoveGroup(name []byte) bool {
	i, found := s.groupIndex(name)
	if found {
		s.groups[i].remove()
		s.groups = slices.Delete(s.groups, i, i+1)
	}
	return found
}
