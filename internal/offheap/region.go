package offheap

import (
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Region is reserved address space whose pages become resident when they are
// first written. The owner tells the meter with Commit before it writes and
// with Release when it has no more use for a range.
type Region struct {
	purpose Purpose
	mem     []byte
	pool    *pool // nil unless pages come from a pool of huge ones
	whole   []byte
}

// Reserve reserves size bytes, rounded up to whole pages. Pages are never
// joined into huge pages behind the owner's back (a sparse region would become
// resident as a whole), but for items where Place says so.
func Reserve(p Purpose, size int) (*Region, error) {
	size = RoundPage(size)
	huge := HugeNone
	if p == Items {
		huge = placement.Huge
	}
	align := max(huge.size(), PageSize)
	if huge == HugeTransparent {
		align = Huge2MB.size()
	}
	whole, err := unix.Mmap(-1, 0, size+align-PageSize, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON|mapNoReserve)
	if err != nil {
		return nil, fmt.Errorf("reserve %d bytes of address space for %s: %w: vm.overcommit_memory=2 or a limit on address space (LimitAS, ulimit -v) is too strict", size, p, err)
	}
	if err := bind(whole, placement); err != nil {
		_ = unix.Munmap(whole)
		return nil, fmt.Errorf("reserve %d bytes for %s on NUMA nodes %v: %w", size, p, placement.Nodes, err)
	}
	skip := -int(uintptr(unsafe.Pointer(unsafe.SliceData(whole)))) & (align - 1)
	r := &Region{purpose: p, mem: whole[skip : skip+size : skip+size], whole: whole}
	if huge == HugeTransparent {
		adviseHuge(r.mem)
	} else {
		adviseNoHuge(r.mem)
	}
	if huge.size() > 0 {
		r.pool = &pool{page: huge, chunks: make([]chunk, size/huge.size())}
	}
	return r, nil
}

// Base returns the first byte of the region. The address never changes.
func (r *Region) Base() unsafe.Pointer { return unsafe.Pointer(unsafe.SliceData(r.mem)) }

// Size returns the reserved size in bytes.
func (r *Region) Size() int { return len(r.mem) }

// Bytes returns the range [off, off+n) of the region.
func (r *Region) Bytes(off, n int) []byte { return r.mem[off : off+n : off+n] }

// Commit meters n bytes as resident. The pages themselves are taken by the
// first write to them.
func (r *Region) Commit(n int) { meter(r.purpose, n) }

// Take commits [off, off+n), whole pages, for a region that may take its pages from
// a pool. Nothing in the range was committed before.
func (r *Region) Take(off, n int) {
	meter(r.purpose, n)
	if r.pool != nil {
		r.pool.take(r.mem, off, n)
	}
}

// Release gives the pages of [off, off+n), which must be whole pages, back to
// the system and takes n bytes off the meter. The range reads as zeros afterwards
// unless it was taken with Take.
func (r *Region) Release(off, n int) {
	if r.pool != nil {
		r.pool.release(r.mem, off, n)
	} else {
		discard(r.mem[off : off+n])
	}
	meter(r.purpose, -n)
}

// Close unmaps the region. What was still committed must have been released
// or is passed as committed, in bytes.
func (r *Region) Close(committed int) {
	meter(r.purpose, -committed)
	if r.pool != nil {
		r.pool.forget()
	}
	if err := unix.Munmap(r.whole); err != nil {
		panic(fmt.Sprintf("offheap: close region of %s: %v", r.purpose, err))
	}
	r.mem, r.whole = nil, nil
}
