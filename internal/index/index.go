// Package index finds the place of an item by the hash of its key. It knows
// hashes and places, not keys: whoever looks something up compares the keys of
// the few places that Candidates yields.
//
// The table is a linear hash (Litwin, 1980) of 64-byte buckets, a cache line
// each: seven slots and a word that links overflow blocks of half that size. It
// lies in address space that was reserved for its largest size, so it grows by
// splitting one bucket at a time into the page behind the last one, and shrinks
// by joining the last bucket to its sibling: no insertion or removal ever pays
// for more than a bucket or two, and nothing moves that they do not concern.
//
// Slots that no item needs hold ghosts: what is remembered of an item that was
// evicted. A ghost gives way to an item, or to a newer ghost, and never makes
// the table grow, so ghosts cost no memory and are bounded by what is free.
//
// An Index belongs to one shard of one database and is used with the shard's
// lock held.
package index

import (
	"math/bits"
	"unsafe"
)

// ShardBits is how many high bits of a hash choose the shard. The tag is made
// of the bits below them, for all keys of one index share the high ones.
const ShardBits = 8

const (
	// slots is the number of slots in a bucket, blockSlots in an overflow block.
	slots      = 7
	blockSlots = 3

	// fill is how many items there are to a bucket when the table grows: more
	// would chain overflow blocks, less would waste slots.
	fill = 6

	// sparse is how many items there are to a bucket when the table shrinks,
	// far enough below fill that a table does not sway between the two.
	sparse = 2.5
)

// bucket is one cache line: the slots and the number of the overflow block that
// continues it, 0 = none. A bucket that is continued has only items in its slots,
// no holes and no ghosts.
type bucket struct {
	slot [slots]uint64
	next uint64
}

// match returns which slots may hold what is wanted, a bit each. It does without branches: which
// slot it is can't be predicted.
func (b *bucket) match(want uint64) uint {
	return uint(fits(b.slot[0], want) | fits(b.slot[1], want)<<1 | fits(b.slot[2], want)<<2 |
		fits(b.slot[3], want)<<3 | fits(b.slot[4], want)<<4 | fits(b.slot[5], want)<<5 | fits(b.slot[6], want)<<6)
}

// block continues a bucket. Its items are packed: only the last block of a chain
// has empty slots, and they are its last ones.
type block struct {
	slot [blockSlots]uint64
	next uint64
}

func (b *block) match(want uint64) uint {
	return uint(fits(b.slot[0], want) | fits(b.slot[1], want)<<1 | fits(b.slot[2], want)<<2)
}

const (
	bucketSize = int(unsafe.Sizeof(bucket{}))
	blockSize  = int(unsafe.Sizeof(block{}))
)

// EntryBytes is what an entry of a large index takes, in bytes: its share of a
// bucket, rounded up.
const EntryBytes = (bucketSize + fill - 1) / fill

// Index maps hashes to places.
//
// What a lookup needs comes first, so that it is in one cache line.
type Index struct {
	base     unsafe.Pointer // of main: the first bucket
	overBase unsafe.Pointer // of over: the first overflow block
	mask     uint64         // of the bits of a hash that number a bucket, if that many are in use
	buckets  int            // in use of main

	items    int
	ghosts   int
	grow     int    // items at which the next bucket is split
	shrink   int    // items below which the last bucket is joined to its sibling
	spare    uint64 // first of the chained free overflow blocks, 0 = none
	spares   int    // how many those are
	overUsed int    // overflow blocks ever taken; number 0 is never used
	main     area
	over     area
	hashOf   func(place uint64) uint64
}

func (ix *Index) start() {
	ix.items, ix.ghosts = 0, 0
	ix.resize(1)
	ix.spare, ix.spares, ix.overUsed = 0, 0, 1
}

// resize notes how many buckets are in use.
func (ix *Index) resize(buckets int) {
	ix.buckets = buckets
	ix.mask = 2<<ix.level() - 1
	ix.grow = int(float64(ix.buckets) * fill)
	ix.shrink = int(float64(ix.buckets) * sparse)
}

// Reset empties the index and gives its memory back.
func (ix *Index) Reset() {
	ix.main.keep(0)
	ix.over.keep(0)
	ix.start()
}

// Len returns the number of items.
func (ix *Index) Len() int { return ix.items }

// Ghosts returns the number of ghosts.
func (ix *Index) Ghosts() int { return ix.ghosts }

// Bytes returns the memory of the index in bytes.
func (ix *Index) Bytes() int { return ix.main.committed + ix.over.committed }

// level is that of the table: it has 1<<level buckets or more, and less than twice that.
func (ix *Index) level() int { return bits.Len(uint(ix.buckets)) - 1 }

// home returns the number of the bucket that hash belongs to.
func (ix *Index) home(hash uint64) int {
	n, split := int(hash&(ix.mask>>1)), int(hash&ix.mask)
	if split < ix.buckets { // a conditional move: it can't be predicted
		n = split
	}
	return n
}

func (ix *Index) bucket(n int) *bucket {
	return (*bucket)(unsafe.Add(ix.base, n*bucketSize))
}

func (ix *Index) block(n uint64) *block {
	return (*block)(unsafe.Add(ix.overBase, int(n)*blockSize))
}

// Candidates are the entries of one bucket, or of one block behind it, whose tags fit a hash. The
// walk through them is written with values of three words, which stay in registers:
//
//	for c, ok := ix.Candidates(hash), true; ok; c, ok = ix.Behind(c, hash) {
//		for ; c.Any(); c = c.Rest() {
//			... c.First() ...
type Candidates struct {
	at    unsafe.Pointer // first slot of the bucket or block
	slots int            // how many it has; the word that links the next follows
	match uint           // which of them fit, a bit each
}

// Candidates returns those in the bucket of hash.
func (ix *Index) Candidates(hash uint64) Candidates {
	b := ix.bucket(ix.home(hash))
	return Candidates{unsafe.Pointer(b), slots, b.match(wanted(hash))}
}

// Any reports whether there are any.
func (c Candidates) Any() bool { return c.match != 0 }

// First returns the first. There is one.
func (c Candidates) First() Slot { return Slot{(*uint64)(unsafe.Add(c.at, trailing(c.match)*8))} }

// Rest returns all but the first.
func (c Candidates) Rest() Candidates {
	c.match &= c.match - 1
	return c
}

// Behind returns those of the block that follows, false if there is none.
func (ix *Index) Behind(c Candidates, hash uint64) (Candidates, bool) {
	next := *(*uint64)(unsafe.Add(c.at, c.slots*8))
	if next == 0 {
		return Candidates{}, false
	}
	b := ix.block(next)
	return Candidates{unsafe.Pointer(b), blockSlots, b.match(wanted(hash))}, true
}

// Insert adds an entry for an item that is not in the index, with its use.
func (ix *Index) Insert(hash, place uint64, expires bool, use uint16) {
	if ix.main.committed == 0 {
		ix.main.reach(bucketSize)
	}
	if ix.items >= ix.grow {
		ix.split()
	}
	ix.add(ix.bucket(ix.home(hash)), entry(hash, place, expires, use))
	ix.items++
}

// add puts an item's entry into the chain of b, in the place of a ghost if
// there is no empty slot.
func (ix *Index) add(b *bucket, w uint64) {
	if b.next != 0 {
		ix.chain(&b.next, w)
		return
	}
	ghost := -1
	for i, had := range &b.slot {
		if had == 0 {
			b.slot[i] = w
			return
		}
		if isGhost(had) {
			ghost = i
		}
	}
	if ghost >= 0 {
		b.slot[ghost] = w
		ix.ghosts--
		return
	}
	ix.chain(&b.next, w)
}

// Remove takes the entry out. hash is that of its key.
func (ix *Index) Remove(hash uint64, s Slot) {
	ix.remove(ix.bucket(ix.home(hash)), s)
	if ix.items--; ix.items < ix.shrink {
		ix.join()
	}
}

func (ix *Index) remove(b *bucket, s Slot) {
	if b.next == 0 {
		*s.word = 0
		return
	}
	// The last entry of the chain fills the hole.
	link := &b.next
	o := ix.block(*link)
	for o.next != 0 {
		link = &o.next
		o = ix.block(*link)
	}
	last := blockSlots - 1
	for o.slot[last] == 0 {
		last--
	}
	*s.word = o.slot[last]
	o.slot[last] = 0
	if last == 0 {
		ix.giveBlock(*link)
		*link = 0
	}
}
