package object

import (
	"encoding/binary"
	"hash/maphash"
	"math/bits"
	"unsafe"
)

// Table is the hash table of large sets and hashes: open addressing over groups
// of eight slots, a byte of the hash and a reference to an entry each, so that a
// lookup touches one line of the table and the entry itself.
//
// It grows and shrinks with two tables side by side, of which the old one is
// moved over a few groups with each write; entries of which too many are dead
// are compacted likewise.
type Table struct {
	grid   grid // what is inserted goes here
	old    grid // while it is being moved, else none
	moved  int  // groups of old that are done
	n      int
	values bool // the entries have values
	arena  entryArena

	// Listed is the owner's, to remember that it knows of entries that expire.
	Listed bool

	expiry expiry
	due    []string // see DropExpired
}

// grid is one table of groups:
//
//	tags  8 bytes: 0 = empty, 1 = deleted, else 0x80 and seven bits of the hash
//	refs  8 times 4 bytes
type grid struct {
	b      []byte
	groups int // a power of two, 0 = no grid
	used   int // slots that are not empty, deleted ones included
}

const (
	groupSlots = 8
	groupBytes = groupSlots * 5

	tagEmpty   = 0
	tagDeleted = 1
	tagMark    = 0x80

	lowBits  = 0x0101010101010101
	highBits = 0x8080808080808080
)

// moveGroups is how many groups a write moves from the old grid: enough to be
// done long before the new one is full.
const moveGroups = 4

// cleanEntries is how many entries a write looks at in a chunk that is emptied.
const cleanEntries = 8

var hashSeed = maphash.MakeSeed()

func hashOf(key []byte) uint64 { return maphash.Bytes(hashSeed, key) }

// NewTable makes an empty table for about n entries, with values or without.
func NewTable(heap *Heap, n int, values bool) *Table {
	t := &Table{values: values, arena: entryArena{heap: heap, now: noChunk}}
	t.grid = newGrid(heap, groupsFor(n))
	return t
}

// groupsFor returns how many groups n entries and some more need.
func groupsFor(n int) int {
	groups := 1
	for groups*groupSlots*7/8 < n+n/8 {
		groups *= 2
	}
	return groups
}

func newGrid(heap *Heap, groups int) grid {
	return grid{b: heap.Zeroed(groups * groupBytes), groups: groups}
}

func (g *grid) tags(i int) uint64 { return binary.LittleEndian.Uint64(g.b[i*groupBytes:]) }

func (g *grid) tag(i, slot int) *byte { return &g.b[i*groupBytes+slot] }

func (g *grid) ref(i, slot int) *uint32 {
	return (*uint32)(unsafe.Pointer(&g.b[i*groupBytes+groupSlots+4*slot]))
}

// home returns the group in which the search for a hash begins.
func (g *grid) home(hash uint64) int { return int(hash>>7) & (g.groups - 1) }

func tagOf(hash uint64) byte { return byte(hash&0x7f) | tagMark }

// matches returns a word in which the high bit of each byte of tags that may
// equal tag is set; the first of them always does or none.
func matches(tags uint64, tag byte) uint64 {
	x := tags ^ lowBits*uint64(tag)
	return (x - lowBits) &^ x & highBits
}

// empties is matches for empty slots.
func empties(tags uint64) uint64 { return (tags - lowBits) &^ tags & highBits }

// Len returns the number of entries, those whose time is over included.
func (t *Table) Len() int { return t.n }

// Bytes implements Object.
func (t *Table) Bytes() int64 {
	return int64(unsafe.Sizeof(*t)) + t.arena.held() + int64(cap(t.grid.b)+cap(t.old.b))
}

// Full reports whether the table may take no more entries.
func (t *Table) Full() bool { return t.arena.full() }

// Release implements Object.
func (t *Table) Release(n int) bool {
	for i := len(t.arena.chunks) - 1; i >= 0 && n > 0; i-- {
		if c := &t.arena.chunks[i]; c.b != nil {
			t.arena.bytes -= int64(cap(c.b))
			t.arena.heap.Free(c.b)
			n--
		}
		t.arena.chunks = t.arena.chunks[:i]
	}
	if len(t.arena.chunks) > 0 {
		return false
	}
	t.arena.release()
	for _, g := range []*grid{&t.old, &t.grid} {
		if g.b != nil {
			t.arena.heap.Free(g.b)
			*g = grid{}
		}
	}
	return true
}

// spot is where an entry is referred to.
type spot struct {
	g       *grid
	i, slot int
	ref     uint32
	entry   Entry
}

// find looks a key up.
func (t *Table) find(key []byte, hash uint64) (s spot, ok bool) {
	g := &t.grid
	at, ref := t.search(g, key, tagOf(hash), g.home(hash), 0)
	if at < 0 && t.old.groups > 0 {
		// The search never enters the groups that are done: they lie before moved.
		g = &t.old
		at, ref = t.search(g, key, tagOf(hash), max(g.home(hash), t.moved), t.moved)
	}
	if at < 0 {
		return s, false
	}
	return spot{g: g, i: at / groupSlots, slot: at % groupSlots, ref: ref, entry: t.arena.at(ref)}, true
}

// search looks for a key among the groups of a grid from first on, starting at
// group i, and returns its slot, counted over all groups, and what it refers to;
// -1 for none.
func (t *Table) search(g *grid, key []byte, tag byte, i, first int) (at int, ref uint32) {
	for k := first; k < g.groups; k++ {
		tags := g.tags(i)
		for m := matches(tags, tag); m != 0; m &= m - 1 {
			slot := bits.TrailingZeros64(m) / 8
			if ref := *g.ref(i, slot); *g.tag(i, slot) == tag && t.arena.at(ref).is(key) {
				return i*groupSlots + slot, ref
			}
		}
		if empties(tags) != 0 {
			break
		}
		if i++; i == g.groups {
			i = first
		}
	}
	return -1, 0
}

// Find returns the entry of a key.
func (t *Table) Find(key []byte) (Entry, bool) {
	hash := hashOf(key)
	at, ref := t.search(&t.grid, key, tagOf(hash), t.grid.home(hash), 0)
	if at >= 0 {
		return t.arena.at(ref), true
	}
	if t.old.groups == 0 {
		return Entry{}, false
	}
	s, ok := t.find(key, hash)
	return s.entry, ok
}

// insert refers to an entry that is not in the table.
func (g *grid) insert(hash uint64, ref uint32) {
	for i := g.home(hash); ; i = (i + 1) & (g.groups - 1) {
		free := ^g.tags(i) & highBits
		if free == 0 {
			continue
		}
		slot := bits.TrailingZeros64(free) / 8
		if *g.tag(i, slot) == tagEmpty {
			g.used++
		}
		*g.tag(i, slot) = tagOf(hash)
		*g.ref(i, slot) = ref
		return
	}
}

// remove forgets what is at a place. A group that has an empty slot ends every
// search, so no mark has to be left in it.
func (g *grid) remove(i, slot int) {
	if empties(g.tags(i)) != 0 {
		*g.tag(i, slot) = tagEmpty
		g.used--
		return
	}
	*g.tag(i, slot) = tagDeleted
}

// Add puts a member into a set and reports whether it was not there.
func (t *Table) Add(key []byte) bool {
	hash := hashOf(key)
	if _, ok := t.find(key, hash); ok {
		return false
	}
	t.add(hash, content{key: key, hasValue: t.values})
	t.tidy()
	return true
}

// Set gives a field a value and an expiry (0 = none), and reports whether the
// field is new. The value must not be memory of the table.
func (t *Table) Set(key, value []byte, expireAt int64) bool {
	hash := hashOf(key)
	c := content{key, value, true, expireAt}
	s, ok := t.find(key, hash)
	if !ok {
		t.add(hash, c)
		t.tidy()
		return true
	}
	t.expiry.note(s.entry.ExpireAt(), expireAt)
	if c.size() == s.entry.size() {
		c.key = s.entry.Key()
		c.rewrite(s.entry)
		return false
	}
	ref, b := t.arena.place(c.size())
	c.put(b)
	*s.g.ref(s.i, s.slot) = ref
	t.arena.kill(s.ref)
	t.tidy()
	return false
}

// rewrite is put for an entry of the same key that takes as many bytes. The key
// moves when a length takes another number of bytes.
func (c *content) rewrite(e Entry) {
	if len(c.value) == len(e.Value()) && (c.expireAt != 0) == (e.ExpireAt() != 0) {
		copy(e.Value(), c.value)
		if c.expireAt != 0 {
			e.setExpireAt(c.expireAt)
		}
		return
	}
	var room [256]byte
	c.key = append(room[:0], c.key...)
	c.put(e.b)
}

// add refers to a new entry made of c.
func (t *Table) add(hash uint64, c content) {
	ref, b := t.arena.place(c.size())
	c.put(b)
	if t.grid.used >= t.grid.groups*groupSlots*7/8 {
		t.resize()
	}
	t.grid.insert(hash, ref)
	t.n++
	t.expiry.note(0, c.expireAt)
}

// Delete removes a key and reports whether it was there.
func (t *Table) Delete(key []byte) bool {
	s, ok := t.find(key, hashOf(key))
	if ok {
		t.delete(s)
	}
	return ok
}

func (t *Table) delete(s spot) {
	t.expiry.note(s.entry.ExpireAt(), 0)
	s.g.remove(s.i, s.slot)
	t.arena.kill(s.ref)
	t.n--
	if slots := t.grid.groups * groupSlots; slots > 64 && t.n < slots/8 && t.old.groups == 0 {
		t.resize()
	}
	t.tidy()
}

// tidy does the share of a write in moving and compacting.
func (t *Table) tidy() {
	if t.old.groups > 0 {
		t.move(moveGroups)
	}
	if t.arena.emptying || t.arena.wasteful() {
		t.clean()
	}
}

// resize begins to move to a grid of the right size.
func (t *Table) resize() {
	if t.old.groups > 0 {
		t.move(t.old.groups)
	}
	t.old, t.moved = t.grid, 0
	t.grid = newGrid(t.arena.heap, groupsFor(t.n+t.n/4))
}

// move moves n groups of the old grid.
func (t *Table) move(n int) {
	for ; n > 0 && t.moved < t.old.groups; n-- {
		for slot := range groupSlots {
			if *t.old.tag(t.moved, slot)&tagMark == 0 {
				continue
			}
			ref := *t.old.ref(t.moved, slot)
			t.grid.insert(hashOf(t.arena.at(ref).Key()), ref)
		}
		t.moved++
	}
	if t.moved == t.old.groups {
		t.arena.heap.Free(t.old.b)
		t.old, t.moved = grid{}, 0
	}
}

// clean moves some live entries out of a chunk that is mostly dead.
func (t *Table) clean() {
	a := &t.arena
	if !a.emptying && !a.choose() {
		return
	}
	for range cleanEntries {
		// The chunk goes with its last live entry.
		if !a.emptying {
			return
		}
		c := &a.chunks[a.victim]
		if a.emptied >= len(c.b) {
			a.emptying = false
			return
		}
		e := Entry{c.b[a.emptied:]}
		size := e.size()
		ref := a.victim<<offsetBits | uint32(a.emptied/entryAlign)
		a.emptied += size
		if !e.dead() {
			t.relocate(e, ref, size)
		}
	}
}

func (t *Table) relocate(e Entry, ref uint32, size int) {
	s, ok := t.find(e.Key(), hashOf(e.Key()))
	if !ok || s.ref != ref {
		panic("object: an entry that is not dead is not in its table")
	}
	to, b := t.arena.place(size)
	copy(b, e.b[:size])
	*s.g.ref(s.i, s.slot) = to
	t.arena.kill(ref)
}
