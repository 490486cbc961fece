package object

import "unsafe"

// zvector is a sequence of values without pointers that grows and shrinks at
// its end. It lies in blocks of a Heap, called chunks, so that growing never
// copies more than one of them and shrinking gives memory back; while all fits
// into one chunk that one is only as large as needed. A full chunk is about
// 64 KiB, and fills its pages.
//
// A pointer into it is good until the vector is next extended or cut.
type zvector[T any] struct {
	heap   *Heap
	chunks [][]T
	bytes  int64
	shift  uint8 // a full chunk has 1<<shift values
	n      uint32
}

func newZVector[T any](heap *Heap, shift uint8) zvector[T] {
	return zvector[T]{heap: heap, shift: shift}
}

func (v *zvector[T]) at(i uint32) *T {
	return &v.chunks[i>>v.shift][i&(1<<v.shift-1)]
}

// run returns the k values from i on, which lie in one chunk if i is a multiple
// of k and k a power of two no larger than a chunk.
func (v *zvector[T]) run(i, k uint32) []T {
	at := i & (1<<v.shift - 1)
	return v.chunks[i>>v.shift][at : at+k]
}

// extend appends k zero values and returns the position of the first. k
// satisfies what run asks of it.
func (v *zvector[T]) extend(k uint32) uint32 {
	full := uint32(1) << v.shift
	i := v.n
	v.n += k
	switch room := uint32(len(v.chunks)) << v.shift; {
	case len(v.chunks) == 0:
		v.chunks = entered(v.heap, v.chunks, v.alloc(v.n))
	case v.n <= full:
		if had := uint32(len(v.chunks[0])); had < v.n {
			v.resizeFirst(max(v.n, had+had/2))
		}
	case v.n > room:
		v.chunks = entered(v.heap, v.chunks, v.alloc(full))
	}
	clear(v.run(i, k))
	return i
}

// cut drops the last k values. A chunk is let go only when the one before it is
// half empty too, so that growing and shrinking by turns doesn't allocate.
func (v *zvector[T]) cut(k uint32) {
	v.n -= k
	last := len(v.chunks) - 1
	switch {
	case last > 0:
		if v.n+1<<v.shift/2 <= uint32(last)<<v.shift {
			v.free(last)
		}
	case v.n <= uint32(len(v.chunks[0]))/4:
		v.resizeFirst(max(v.n*2, 1))
	}
}

// resizeFirst moves the values into a chunk with room for n, or as many as a
// full one has.
func (v *zvector[T]) resizeFirst(n uint32) {
	was := v.chunks[0]
	now := v.alloc(n)
	if len(now) == len(was) {
		v.giveBack(now)
		return
	}
	copy(now, was)
	v.chunks[0] = now
	v.giveBack(was)
}

// alloc returns a chunk with room for n values or more, its content undefined.
func (v *zvector[T]) alloc(n uint32) []T {
	var t T
	size := int(unsafe.Sizeof(t))
	b := v.heap.Alloc(int(min(n, 1<<v.shift)) * size)
	v.bytes += int64(cap(b))
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(b))), min(cap(b)/size, 1<<v.shift))
}

func (v *zvector[T]) giveBack(chunk []T) {
	var t T
	size := int(unsafe.Sizeof(t)) * len(chunk)
	v.bytes -= int64(BlockSize(size))
	v.heap.Free(unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(chunk))), size))
}

func (v *zvector[T]) free(i int) {
	v.giveBack(v.chunks[i])
	v.chunks[i] = nil
	v.chunks = v.chunks[:i]
}

// release gives back up to n chunks, the last first, and returns how many of n
// are left to be given back elsewhere.
func (v *zvector[T]) release(n int) int {
	for ; n > 0 && len(v.chunks) > 0; n-- {
		v.free(len(v.chunks) - 1)
	}
	if len(v.chunks) == 0 {
		dropDirectory(v.heap, v.chunks)
		v.chunks = nil
	}
	return n
}

// zchunkEntry is what the directory of a vector or of records takes for one
// chunk, at most, in bytes.
const zchunkEntry = 32

// size returns the memory the vector holds.
func (v *zvector[T]) size() int64 { return v.bytes + int64(cap(v.chunks))*zchunkEntry }
