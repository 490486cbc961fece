package offheap

import (
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The kernel's numbers (linux/mempolicy.h, asm-generic/mman.h) that x/sys has no
// names for.
const (
	mpolBind           = 2
	mpolInterleave     = 3
	mclOnFault         = 4
	madvDontneedLocked = 24
	hugeShift          = 26
	maxNodes           = 1024
)

// hugeFlags are the flags of a mapping of pages from a pool: the logarithm of the
// size stands in the high bits.
func hugeFlags(h Huge) int {
	if h == Huge1GB {
		return unix.MAP_HUGETLB | 30<<hugeShift
	}
	return unix.MAP_HUGETLB | 21<<hugeShift
}

// probeHuge puts one page, which the kernel sets aside at once or refuses, in the
// place of ordinary ones.
func probeHuge(h Huge) error {
	place, err := unix.Mmap(-1, 0, 2*h.size(), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON|mapNoReserve)
	if err != nil {
		return err
	}
	defer unix.Munmap(place) //nolint:errcheck // it was just mapped
	skip := -int(uintptr(unsafe.Pointer(unsafe.SliceData(place)))) & (h.size() - 1)
	if err := takeHuge(place[skip:skip+h.size()], h); err != nil {
		return fmt.Errorf("no page of that size is to be had (%w): set vm.nr_hugepages, or hugepagesz=%s hugepages=N on the kernel's command line", err, map[Huge]string{Huge2MB: "2M", Huge1GB: "1G"}[h])
	}
	return nil
}

// takeHuge replaces the mapping of b, of which nothing was written, by a page from
// the pool. The page is mapped elsewhere first: to map it here at once would leave
// a hole if there is none.
func takeHuge(b []byte, h Huge) error {
	size := uintptr(len(b))
	page, _, errno := unix.Syscall6(unix.SYS_MMAP, 0, size, unix.PROT_READ|unix.PROT_WRITE, uintptr(unix.MAP_PRIVATE|unix.MAP_ANON|hugeFlags(h)), ^uintptr(0), 0)
	if errno != 0 {
		return errno
	}
	_, _, errno = unix.Syscall6(unix.SYS_MREMAP, page, size, size, unix.MREMAP_MAYMOVE|unix.MREMAP_FIXED, uintptr(unsafe.Pointer(unsafe.SliceData(b))), 0)
	if errno != 0 {
		_, _, _ = unix.Syscall(unix.SYS_MUNMAP, page, size, 0)
		return errno
	}
	return bind(b, placement)
}

// giveHuge replaces a page from the pool by ordinary ones.
func giveHuge(b []byte) error {
	_, _, errno := unix.Syscall6(unix.SYS_MMAP, uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)),
		unix.PROT_READ|unix.PROT_WRITE, uintptr(unix.MAP_PRIVATE|unix.MAP_ANON|unix.MAP_FIXED|mapNoReserve), ^uintptr(0), 0)
	if errno != 0 {
		return errno
	}
	adviseNoHuge(b)
	return bind(b, placement)
}

// bind sets the NUMA nodes of a mapping.
func bind(b []byte, p Placement) error {
	if len(p.Nodes) == 0 {
		return nil
	}
	var mask [maxNodes / 64]uint64
	for _, n := range p.Nodes {
		mask[n/64] |= 1 << (n % 64)
	}
	mode := uintptr(mpolBind)
	if p.Interleave {
		mode = mpolInterleave
	}
	_, _, errno := unix.Syscall6(unix.SYS_MBIND, uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)), mode, uintptr(unsafe.Pointer(&mask[0])), maxNodes, 0)
	if errno != 0 {
		return errno
	}
	return nil
}

// probeNodes binds a page, so that nodes which don't exist are found out at the start.
func probeNodes(p Placement) error {
	for _, n := range p.Nodes {
		if n < 0 || n >= maxNodes {
			return fmt.Errorf("numa: there is no node %d", n)
		}
	}
	b, err := unix.Mmap(-1, 0, PageSize, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON)
	if err != nil {
		return err
	}
	defer unix.Munmap(b) //nolint:errcheck // it was just mapped
	if err := bind(b, p); err != nil {
		return fmt.Errorf("numa: memory on nodes %v: %w: /sys/devices/system/node/online lists those there are, Cpus_allowed's Mems_allowed those this process may use", p.Nodes, err)
	}
	return nil
}

// lockAll locks what is resident, now and later, without making the rest resident.
func lockAll() error { return unix.Mlockall(unix.MCL_CURRENT | unix.MCL_FUTURE | mclOnFault) }
