package object

import "unsafe"

// streamMemory is the memory of one stream: blocks of a heap, counted.
type streamMemory struct {
	heap  *Heap
	bytes int64
}

// block refers to a block of a heap by where it lies in it. It is no pointer, so
// that blocks may hold it.
type block struct {
	off  uint64 // from the base of the heap
	room uint32 // bytes
}

func (m *streamMemory) alloc(n int) block {
	b := m.heap.Alloc(n)
	m.bytes += int64(cap(b))
	return block{m.heap.Place(b), uint32(cap(b))}
}

func (m *streamMemory) free(b block) {
	m.bytes -= int64(b.room)
	m.heap.Free(m.view(b))
}

// view returns all bytes of a block.
func (m *streamMemory) view(b block) []byte { return viewAs[byte](m, b, 0, int(b.room)) }

// viewAs returns n values of type T in a block from an offset on. T holds no
// pointer: the collector doesn't know of it.
func viewAs[T any](m *streamMemory, b block, off, n int) []T {
	return unsafe.Slice((*T)(unsafe.Add(m.heap.base, uintptr(b.off)+uintptr(off))), n)
}
