package vector

import "hash/maphash"

// Elements are found by name with linear hashing (Litwin 1980): the table grows by
// one bucket with each element and shrinks by one with each that goes, so that no
// request pays for all of it. Buckets hold the first node of a chain, counted from
// 1, 0 for none.

var hashSeed = maphash.MakeSeed()

func hashOf(name []byte) uint32 { return uint32(maphash.Bytes(hashSeed, name)) }

// bucketOf returns the bucket of a hash when there are count buckets, the last
// power of two of which is half.
func bucketOf(hash, count uint32) uint32 {
	half := uint32(1)
	for half*2 <= count {
		half *= 2
	}
	if at := hash & (half*2 - 1); at < count {
		return at
	}
	return hash & (half - 1)
}

// find returns the number of the node of that name.
func (s *Set) find(name []byte) (i uint32, ok bool) {
	if s.buckets.Len() == 0 {
		return 0, false
	}
	hash := hashOf(name)
	for at := *s.buckets.At(bucketOf(hash, s.buckets.Len())); at != 0; {
		n := s.node(at - 1)
		if n.hash == hash && string(s.nameOf(n)) == string(name) {
			return at - 1, true
		}
		at = n.next
	}
	return 0, false
}

// enter puts the last node into the table, which gets a bucket more.
func (s *Set) enter(i uint32) {
	n := s.node(i)
	n.hash = hashOf(s.nameOf(n))
	fresh := s.buckets.Extend()
	count := s.buckets.Len()
	if fresh > 0 {
		s.split(bucketOf(fresh, fresh), count)
	}
	first := s.buckets.At(bucketOf(n.hash, count))
	n.next, *first = *first, i+1
}

// split gives the last of count buckets those of another's that are its now.
func (s *Set) split(from, count uint32) {
	rest, moved := uint32(0), uint32(0)
	for at := *s.buckets.At(from); at != 0; {
		n := s.node(at - 1)
		next := n.next
		if bucketOf(n.hash, count) == from {
			n.next, rest = rest, at
		} else {
			n.next, moved = moved, at
		}
		at = next
	}
	*s.buckets.At(from), *s.buckets.At(count - 1) = rest, moved
}

// leave takes a node out of the table, which loses a bucket: its chain is appended
// to that from which it was split.
func (s *Set) leave(i uint32) {
	*s.chainTo(i) = s.node(i).next
	last := s.buckets.Len() - 1
	chain := *s.buckets.At(last)
	s.buckets.Cut()
	if chain == 0 {
		return
	}
	end := s.buckets.At(bucketOf(last, last))
	for *end != 0 {
		end = &s.node(*end - 1).next
	}
	*end = chain
}

// chainTo returns what refers to a node in its chain.
func (s *Set) chainTo(i uint32) *uint32 {
	at := s.buckets.At(bucketOf(s.node(i).hash, s.buckets.Len()))
	for *at != i+1 {
		at = &s.node(*at - 1).next
	}
	return at
}

// rechain has the chain of a node refer to it by another number.
func (s *Set) rechain(from, to uint32) { *s.chainTo(from) = to + 1 }
