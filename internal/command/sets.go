package command

import (
	"math/rand/v2"

	"github.com/crucible-cache/crucible/internal/keyspace"
	"github.com/crucible-cache/crucible/internal/object"
)

// setView is a set that is open: sorted integers, packed or large. A small one
// that is written to lies in the worker's packed memory, so only one may be at
// a time.
type setView struct {
	c     *Client
	k     keyspace.Key
	large *object.Table // nil for a small one
	ints  bool
	set   object.Intset // with ints
	pack  object.Pack   // else
}

// read opens a set for reading and counts the use. ok is false if the key holds
// something else, which has been replied. Views are opened where they lie: to
// return one, which is large, takes as long as to look its key up.
func (s *setView) read(c *Client, k keyspace.Key) (found, ok bool) {
	it, found, ok := c.readTyped(k, keyspace.TypeSet)
	if found && ok {
		s.enter(c, k, it, false)
	}
	return found, ok
}

// edit is read for a command that writes.
func (s *setView) edit(c *Client, k keyspace.Key) (found, ok bool) {
	it, found, ok := c.peekTyped(k, keyspace.TypeSet)
	if found && ok {
		s.enter(c, k, it, true)
	}
	return found, ok
}

func (c *Client) openSet(k keyspace.Key, it keyspace.Item, write bool) (s setView) {
	s.enter(c, k, it, write)
	return s
}

// enter opens the set that an item holds. s is empty.
func (s *setView) enter(c *Client, k keyspace.Key, it keyspace.Item, write bool) {
	s.c, s.k = c, k
	var mem object.Memory
	if write && it.Encoding() != keyspace.EncodingObject {
		mem = s.memory(it.Encoding())
	}
	switch it.Encoding() {
	case keyspace.EncodingObject:
		s.large = c.W.Object(k, it).(*object.Table)
		groups, chunks := s.large.Leads()
		c.W.Leads(it, groups, chunks)
	case keyspace.EncodingIntset:
		s.ints, s.set = true, object.OpenIntset(it.Value(), mem)
	default:
		s.pack.Open(it.Value(), mem)
	}
}

func (s *setView) memory(e keyspace.Encoding) object.Memory {
	return s.c.W.Packed(s.c.DB, s.k, keyspace.TypeSet, e)
}

// newSet begins a set of the form that suits its first members, which must be
// added to it.
func (c *Client) newSet(k keyspace.Key, members ...[]byte) setView {
	s, p, n := setView{c: c, k: k}, c.W.Server.Params, len(members)
	first, isInt := parseInt(members[0])
	switch {
	case isInt && int64(n) <= p.setInts.Load():
		s.ints, s.set = true, object.NewIntset(s.memory(keyspace.EncodingIntset), n, first)
	case int64(n) <= p.setEntries.Load():
		size := 0
		if int64(longest(members)) <= p.setValue.Load() {
			size = object.PackedSizes(members)
		}
		s.pack = object.NewPack(s.memory(keyspace.EncodingPack), size)
	default:
		s.hold(object.NewTable(c.W.Heap(), n, false))
	}
	return s
}

func longest(values [][]byte) (n int) {
	for _, v := range values {
		n = max(n, len(v))
	}
	return n
}

// hold makes a table the value of the set's key.
func (s *setView) hold(t *object.Table) {
	s.large, s.ints = t, false
	s.c.W.Enlarge(s.c.DB, s.k, t, keyspace.TypeSet)
}

func (s *setView) len() int {
	switch {
	case s.large != nil:
		return s.large.Len()
	case s.ints:
		return s.set.Len()
	}
	return s.pack.Len()
}

func (s *setView) has(member []byte) bool {
	switch {
	case s.large != nil:
		_, ok := s.large.Find(member)
		return ok
	case s.ints:
		n, isInt := parseInt(member)
		if !isInt {
			return false
		}
		_, ok := s.set.Find(n)
		return ok
	}
	return s.pack.Find(s.pack.First(), member, 0) != 0
}

// room makes a small set large if n members are too many for it.
func (s *setView) room(n int) {
	p := s.c.W.Server.Params
	if s.large == nil && (s.ints && int64(n) > p.setInts.Load() || !s.ints && int64(n) > p.setEntries.Load()) {
		s.enlarge(n)
	}
}

// enlarge makes a small set large, with room for more members.
func (s *setView) enlarge(more int) {
	t := object.NewTable(s.c.W.Heap(), s.len()+more, false)
	var text [intDigitsMax]byte
	s.each(func(e object.Elem) bool {
		t.Add(e.Text(text[:]))
		return true
	})
	s.hold(t)
}

// add puts in a member, which may not be memory of the set, and reports
// whether it is new.
func (s *setView) add(member []byte) bool {
	p := s.c.W.Server.Params
	switch {
	case s.large != nil:
		return s.large.Add(member)
	case s.ints:
		if n, isInt := parseInt(member); isInt {
			added := s.set.Add(n)
			if added && int64(s.set.Len()) > p.setInts.Load() {
				s.enlarge(0)
			}
			return added
		}
		if !s.unpackInts(member) {
			s.enlarge(1)
			return s.large.Add(member)
		}
	case s.pack.Find(s.pack.First(), member, 0) != 0:
		return false
	case int64(s.pack.Len()) >= p.setEntries.Load() || int64(len(member)) > p.setValue.Load():
		s.enlarge(1)
		return s.large.Add(member)
	}
	s.pack.Append(member)
	return true
}

// unpackInts makes sorted integers packed elements, if they and the member to
// be added may be packed.
func (s *setView) unpackInts(member []byte) bool {
	p, n := s.c.W.Server.Params, s.set.Len()
	most := len(member)
	if n > 0 {
		most = max(most, object.IntElem(s.set.At(0)).Len(), object.IntElem(s.set.At(n-1)).Len())
	}
	if int64(n) >= p.setEntries.Load() || int64(most) > p.setValue.Load() {
		return false
	}
	w := s.c.W
	w.scratch = append(w.scratch[:0], s.set.Bytes()...)
	ints := object.OpenIntset(w.scratch, nil)
	s.ints = false
	s.pack = object.NewPack(s.memory(keyspace.EncodingPack), 0)
	for i := range n {
		s.pack.AppendElem(object.IntElem(ints.At(i)))
	}
	return true
}

// remove takes a member out and reports whether it was there.
func (s *setView) remove(member []byte) bool {
	switch {
	case s.large != nil:
		return s.large.Delete(member)
	case s.ints:
		n, isInt := parseInt(member)
		if !isInt {
			return false
		}
		i, found := s.set.Find(n)
		if found {
			s.set.Delete(i)
		}
		return found
	}
	at := s.pack.Find(s.pack.First(), member, 0)
	if at != 0 {
		s.pack.Delete(at, 1)
	}
	return at != 0
}

// removed ends a command that removed members: a set without any goes.
func (s *setView) removed() {
	s.c.W.Touched(s.c.DB, s.k)
	if s.len() == 0 {
		s.c.deleteKey(s.k)
	}
}

// each visits the members until visit returns false.
func (s *setView) each(visit func(object.Elem) bool) {
	switch {
	case s.large != nil:
		s.large.Each(func(e object.Entry) bool { return visit(object.Elem{Str: e.Key()}) })
	case s.ints:
		for i := range s.set.Len() {
			if !visit(object.IntElem(s.set.At(i))) {
				return
			}
		}
	default:
		for at := s.pack.First(); at != 0; {
			var e object.Elem
			if e, at = s.pack.Step(at); !visit(e) {
				return
			}
		}
	}
}

// random returns a member, any as likely as any other.
func (s *setView) random() object.Elem {
	switch {
	case s.large != nil:
		return object.Elem{Str: s.large.Random(rand.Uint64).Key()}
	case s.ints:
		return object.IntElem(s.set.At(rand.IntN(s.set.Len())))
	}
	return s.pack.At(s.pack.Seek(rand.IntN(s.pack.Len())))
}
