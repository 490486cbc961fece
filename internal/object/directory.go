package object

import "unsafe"

// A directory tells where the blocks of a collection are. It is a slice in a block of the same heap, so that to the
// collector of garbage a collection is the same few words however large it is. T holds no pointers but into the heap.
// What points into a directory is good until it is next entered into.

// newDirectory returns n entries of undefined content.
func newDirectory[T any](heap *Heap, n int) []T {
	size := entrySize[T]()
	b := heap.Alloc(n * size)
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(b))), cap(b)/size)[:n]
}

// entered returns the directory with v behind its last entry; it may lie elsewhere then.
func entered[T any](heap *Heap, dir []T, v T) []T {
	if n := len(dir); n == cap(dir) {
		more := newDirectory[T](heap, n+n/2+1)
		copy(more, dir)
		dropDirectory(heap, dir)
		dir = more[:n]
	}
	return append(dir, v)
}

// dropDirectory gives back the block of a directory, which may be nil.
func dropDirectory[T any](heap *Heap, dir []T) {
	if cap(dir) > 0 {
		heap.Free(unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(dir))), cap(dir)*entrySize[T]()))
	}
}

func entrySize[T any]() int {
	var v T
	return int(unsafe.Sizeof(v))
}
