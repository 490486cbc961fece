package object

import "math"

// ZSet is a large sorted set: members with scores, each member once, in the
// order of score and then member. A score is never NaN.
//
// It is a table of members, a tree of elements in order and the records that
// both refer to, all of it in blocks of a Heap. Every operation on one
// element takes O(log n) and never more than some hundred microseconds, however
// many there are. It implements Object.
//
// What a method returns of a member is memory of the set, valid until the set
// is next changed. The caller sees to it that nobody changes the set while
// another uses it; readers don't change it, but Rank and the like keep notes in
// it, so that they exclude each other too.
type ZSet struct {
	records *zrecords
	table   ztable
	tree    ztree
	n       uint32
}

// NewZSet makes an empty set.
func NewZSet(heap *Heap) *ZSet {
	r := newZRecords(heap)
	return &ZSet{records: r, table: newZTable(heap), tree: newZTree(heap, r)}
}

// Len returns the number of members.
func (z *ZSet) Len() int { return int(z.n) }

// Bytes returns the memory the set holds.
func (z *ZSet) Bytes() int64 {
	return z.records.size + int64(cap(z.records.chunks))*zchunkEntry +
		z.table.size() + z.tree.leaves.size() + z.tree.inners.size() + zsetBytes
}

// zsetBytes is about what the fields of a set take.
const zsetBytes = 512

// Release implements Object.
func (z *ZSet) Release(n int) (done bool) {
	n = z.records.release(n)
	n = z.table.release(n)
	n = z.tree.leaves.release(n)
	return z.tree.inners.release(n) > 0
}

// Fits reports whether a member of n bytes can be added: members and scores
// take at most 16 GiB together.
func (z *ZSet) Fits(n int) bool { return z.records.fits(n) }

// Score returns the score of a member.
func (z *ZSet) Score(member []byte) (float64, bool) {
	ref := z.table.find(z.records, member, zhash(member))
	if ref == 0 {
		return 0, false
	}
	return z.records.score(ref), true
}

// Set gives a member a score, adding it if it is not there, and reports whether
// it was added. A member that is added has to fit (see Fits).
func (z *ZSet) Set(member []byte, score float64) (added bool) {
	hash := zhash(member)
	if ref := z.table.find(z.records, member, hash); ref != 0 {
		z.rescore(ref, score)
		return false
	}
	ref := z.records.add(member, score)
	z.table.add(z.records, hash, ref)
	z.tree.insert(score, ref)
	z.n++
	return true
}

func (z *ZSet) rescore(ref zref, score float64) {
	old := z.records.score(ref)
	if math.Float64bits(old) == math.Float64bits(score) { // 0 is not -0 when it is shown
		return
	}
	z.tree.rescore(old, ref, score)
	z.records.setScore(ref, score)
}

// Remove takes a member out and reports whether it was there.
func (z *ZSet) Remove(member []byte) bool {
	hash := zhash(member)
	ref := z.table.find(z.records, member, hash)
	if ref == 0 {
		return false
	}
	z.tree.remove(z.records.score(ref), ref)
	z.forget(ref, hash)
	return true
}

// RemoveAt takes out the element of a rank, which is below Len.
func (z *ZSet) RemoveAt(rank int) {
	leaf, pos := z.tree.at(uint32(rank))
	ref := z.tree.leaves.at(leaf).refs[pos]
	z.tree.removeFrom(leaf, pos)
	z.forget(ref, zhash(z.records.member(ref)))
}

// forget takes out a record that is not in the tree any more.
func (z *ZSet) forget(ref zref, hash uint64) {
	z.table.remove(z.records, hash, ref)
	z.records.remove(ref)
	z.n--
	z.compact()
}

// zcompactSteps is how many records one removal moves at most. At least half of
// what is being compacted are holes, so that one would do to keep up; more of
// them finish sooner.
const zcompactSteps = 4

// compact does a bounded part of the work of giving memory back.
func (z *ZSet) compact() {
	r := z.records
	if !r.emptying() && (!r.sparse() || !r.begin()) {
		return
	}
	for range zcompactSteps {
		ref, ok := r.evacuate()
		if !ok {
			return
		}
		if ref != 0 {
			z.relocate(ref)
		}
	}
}

// relocate moves a record to another place.
func (z *ZSet) relocate(ref zref) {
	r := z.records
	member, score := r.member(ref), r.score(ref)
	to := r.add(member, score)
	z.tree.moved(score, ref, to)
	z.table.replace(zhash(member), ref, to)
	r.remove(ref)
}

// Rank returns how many elements come before a member, and its score.
func (z *ZSet) Rank(member []byte) (rank int, score float64, ok bool) {
	ref := z.table.find(z.records, member, zhash(member))
	if ref == 0 {
		return 0, 0, false
	}
	score = z.records.score(ref)
	_, pos, before := z.tree.locate(score, ref)
	return int(before + pos), score, true
}

// RankOfScore returns how many elements have a lower score, or, with after set,
// no higher one.
func (z *ZSet) RankOfScore(score float64, after bool) int {
	return int(z.tree.rank(&zbound{kind: zbyScore, score: score, after: after}))
}

// RankOfMember returns how many elements have a member below the one given, or,
// with after set, not above it, provided that all scores are the same.
func (z *ZSet) RankOfMember(member []byte, after bool) int {
	return int(z.tree.rank(&zbound{kind: zbyMember, member: member, after: after}))
}

// Ascend visits n elements from a rank on, or as many as there are, until visit
// returns false. Members are never integers. visit must not change the set.
func (z *ZSet) Ascend(rank, n int, visit func(member Elem, score float64) bool) {
	if n = min(n, int(z.n)-rank); n <= 0 {
		return
	}
	leaf, pos := z.tree.at(uint32(rank))
	for {
		l := z.tree.leaves.at(leaf)
		for ; pos < l.n; pos++ {
			if !visit(Elem{Str: z.records.member(l.refs[pos])}, l.scores[pos]) {
				return
			}
			if n--; n == 0 {
				return
			}
		}
		leaf, pos = l.next, 0
	}
}

// Descend visits n elements from a rank downwards, or as many as there are,
// until visit returns false. visit must not change the set.
func (z *ZSet) Descend(rank, n int, visit func(member Elem, score float64) bool) {
	if n = min(n, rank+1); n <= 0 {
		return
	}
	leaf, pos := z.tree.at(uint32(rank))
	for {
		l := z.tree.leaves.at(leaf)
		for ; pos != noZNode; pos-- {
			if !visit(Elem{Str: z.records.member(l.refs[pos])}, l.scores[pos]) {
				return
			}
			if n--; n == 0 {
				return
			}
		}
		leaf = l.prev
		pos = z.tree.leaves.at(leaf).n - 1
	}
}

// Scan visits some elements, in no particular order, from a cursor on, and
// returns the next cursor; 0 is the first and means the end when returned.
// Elements that are there from the first call to the last are visited at least
// once, whatever else comes and goes. visit must not change the set.
func (z *ZSet) Scan(cursor uint64, visit func(member []byte, score float64)) uint64 {
	return z.table.scan(z.records, cursor, func(ref zref) {
		visit(z.records.member(ref), z.records.score(ref))
	})
}

// Clone returns a copy.
func (z *ZSet) Clone() *ZSet {
	c := NewZSet(z.records.heap)
	z.Ascend(0, z.Len(), func(member Elem, score float64) bool {
		c.Set(member.Str, score)
		return true
	})
	return c
}
