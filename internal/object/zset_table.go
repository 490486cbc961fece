package object

import (
	"bytes"
	"hash/maphash"
	"math/bits"
)

// ztable finds the record of a member: extendible hashing over segments of
// groups. A group is a cache line: twelve records' places, a byte of each one's
// hash, and how many records passed it by because it was full, so that a search
// knows where to stop and a removal leaves nothing behind.
//
// The first bits of a hash choose the segment, the next ones the group, so that
// the groups in order hold the members in the order of their hashes, roughly. A
// scan's cursor is therefore a hash, and remains good whatever is split or
// merged meanwhile. A segment that fills up is split alone, which bounds how
// long an insertion can take.
type ztable struct {
	groups   zvector[zgroup] // segment i has groups [i*zsegmentGroups, ...)
	dir      []uint32        // the segment of each prefix of depth bits
	segments []zsegment
	depth    uint8
	wide     uint8  // log2 of the groups of a segment; fewer than zsegmentBits only while there is one
	deepest  uint32 // segments whose depth is that of the directory
}

type zsegment struct {
	n     uint16
	depth uint8
	first uint32 // the smallest prefix of depth bits that leads here, left-aligned in 32 bits
}

type zgroup struct {
	tags   uint64
	tags2  uint32
	passed uint32
	refs   [zgroupSlots]zref
}

const (
	zgroupSlots    = 12
	zsegmentBits   = 6
	zsegmentGroups = 1 << zsegmentBits
	zfirstBits     = 4 // of the groups of the first segment, at first
	zgroupsShift   = 10
	zdepthMax      = 32
)

// zseed makes the order of hashes one that a client can't foresee.
var zseed = maphash.MakeSeed()

func zhash(member []byte) uint64 { return maphash.Bytes(zseed, member) }

func newZTable(heap *Heap) ztable {
	t := ztable{groups: newZVector[zgroup](heap, zgroupsShift), dir: []uint32{0}, segments: make([]zsegment, 1), wide: zfirstBits, deepest: 1}
	t.groups.extend(1 << zfirstBits)
	return t
}

// limit is how many records a segment may hold.
func (t *ztable) limit() uint16 { return uint16(zgroupSlots << t.wide * 13 / 16) }

func (t *ztable) segment(hash uint64) uint32 { return t.dir[hashPrefix(hash, t.depth)] }

// hashPrefix returns the first n bits of a hash.
func hashPrefix(hash uint64, n uint8) uint64 { return hash >> 1 >> (63 - n) }

// home returns the group of a segment that a hash belongs to.
func (t *ztable) home(s uint32, hash uint64) uint32 {
	return uint32(hash << t.segments[s].depth >> (64 - t.wide))
}

func (t *ztable) run(s uint32) []zgroup {
	return t.groups.run(s<<zsegmentBits, 1<<t.wide)
}

const (
	zlowBits  = 0x0101010101010101
	zhighBits = 0x8080808080808080
)

// matches returns a bit for each slot whose tag may be that of hash; the bit of
// slot i is 8*i+7. Verify them: a few are wrong.
func (g *zgroup) matches(hash uint64) (low, high uint64) {
	tag := uint64(uint8(hash)) * zlowBits
	x := g.tags ^ tag
	y := uint64(g.tags2) ^ tag&0xffffffff
	return (x - zlowBits) &^ x & zhighBits, (y - zlowBits&0xffffffff) &^ y & (zhighBits & 0xffffffff)
}

func (g *zgroup) setTag(i int, hash uint64) {
	tag := uint64(uint8(hash))
	if i < 8 {
		g.tags = g.tags&^(0xff<<(8*i)) | tag<<(8*i)
		return
	}
	i -= 8
	g.tags2 = g.tags2&^(0xff<<(8*i)) | uint32(tag)<<(8*i)
}

// find returns the record of member, 0 if there is none.
func (t *ztable) find(r *zrecords, member []byte, hash uint64) zref {
	s := t.segment(hash)
	run := t.run(s)
	mask := uint32(len(run) - 1)
	for at, left := t.home(s, hash), len(run); left > 0; at, left = (at+1)&mask, left-1 {
		g := &run[at]
		low, high := g.matches(hash)
		for ; low != 0; low &= low - 1 {
			if ref := g.refs[bits.TrailingZeros64(low)/8]; ref != 0 && bytes.Equal(r.member(ref), member) {
				return ref
			}
		}
		for ; high != 0; high &= high - 1 {
			if ref := g.refs[8+bits.TrailingZeros64(high)/8]; ref != 0 && bytes.Equal(r.member(ref), member) {
				return ref
			}
		}
		if g.passed == 0 {
			return 0
		}
	}
	return 0
}

// slot returns the group and the slot where ref is, which is in the table.
func (t *ztable) slot(run []zgroup, home uint32, ref zref) (at uint32, i int) {
	mask := uint32(len(run) - 1)
	for at = home; ; at = (at + 1) & mask {
		for i, have := range run[at].refs {
			if have == ref {
				return at, i
			}
		}
	}
}

// add enters a record that is not in the table.
func (t *ztable) add(r *zrecords, hash uint64, ref zref) {
	s := t.segment(hash)
	for t.segments[s].n >= t.limit() && t.segments[s].depth < zdepthMax {
		t.split(r, s)
		s = t.segment(hash)
	}
	t.put(s, hash, ref)
}

func (t *ztable) put(s uint32, hash uint64, ref zref) {
	run := t.run(s)
	mask := uint32(len(run) - 1)
	t.segments[s].n++
	for at := t.home(s, hash); ; at = (at + 1) & mask {
		g := &run[at]
		for i, have := range g.refs {
			if have == 0 {
				g.refs[i] = ref
				g.setTag(i, hash)
				return
			}
		}
		g.passed++
	}
}

// replace enters another place for a record that moved.
func (t *ztable) replace(hash uint64, old, ref zref) {
	s := t.segment(hash)
	run := t.run(s)
	at, i := t.slot(run, t.home(s, hash), old)
	run[at].refs[i] = ref
}

// remove takes a record out, which is in the table. Its bytes must still be there.
func (t *ztable) remove(r *zrecords, hash uint64, ref zref) {
	s := t.segment(hash)
	run := t.run(s)
	mask := uint32(len(run) - 1)
	home := t.home(s, hash)
	at, i := t.slot(run, home, ref)
	run[at].refs[i] = 0
	for ; home != at; home = (home + 1) & mask {
		run[home].passed--
	}
	t.segments[s].n--
	t.shrink(r, s)
}

// take empties a segment and returns what was in it.
func (t *ztable) take(s uint32, all []zref) []zref {
	run := t.run(s)
	for i := range run {
		for _, ref := range run[i].refs {
			if ref != 0 {
				all = append(all, ref)
			}
		}
	}
	clear(run)
	t.segments[s].n = 0
	return all
}

func (t *ztable) putAll(r *zrecords, all []zref) {
	for _, ref := range all {
		hash := zhash(r.member(ref))
		t.put(t.segment(hash), hash, ref)
	}
}

// zsegmentRefs is room for all records of two segments.
type zsegmentRefs [2 * zsegmentGroups * zgroupSlots]zref

// split makes two segments of one, or, as long as it is the only one and
// small, makes it larger.
func (t *ztable) split(r *zrecords, s uint32) {
	var room zsegmentRefs
	all := t.take(s, room[:0])
	if t.wide < zsegmentBits {
		t.groups.extend(1 << t.wide)
		t.wide++
		t.putAll(r, all)
		return
	}
	old := &t.segments[s]
	if old.depth == t.depth {
		t.double()
	}
	old.depth++
	added := zsegment{depth: old.depth, first: old.first | 1<<(32-old.depth)}
	if t.deepest += 2; old.depth < t.depth {
		t.deepest -= 2
	}
	t.segments = append(t.segments, added)
	t.groups.extend(zsegmentGroups)
	t.point(uint32(len(t.segments) - 1))
	t.putAll(r, all)
}

// double makes the directory one bit deeper.
func (t *ztable) double() {
	dir := make([]uint32, 2*len(t.dir))
	for i, s := range t.dir {
		dir[2*i], dir[2*i+1] = s, s
	}
	t.dir, t.depth, t.deepest = dir, t.depth+1, 0
}

// halve makes the directory one bit shallower; no segment needs that bit.
func (t *ztable) halve() {
	dir := make([]uint32, len(t.dir)/2)
	for i := range dir {
		dir[i] = t.dir[2*i]
	}
	t.dir, t.depth, t.deepest = dir, t.depth-1, 0
	for i := range t.segments {
		if t.segments[i].depth == t.depth {
			t.deepest++
		}
	}
}

// point makes the directory lead to a segment.
func (t *ztable) point(s uint32) {
	seg := &t.segments[s]
	from := hashPrefix(uint64(seg.first)<<32, t.depth)
	for i := range uint64(1) << (t.depth - seg.depth) {
		t.dir[from+i] = s
	}
}

// shrink joins a segment with the other half of the one they were split from
// when both are nearly empty, or makes the only one smaller.
func (t *ztable) shrink(r *zrecords, s uint32) {
	seg := t.segments[s]
	if seg.n > t.limit()/4 {
		return
	}
	var room zsegmentRefs
	if t.depth == 0 {
		if t.wide > zfirstBits {
			all := t.take(s, room[:0])
			t.wide--
			t.groups.cut(1 << t.wide)
			t.putAll(r, all)
		}
		return
	}
	if seg.depth == 0 {
		return
	}
	other := t.dir[hashPrefix(uint64(seg.first^1<<(32-seg.depth))<<32, t.depth)]
	if t.segments[other].depth != seg.depth || seg.n+t.segments[other].n > t.limit()/3 {
		return
	}
	all := t.take(other, t.take(s, room[:0]))
	t.join(min(s, other), max(s, other))
	t.putAll(r, all)
}

// join gives up segment b, and lets a, which has the same parent, take over.
func (t *ztable) join(a, b uint32) {
	seg := &t.segments[a]
	if seg.depth == t.depth {
		t.deepest -= 2
	}
	seg.first &^= 1 << (32 - seg.depth)
	seg.depth--
	t.point(a)
	if last := uint32(len(t.segments) - 1); b != last {
		t.segments[b] = t.segments[last]
		copy(t.run(b), t.run(last))
		t.point(b)
	}
	t.segments = t.segments[:len(t.segments)-1]
	t.groups.cut(zsegmentGroups)
	for t.depth > 0 && t.deepest == 0 {
		t.halve()
	}
}

// scan visits the records whose hash falls into the group that a cursor points
// to, and returns the cursor of the next one, 0 at the end.
func (t *ztable) scan(r *zrecords, cursor uint64, visit func(zref)) uint64 {
	hash := cursor << zcursorSpare
	s := t.segment(hash)
	run := t.run(s)
	mask := uint32(len(run) - 1)
	home := t.home(s, hash)
	for at, left := home, len(run); left > 0; at, left = (at+1)&mask, left-1 {
		g := &run[at]
		for _, ref := range g.refs {
			if ref != 0 && t.home(s, zhash(r.member(ref))) == home {
				visit(ref)
			}
		}
		if g.passed == 0 {
			break
		}
	}
	below := 64 - t.segments[s].depth - t.wide
	return (hash>>below + 1) << below >> zcursorSpare
}

// zcursorSpare is how many low bits of a hash a cursor leaves out. It keeps
// cursors within what clients read as a signed integer.
const zcursorSpare = 16

// size returns the memory the table holds.
func (t *ztable) size() int64 {
	return t.groups.size() + int64(cap(t.dir))*4 + int64(cap(t.segments))*8
}
