// Package index finds the place of an item by the hash of its key. It knows
// hashes and places, not keys: whoever looks something up compares the keys of
// the few places a Probe yields.
//
// The table is a linear hash (Litwin, 1980) of 64-byte buckets, a cache line
// each: seven slots and a word that links overflow buckets. It lies in address
// space that was reserved for its largest size, so it grows by splitting one
// bucket at a time into the page behind the last one: no insertion ever pays
// for more than one split, and nothing moves that a split does not concern.
//
// An Index belongs to one shard of one database and is used with the shard's
// lock held.
package index

import (
	"fmt"
	"math/bits"
	"unsafe"

	"github.com/crucible-cache/crucible/internal/offheap"
)

// A slot is one word: tag 11 bits | expiring 1 | frequency 8 | place 44. An
// empty slot is zero; place zero is nowhere.
const (
	placeBits = 44
	placeMask = 1<<placeBits - 1
	freqShift = placeBits
	freqMask  = 0xff << freqShift
	expiring  = 1 << (freqShift + 8)
	tagShift  = freqShift + 9
	tagMask   = (1<<(64-tagShift) - 1) << tagShift
)

// ShardBits is how many high bits of a hash choose the shard. The tag is made
// of the bits below them, for all keys of one index share the high ones.
const ShardBits = 8

// slots is the number of slots in a bucket.
const slots = 7

// fill is how many items there are to a bucket when the table grows: more
// would chain overflow buckets, less would waste slots.
const fill = 5.75

// bucket is one cache line: the slots and the number of the overflow bucket
// that continues it, 0 = none.
type bucket struct {
	slot [slots]uint64
	next uint64
}

const bucketSize = int(unsafe.Sizeof(bucket{}))

// Index maps hashes to places.
type Index struct {
	main, over area
	buckets    int // in use of main
	level      uint
	items      int
	grow       int    // items at which the next bucket is split
	spare      uint64 // first of the chained free overflow buckets, 0 = none
	overUsed   int    // overflow buckets ever taken; number 0 is never used
	hashOf     func(place uint64) uint64
}

// area is the part of a region that one index has for one kind of bucket.
type area struct {
	region    *offheap.Region
	off, size int
	committed int
}

func (a *area) bucket(n int) *bucket {
	return (*bucket)(unsafe.Add(a.region.Base(), a.off+n*bucketSize))
}

// reach makes sure that bucket n may be used.
func (a *area) reach(n int) {
	end := (n + 1) * bucketSize
	if end <= a.committed {
		return
	}
	if end > a.size {
		panic(fmt.Sprintf("index: %d buckets do not fit the %d bytes reserved", n+1, a.size))
	}
	step := offheap.RoundPage(end) - a.committed
	a.region.Commit(step)
	a.committed += step
}

func (a *area) reset() {
	if a.committed > 0 {
		a.region.Release(a.off, a.committed)
		a.committed = 0
	}
}

// Space is the reserved address space of the indexes of all shards.
type Space struct {
	region *offheap.Region
	each   int
}

// NewSpace reserves space for shards indexes that may grow to ceiling bytes
// together, skewed as hashing skews them.
func NewSpace(shards int, ceiling int64) (*Space, error) {
	each := offheap.RoundPage(int(ceiling)/shards) * 2
	region, err := offheap.Reserve(offheap.Index, each*shards)
	if err != nil {
		return nil, err
	}
	return &Space{region: region, each: each}, nil
}

// Close unmaps the space; all its indexes must have been reset.
func (s *Space) Close() { s.region.Close(0) }

// Index returns the empty index of a shard. hashOf returns the hash of the key
// that lies at a place; it is asked when a bucket is split.
func (s *Space) Index(shard int, hashOf func(place uint64) uint64) *Index {
	half := offheap.RoundPage(s.each / 2)
	ix := &Index{
		main:   area{region: s.region, off: shard * s.each, size: half},
		over:   area{region: s.region, off: shard*s.each + half, size: s.each - half},
		hashOf: hashOf,
	}
	ix.start()
	return ix
}

func (ix *Index) start() {
	ix.buckets, ix.level, ix.items, ix.spare, ix.overUsed = 1, 0, 0, 0, 1
	ix.setGrow()
}

func (ix *Index) setGrow() { ix.grow = int(float64(ix.buckets) * fill) }

// Reset empties the index and gives its memory back.
func (ix *Index) Reset() {
	ix.main.reset()
	ix.over.reset()
	ix.start()
}

// Len returns the number of items.
func (ix *Index) Len() int { return ix.items }

func tagOf(hash uint64) uint64 { return hash << ShardBits & tagMask }

// home returns the number of the bucket that hash belongs to.
func (ix *Index) home(hash uint64) int {
	n := int(hash & (2<<ix.level - 1))
	if n >= ix.buckets {
		n = int(hash & (1<<ix.level - 1))
	}
	return n
}

// Slot is the place in the index that an item's entry has. It is valid until
// the next insertion or removal.
type Slot struct{ word *uint64 }

// Place returns where the item is.
func (s Slot) Place() uint64 { return *s.word & placeMask }

// Expiring reports whether the item has a time to live.
func (s Slot) Expiring() bool { return *s.word&expiring != 0 }

// Frequency returns how often the item was used, on a logarithmic scale.
func (s Slot) Frequency() uint8 { return uint8(*s.word >> freqShift) }

// SetPlace moves the entry to another place; tag and frequency stay.
func (s Slot) SetPlace(place uint64, expires bool) {
	w := *s.word&^(placeMask|expiring) | place
	if expires {
		w |= expiring
	}
	*s.word = w
}

// SetFrequency sets the frequency.
func (s Slot) SetFrequency(f uint8) {
	*s.word = *s.word&^freqMask | uint64(f)<<freqShift
}

// Probe walks the entries that may belong to a hash.
type Probe struct {
	ix  *Index
	b   *bucket
	tag uint64
	i   int
}

// Probe starts a walk. Call Next until it reports false or the key was found.
func (ix *Index) Probe(hash uint64) Probe {
	if ix.main.committed == 0 {
		return Probe{}
	}
	return Probe{ix: ix, b: ix.main.bucket(ix.home(hash)), tag: tagOf(hash)}
}

// Next returns the next entry whose tag fits.
func (p *Probe) Next() (Slot, bool) {
	for p.b != nil {
		for p.i < slots {
			w := &p.b.slot[p.i]
			p.i++
			if *w&tagMask == p.tag && *w&placeMask != 0 {
				return Slot{w}, true
			}
		}
		p.b, p.i = p.ix.follow(p.b), 0
	}
	return Slot{}, false
}

func (ix *Index) follow(b *bucket) *bucket {
	if b.next == 0 {
		return nil
	}
	return ix.over.bucket(int(b.next))
}

// Insert adds an entry for an item that is not in the index.
func (ix *Index) Insert(hash, place uint64, expires bool) {
	if ix.main.committed == 0 {
		ix.main.reach(0)
	}
	if ix.items++; ix.items > ix.grow {
		ix.split()
	}
	w := tagOf(hash) | place
	if expires {
		w |= expiring
	}
	ix.add(ix.main.bucket(ix.home(hash)), w)
}

// add puts a word into the chain of b. Chains are packed: only the last bucket
// has empty slots, and they are its last ones.
func (ix *Index) add(b *bucket, w uint64) {
	for b.next != 0 {
		b = ix.over.bucket(int(b.next))
	}
	for i := range b.slot {
		if b.slot[i] == 0 {
			b.slot[i] = w
			return
		}
	}
	b.next = ix.takeOver()
	ix.over.bucket(int(b.next)).slot[0] = w
}

func (ix *Index) takeOver() uint64 {
	if n := ix.spare; n != 0 {
		b := ix.over.bucket(int(n))
		ix.spare, b.next = b.next, 0
		return n
	}
	n := ix.overUsed
	ix.over.reach(n)
	ix.overUsed++
	return uint64(n)
}

func (ix *Index) giveOver(n uint64) {
	b := ix.over.bucket(int(n))
	*b = bucket{next: ix.spare}
	ix.spare = n
}

// Remove takes the entry out. hash is that of its key.
func (ix *Index) Remove(hash uint64, s Slot) {
	b := ix.main.bucket(ix.home(hash))
	var before *bucket
	for b.next != 0 {
		before, b = b, ix.over.bucket(int(b.next))
	}
	last := slots - 1
	for b.slot[last] == 0 {
		last--
	}
	*s.word = b.slot[last]
	b.slot[last] = 0
	if last == 0 && before != nil {
		ix.giveOver(before.next)
		before.next = 0
	}
	ix.items--
}

// split divides the next bucket in line between itself and a new one.
func (ix *Index) split() {
	from := ix.buckets - 1<<ix.level
	to := ix.buckets
	ix.main.reach(to)
	ix.buckets++
	if ix.buckets == 2<<ix.level {
		ix.level++
	}
	ix.setGrow()

	var words [8 * slots]uint64
	all := ix.unchain(from, words[:0])
	low, high := ix.main.bucket(from), ix.main.bucket(to)
	for _, w := range all {
		if ix.home(ix.hashOf(w&placeMask)) == to {
			ix.add(high, w)
		} else {
			ix.add(low, w)
		}
	}
}

// unchain empties bucket n and its overflow buckets and returns what they held.
func (ix *Index) unchain(n int, words []uint64) []uint64 {
	b := ix.main.bucket(n)
	next := b.next
	words = append(words, b.slot[:]...)
	*b = bucket{}
	for next != 0 {
		b = ix.over.bucket(int(next))
		words = append(words, b.slot[:]...)
		after := b.next
		ix.giveOver(next)
		next = after
	}
	for len(words) > 0 && words[len(words)-1] == 0 {
		words = words[:len(words)-1]
	}
	return words
}

// cursorBits is how many bits of a hash the order of a scan looks at.
const cursorBits = 40

// ScanEnd is the position behind the last bucket.
const ScanEnd = 1 << cursorBits

// Scan visits the bucket at position pos and returns the position of the next,
// ScanEnd after the last. Positions are hashes read backwards, lowest bit first:
// a bucket and the two that it is split into cover the same range of them, so
// an item that is there throughout a walk from 0 to ScanEnd is visited,
// whatever is split meanwhile. visit must not change the index; it may collect.
func (ix *Index) Scan(pos uint64, visit func(Slot)) uint64 {
	if ix.items == 0 || pos >= ScanEnd {
		return ScanEnd
	}
	n := ix.home(reverse(pos))
	for b := ix.main.bucket(n); b != nil; b = ix.follow(b) {
		for i := range b.slot {
			if b.slot[i] != 0 {
				visit(Slot{&b.slot[i]})
			}
		}
	}
	width := uint64(ScanEnd) >> ix.depth(n)
	return pos&^(width-1) + width
}

// depth returns how many bits of a hash lead to bucket n.
func (ix *Index) depth(n int) uint {
	if n >= 1<<ix.level || n < ix.buckets-1<<ix.level {
		return ix.level + 1
	}
	return ix.level
}

func reverse(pos uint64) uint64 { return bits.Reverse64(pos) >> (64 - cursorBits) }
