//go:build uring

package uring

import (
	"fmt"
	"unsafe"

	"github.com/pawelgaczynski/giouring"
	"golang.org/x/sys/unix"

	"github.com/crucible-cache/crucible/internal/offheap"
)

const (
	bufferGroup = 0 // the one group of provided buffers of a ring

	// buffersMax is the most buffers a ring can have: what giouring's index
	// arithmetic in 16 bits allows.
	buffersMax = 4096

	// growthMax bounds how far a ring of buffers grows over its first size.
	// Its table is registered in that size at the start, and the kernel goes
	// through the whole table in turn, so it is kept small, too.
	growthMax = 16
)

// buffers is a ring of receive buffers that the kernel takes from its head and
// the driver gives back at its tail.
type buffers struct {
	ring  *giouring.BufAndRing
	table []byte   // mapped: the ring's entries
	slabs [][]byte // mapped: the buffers
	at    []*byte  // buffers by ID
	size  int      // bytes of a buffer
	count int      // buffers there are
	limit int      // entries of the table
	added int      // given back since publish
}

// open maps count buffers, a power of two, of size bytes and registers the ring.
func (b *buffers) open(ring *giouring.Ring, count, size int) (err error) {
	b.size, b.limit = size, min(count*growthMax, buffersMax)
	if b.table, err = offheap.Map(offheap.Rings, b.limit*int(giouring.RingBufStructSize)); err != nil {
		return err
	}
	registration := giouring.BufReg{
		RingAddr:    uint64(uintptr(unsafe.Pointer(&b.table[0]))),
		RingEntries: uint32(b.limit),
		Bgid:        bufferGroup,
	}
	if _, err = ring.RegisterBufferRing(&registration, 0); err != nil {
		if err == unix.EINVAL { //nolint:errorlint // giouring returns the bare number
			return fmt.Errorf("register a buffer ring: %w: this kernel is too old: use one of version 6.1 or later", err)
		}
		return fmt.Errorf("register a buffer ring: %w: raise LimitMEMLOCK (ulimit -l)", err)
	}
	b.ring = (*giouring.BufAndRing)(unsafe.Pointer(&b.table[0]))
	if err = b.add(count); err != nil {
		return err
	}
	b.publish()
	return nil
}

// add maps n more buffers and puts them into the ring.
func (b *buffers) add(n int) error {
	slab, err := offheap.Map(offheap.Rings, n*b.size)
	if err != nil {
		return err
	}
	b.slabs = append(b.slabs, slab)
	for i := range n {
		b.at = append(b.at, &slab[i*b.size])
		b.giveBack(b.count + i)
	}
	b.count += n
	return nil
}

// grow doubles the ring, if it may grow. Without more buffers the receives
// that found none are tried again when some have come back.
func (b *buffers) grow() {
	if b.count*2 <= b.limit {
		_ = b.add(b.count) // no memory: go on with what there is
	}
}

// data returns the n bytes that were received into a buffer.
func (b *buffers) data(id, n int) []byte { return unsafe.Slice(b.at[id], n) }

// giveBack returns a buffer to the kernel with the next publish.
func (b *buffers) giveBack(id int) {
	b.ring.BufRingAdd(uintptr(unsafe.Pointer(b.at[id])), uint32(b.size), uint16(id), b.limit-1, b.added)
	b.added++
}

func (b *buffers) publish() {
	if b.added > 0 {
		b.ring.BufRingAdvance(b.added)
		b.added = 0
	}
}

func (b *buffers) unregister(ring *giouring.Ring) {
	if b.ring != nil {
		_, _ = ring.UnregisterBufferRing(bufferGroup)
	}
}

// close unmaps everything; the ring is gone by then.
func (b *buffers) close() {
	for _, slab := range b.slabs {
		offheap.Unmap(offheap.Rings, slab)
	}
	if b.table != nil {
		offheap.Unmap(offheap.Rings, b.table)
	}
	*b = buffers{}
}
