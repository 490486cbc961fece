package object

import (
	"encoding/binary"
	"math"
)

// zrecords keeps the members of a large sorted set with their scores, as
// records laid one after another in chunks of bytes:
//
//	score     8 bytes; a NaN marks a hole: its low half is the next hole of that size
//	length    1 byte, or 255 and 4 bytes more
//	member, padding to zrecordAlign
//
// A record is referred to by its place (a zref). Holes are filled by the next
// record of their size. When more than half of the bytes are holes, chunks that
// are mostly empty are emptied record by record: evacuate tells which record is
// next, and the set moves it, since it alone knows who refers to it.
type zrecords struct {
	heap   *Heap
	chunks []zchunk
	spare  []uint32 // numbers of chunks that were given up
	fill   uint32   // the chunk that new records go to
	holes  [zholeClasses]zref
	live   int64 // bytes of records
	size   int64 // bytes of chunks

	victim   uint32 // the chunk being emptied, or noZChunk
	victimAt uint32 // the next record of it to look at, bytes
	search   uint32 // where the search for a victim goes on
}

// zref is the place of a record: its chunk and its offset there in zrecordAlign.
// 0 is no place.
type zref uint32

// zchunk is a piece of memory for records; buf is as long as it is filled.
type zchunk struct {
	buf  []byte
	live int // bytes of records in it
}

const (
	zrecordAlign  = 4
	zrecordScore  = 8
	zrecordHead   = zrecordScore + 1
	zlongLength   = 255 // the length byte of a member that long or longer
	zrefShift     = 14  // bits of a ref that are the offset
	zrecordChunk  = zrecordAlign << zrefShift
	zchunksMax    = 1 << (32 - zrefShift)
	zchunksSpare  = 8 // of them are kept for emptying others
	noZChunk      = math.MaxUint32
	zchunkFirst   = 1 << 10 // bytes of the smallest chunk
	zchunkHead    = zrecordAlign
	zholeClasses  = 256 / zrecordAlign
	zholeMark     = 0x7ff8 << 48
	zholeMarkMask = 0x7ff8 << 48
)

func newZRecords(heap *Heap) *zrecords {
	r := &zrecords{heap: heap, victim: noZChunk}
	r.open(zchunkFirst)
	return r
}

// zrecordSize is what a record with a member of n bytes takes.
func zrecordSize(n int) int {
	head := zrecordHead
	if n >= zlongLength {
		head += 4
	}
	return (head + n + zrecordAlign - 1) &^ (zrecordAlign - 1)
}

// open adds a chunk of size bytes and makes it the one to fill.
func (r *zrecords) open(size int) {
	c := zchunk{buf: r.heap.Alloc(size)[:zchunkHead]}
	if k := len(r.spare); k > 0 {
		r.fill, r.spare = r.spare[k-1], r.spare[:k-1]
		r.chunks[r.fill] = c
	} else {
		r.fill = uint32(len(r.chunks))
		r.chunks = entered(r.heap, r.chunks, c)
	}
	r.size += int64(cap(c.buf))
}

func (r *zrecords) at(ref zref) []byte {
	return r.chunks[ref>>zrefShift].buf[ref&(1<<zrefShift-1)*zrecordAlign:]
}

// member returns the bytes of a record's member, which lie in its chunk.
func (r *zrecords) member(ref zref) []byte {
	b := r.at(ref)
	n := int(b[zrecordScore])
	if n < zlongLength {
		return b[zrecordHead : zrecordHead+n]
	}
	n = int(binary.LittleEndian.Uint32(b[zrecordHead:]))
	return b[zrecordHead+4 : zrecordHead+4+n]
}

func (r *zrecords) score(ref zref) float64 {
	return math.Float64frombits(binary.LittleEndian.Uint64(r.at(ref)))
}

func (r *zrecords) setScore(ref zref, score float64) {
	binary.LittleEndian.PutUint64(r.at(ref), math.Float64bits(score))
}

// fits reports whether a record for a member of n bytes can be added: refs
// reach 16 GiB.
func (r *zrecords) fits(n int) bool {
	return len(r.chunks)-len(r.spare) < zchunksMax-zchunksSpare && uint64(n) < math.MaxUint32
}

// add makes a record. The caller has asked fits.
func (r *zrecords) add(member []byte, score float64) zref {
	size := zrecordSize(len(member))
	ref := r.place(size)
	r.live += int64(size)
	r.chunks[ref>>zrefShift].live += size
	b := r.at(ref)
	binary.LittleEndian.PutUint64(b, math.Float64bits(score))
	if n := len(member); n < zlongLength {
		b[zrecordScore] = byte(n)
		copy(b[zrecordHead:], member)
	} else {
		b[zrecordScore] = zlongLength
		binary.LittleEndian.PutUint32(b[zrecordHead:], uint32(n))
		copy(b[zrecordHead+4:], member)
	}
	return ref
}

// place finds size bytes for a record.
func (r *zrecords) place(size int) zref {
	if class := size / zrecordAlign; class < zholeClasses && r.holes[class] != 0 {
		ref := r.holes[class]
		r.holes[class] = zref(binary.LittleEndian.Uint32(r.at(ref)))
		return ref
	}
	if size > zrecordChunk-zchunkHead {
		return r.placeAlone(size)
	}
	c := &r.chunks[r.fill]
	if len(c.buf)+size > cap(c.buf) {
		c = r.room(size)
	}
	at := len(c.buf)
	c.buf = c.buf[:at+size]
	return zref(r.fill<<zrefShift | uint32(at/zrecordAlign))
}

// placeAlone gives a record that is larger than a chunk one of its own.
func (r *zrecords) placeAlone(size int) zref {
	fill := r.fill
	r.open(zchunkHead + size)
	alone := r.fill
	r.fill = fill
	r.chunks[alone].buf = r.chunks[alone].buf[:zchunkHead+size]
	return zref(alone<<zrefShift | zchunkHead/zrecordAlign)
}

// room returns a chunk to fill that has size bytes left: the current one, made
// larger as long as it is small, or a new one.
func (r *zrecords) room(size int) *zchunk {
	c := &r.chunks[r.fill]
	if have := cap(c.buf); have < zrecordChunk {
		grown := min(max(have+have/4, len(c.buf)+size), zrecordChunk)
		if len(c.buf)+size <= grown {
			n := len(c.buf)
			c.buf = r.heap.Realloc(c.buf, grown)[:n]
			r.size += int64(cap(c.buf) - have)
			return c
		}
	}
	r.open(zrecordChunk)
	return &r.chunks[r.fill]
}

// remove makes a record a hole.
func (r *zrecords) remove(ref zref) {
	size := zrecordSize(len(r.member(ref)))
	n := uint32(ref >> zrefShift)
	c := &r.chunks[n]
	c.live -= size
	r.live -= int64(size)
	if size > zrecordChunk-zchunkHead {
		r.drop(n)
		return
	}
	next := zref(0)
	if class := size / zrecordAlign; class < zholeClasses && n != r.victim {
		next, r.holes[class] = r.holes[class], ref
	}
	binary.LittleEndian.PutUint64(r.at(ref), zholeMark|uint64(next))
}

// drop gives up a chunk.
func (r *zrecords) drop(n uint32) {
	r.size -= int64(cap(r.chunks[n].buf))
	r.heap.Free(r.chunks[n].buf)
	r.chunks[n] = zchunk{}
	r.spare = entered(r.heap, r.spare, n)
}

func (r *zrecords) emptying() bool { return r.victim != noZChunk }

// sparse reports whether so much is empty that chunks should be given back.
func (r *zrecords) sparse() bool { return r.size > zchunkFirst && r.live < r.size/2 }

// begin chooses a chunk to empty and reports whether there is one worth it.
// Holes are forgotten, since some lie in it; those elsewhere will be seen when
// their chunk's turn comes.
func (r *zrecords) begin() bool {
	count := uint32(len(r.chunks))
	for range min(count, zvictimSearch) {
		n := r.search % count
		r.search++
		c := &r.chunks[n]
		if n == r.fill || cap(c.buf) == 0 || cap(c.buf) > zrecordChunk || c.live*2 > cap(c.buf) {
			continue
		}
		r.choose(n)
		return true
	}
	// The chunk that is filled has to go too when it is what is sparse.
	if c := &r.chunks[r.fill]; c.live*4 < cap(c.buf) && cap(c.buf) > zchunkFirst {
		n := r.fill
		r.open(min(max(c.live*2, zchunkFirst), zrecordChunk))
		r.choose(n)
		return true
	}
	return false
}

// zvictimSearch is how many chunks are looked at to find one to empty.
const zvictimSearch = 64

func (r *zrecords) choose(n uint32) {
	r.victim, r.victimAt = n, zchunkHead
	r.holes = [zholeClasses]zref{}
}

// evacuate returns the next record to move out of the chunk that is being
// emptied; ok is false when it is empty and was given up. It looks at several
// records at most, and returns 0 if all were holes.
func (r *zrecords) evacuate() (ref zref, ok bool) {
	c := &r.chunks[r.victim]
	for range zholesPerStep {
		if c.live == 0 || int(r.victimAt) >= len(c.buf) {
			r.drop(r.victim)
			r.victim = noZChunk
			return 0, false
		}
		ref = zref(r.victim<<zrefShift | r.victimAt/zrecordAlign)
		r.victimAt += uint32(zrecordSize(len(r.member(ref))))
		if bits := binary.LittleEndian.Uint64(r.at(ref)); bits&zholeMarkMask != zholeMarkMask {
			return ref, true
		}
	}
	return 0, true
}

// zholesPerStep is how many holes evacuate passes over at once.
const zholesPerStep = 16

// release gives back up to n chunks, the last first, and returns how many of n
// are left to be given back elsewhere.
func (r *zrecords) release(n int) int {
	for ; n > 0 && len(r.chunks) > 0; n-- {
		last := len(r.chunks) - 1
		if b := r.chunks[last].buf; b != nil {
			r.size -= int64(cap(b))
			r.heap.Free(b)
		}
		r.chunks = r.chunks[:last]
	}
	if len(r.chunks) == 0 {
		dropDirectory(r.heap, r.chunks)
		dropDirectory(r.heap, r.spare)
		r.chunks, r.spare = nil, nil
	}
	return n
}
