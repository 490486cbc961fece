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
}

// Reserve reserves size bytes, rounded up to whole pages. Pages are never
// joined into huge pages behind the owner's back (a sparse region would become
// resident as a whole) unless Advise says so.
func Reserve(p Purpose, size int) (*Region, error) {
	size = RoundPage(size)
	mem, err := unix.Mmap(-1, 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON|mapNoReserve)
	if err != nil {
		return nil, fmt.Errorf("reserve %d bytes of address space for %s: %w: vm.overcommit_memory=2 or a limit on address space (LimitAS, ulimit -v) is too strict", size, p, err)
	}
	adviseNoHuge(mem)
	return &Region{purpose: p, mem: mem}, nil
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

// Release gives the pages of [off, off+n), which must be whole pages, back to
// the system and takes n bytes off the meter. The range reads as zeros afterwards.
func (r *Region) Release(off, n int) {
	discard(r.mem[off : off+n])
	meter(r.purpose, -n)
}

// AdviseHuge allows the kernel to back the range with transparent huge pages.
func (r *Region) AdviseHuge(off, n int) { adviseHuge(r.mem[off : off+n]) }

// Close unmaps the region. What was still committed must have been released
// or is passed as committed, in bytes.
func (r *Region) Close(committed int) {
	meter(r.purpose, -committed)
	if err := unix.Munmap(r.mem); err != nil {
		panic(fmt.Sprintf("offheap: close region of %s: %v", r.purpose, err))
	}
	r.mem = nil
}
