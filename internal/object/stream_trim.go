package object

// StreamTrim says what to cut off the beginning of a stream: entries beyond
// MaxLen, or, with ByID, those before MinID.
type StreamTrim struct {
	ByID   bool
	MaxLen int
	MinID  StreamID

	// Approx removes whole nodes only, and no more than Limit entries unless
	// that is 0.
	Approx bool
	Limit  int
}

// Trim removes entries from the beginning and returns how many.
func (s *Stream) Trim(t StreamTrim) int {
	removed := 0
	for at := s.nodes.front(); s.nodes.valid(at) && (t.ByID || s.n > t.MaxLen); {
		n := openNode(s.mem.view(*s.nodes.value(at)))
		count := n.count()
		if t.Limit > 0 && removed+count > t.Limit {
			break
		}
		if !s.trimsNode(at, n, count, &t) {
			if !t.Approx {
				removed += s.trimNode(at, &t)
			}
			break
		}
		s.n -= count
		removed += count
		at = s.dropNode(at)
	}
	if removed > 0 {
		s.findFirst()
	}
	return removed
}

// trimsNode reports whether all of a node is to be removed.
func (s *Stream) trimsNode(at place, n streamNode, count int, t *StreamTrim) bool {
	if !t.ByID {
		return s.n-count >= t.MaxLen
	}
	it := StreamIterator{node: n, master: s.nodes.id(at)}
	return it.idAt(n.entryBefore(n.end())).Less(t.MinID)
}

// trimNode marks entries of the first node as deleted as far as t goes.
func (s *Stream) trimNode(at place, t *StreamTrim) int {
	s.forgetTop()
	removed := 0
	it := StreamIterator{s: s, at: at}
	it.open()
	for it.next < it.node.end() {
		deleted := it.read(it.next)
		if t.ByID && !it.ID.Less(t.MinID) || !t.ByID && s.n <= t.MaxLen {
			break
		}
		it.next = it.skip()
		if !deleted {
			it.node.b[it.entry] |= entryDeleted
			removed++
			s.n--
		}
	}
	b := s.nodes.value(at)
	count, gone := it.node.count()-removed, it.node.deleted()+removed
	s.setNumber(b, it.node.countAt(), int64(count))
	s.setNumber(b, openNode(s.mem.view(*b)).deletedAt(), int64(gone))
	return removed
}
