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
	t := ztable{groups: newZVector[zgroup](heap, zgroupsShift), wide: zfirstBits, deepest: 1}
	t.dir, t.segments = entered(heap, t.dir, 0), entered(heap, t.segments, zsegment{})
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

// release gives back up to n chunks of the groups, and the directories with the last one.
func (t *ztable) release(n int) int {
	heap := t.groups.heap
	n = t.groups.release(n)
	if len(t.groups.chunks) == 0 {
		dropDirectory(heap, t.dir)
		dropDirectory(heap, t.segments)
		t.dir, t.segments = nil, nil
	}
	return n
}
