package object

import (
	"encoding/binary"
	"unsafe"
)

// entryArena is where the entries of a table lie: chunks that are filled one
// after another. What is dead in them is counted by chunk; a chunk without
// live entries goes back to the heap, and one with few is emptied by its table.
type entryArena struct {
	heap   *Heap
	chunks []chunk  // by number; the free ones have no memory
	places []byte   // where in the heap each chunk lies, for who looks ahead: a power of two, 8 bytes each
	spare  []uint32 // numbers of free chunks
	now    uint32   // the chunk that is appended to, or noChunk
	live   int      // bytes of live entries
	dead   int      // bytes of dead ones
	bytes  int64    // of all blocks

	// The chunk that is being emptied, how far in bytes, and whether there is one.
	victim   uint32
	emptied  int
	emptying bool
}

// chunk is a block; the length is how much of it is written.
type chunk struct {
	b    []byte
	live int
}

const (
	chunkBytesMax = 64 << 10
	chunkBytesMin = 512

	// A reference to an entry is the number of its chunk and its offset.
	offsetBits = 14
	offsetMask = 1<<offsetBits - 1

	// chunksMax bounds a table: 16 GiB of entries.
	chunksMax = 1 << (32 - offsetBits)

	// placeBytes is the size of a chunk's place.
	placeBytes = 8
	noChunk    = 1<<32 - 1
)

const chunkStruct = int64(unsafe.Sizeof(chunk{}))

func (a *entryArena) at(ref uint32) Entry {
	return Entry{a.chunks[ref>>offsetBits].b[int(ref&offsetMask)*entryAlign:]}
}

// place returns room for an entry of size bytes and its reference.
func (a *entryArena) place(size int) (ref uint32, b []byte) {
	if size > chunkBytesMax/2 {
		num := a.open(size)
		a.chunks[num].b = a.chunks[num].b[:size]
		a.chunks[num].live = size
		a.live += size
		return num << offsetBits, a.chunks[num].b
	}
	if a.now == noChunk {
		a.now = a.open(max(size, chunkBytesMin))
	}
	c := &a.chunks[a.now]
	if len(c.b)+size > cap(c.b) {
		a.extend(size)
		c = &a.chunks[a.now]
	}
	off := len(c.b)
	c.b = c.b[:off+size]
	c.live += size
	a.live += size
	return a.now<<offsetBits | uint32(off/entryAlign), c.b[off:]
}

// extend makes room for an entry: the only chunk grows while it is small and
// full of life, else another is begun.
func (a *entryArena) extend(size int) {
	c := &a.chunks[a.now]
	if want := len(c.b) + max(len(c.b)/4, size); want <= chunkBytesMax && c.live >= len(c.b)/4*3 {
		had := cap(c.b)
		c.b = a.heap.Realloc(c.b, want)[:len(c.b)]
		a.bytes += int64(cap(c.b) - had)
		a.locate(a.now)
		return
	}
	old := a.now
	a.now = a.open(max(min(a.live/2, chunkBytesMax), chunkBytesMin, size))
	if a.chunks[old].live == 0 {
		a.close(old)
	}
}

func (a *entryArena) open(size int) uint32 {
	b := a.heap.Alloc(size)[:0]
	a.bytes += int64(cap(b))
	if n := len(a.spare); n > 0 {
		num := a.spare[n-1]
		a.spare = a.spare[:n-1]
		a.chunks[num] = chunk{b: b}
		a.locate(num)
		return num
	}
	a.chunks = entered(a.heap, a.chunks, chunk{b: b})
	num := uint32(len(a.chunks) - 1)
	a.locate(num)
	return num
}

// locate notes where a chunk lies.
func (a *entryArena) locate(num uint32) {
	at := int(num) * placeBytes
	if at >= len(a.places) {
		more := a.heap.Zeroed(max(2*len(a.places), 2*placeBytes))
		copy(more, a.places)
		dropDirectory(a.heap, a.places)
		a.places = more
	}
	binary.LittleEndian.PutUint64(a.places[at:], a.heap.Place(a.chunks[num].b))
}

// release gives the directories back; there is no chunk any more.
func (a *entryArena) release() {
	dropDirectory(a.heap, a.places)
	dropDirectory(a.heap, a.chunks)
	dropDirectory(a.heap, a.spare)
	a.places, a.chunks, a.spare = nil, nil, nil
}

// full reports whether the arena may have no more chunks.
func (a *entryArena) full() bool { return len(a.spare) == 0 && len(a.chunks) >= chunksMax-1 }

func (a *entryArena) close(num uint32) {
	c := &a.chunks[num]
	a.dead -= len(c.b)
	a.bytes -= int64(cap(c.b))
	a.heap.Free(c.b)
	*c = chunk{}
	a.spare = entered(a.heap, a.spare, num)
	if num == a.victim {
		a.emptying = false // whatever gets the number next is another chunk
	}
}

// kill gives up an entry.
func (a *entryArena) kill(ref uint32) {
	e := a.at(ref)
	size := e.size()
	e.b[0] |= entryDead
	num := ref >> offsetBits
	c := &a.chunks[num]
	c.live -= size
	a.live -= size
	a.dead += size
	switch {
	case c.live > 0:
	case num == a.now:
		a.dead -= len(c.b)
		c.b = c.b[:0]
	default:
		a.close(num)
	}
}

// choose looks for a chunk that is worth emptying, at a few from where the last
// search ended.
func (a *entryArena) choose() bool {
	const look = 32
	for range min(look, len(a.chunks)) {
		a.victim = (a.victim + 1) % uint32(len(a.chunks))
		if c := &a.chunks[a.victim]; a.victim != a.now && c.live > 0 && c.live < len(c.b)/4*3 {
			a.emptied, a.emptying = 0, true
			return true
		}
	}
	return false
}

// wasteful reports whether so much is dead that it should be compacted.
func (a *entryArena) wasteful() bool {
	return a.dead > max(a.live/4, 2*chunkBytesMin)
}

func (a *entryArena) held() int64 {
	return a.bytes + int64(cap(a.places)) + int64(cap(a.chunks))*chunkStruct + int64(cap(a.spare))*4
}
