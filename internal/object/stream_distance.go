package object

// Distance returns how many entries the stream has had up to id, as far as that
// can be told: entries may have been deleted between those that are known. ok is
// false if it can't.
func (s *Stream) Distance(id StreamID) (n int64, ok bool) {
	added, length := int64(s.Added), int64(s.n)
	switch {
	case added == 0:
		return 0, true
	case length == 0 && !s.LastID.Less(id):
		return added, true
	case !id.IsZero() && id.Less(s.MaxDeletedID):
		return 0, false
	case id == s.LastID:
		return added, true
	case s.LastID.Less(id):
		return 0, false
	}
	if s.whole() {
		if id.Less(s.first) {
			return added - length, true
		}
		if id == s.first {
			return added - length + 1, true
		}
	}
	return 0, false
}

// holed reports whether entries after id may have been deleted other than from
// the beginning.
func (s *Stream) holed(id StreamID) bool {
	if s.n == 0 || s.whole() {
		return false
	}
	return !s.MaxDeletedID.Less(id)
}

// Lag returns how many entries g has not delivered yet, as far as that can be
// told.
func (s *Stream) Lag(g *StreamGroup) (n int64, ok bool) {
	switch {
	case s.n == 0, s.whole() && g.LastID.Less(s.first):
		return int64(s.n), true
	case g.EntriesRead != UnknownRead && !s.holed(g.LastID):
		return int64(s.Added) - g.EntriesRead, true
	}
	read, ok := s.Distance(g.LastID)
	return int64(s.Added) - read, ok
}

// whole reports whether what was deleted went from the beginning only.
func (s *Stream) whole() bool { return s.MaxDeletedID.IsZero() || s.MaxDeletedID.Less(s.first) }

// Advance makes id, that of an entry which is now delivered, the last ID of a
// group.
func (s *Stream) Advance(g *StreamGroup, id StreamID) {
	if g.EntriesRead != UnknownRead && !g.LastID.Less(s.first) && !s.holed(g.LastID) {
		g.EntriesRead++
	} else if s.Added > 0 {
		g.EntriesRead = UnknownRead
		if n, ok := s.Distance(id); ok {
			g.EntriesRead = n
		}
	}
	g.LastID = id
}
