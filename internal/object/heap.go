package object

import (
	"fmt"
	"math/bits"
	"sync/atomic"
	"unsafe"

	"github.com/crucible-cache/crucible/internal/offheap"
	"github.com/crucible-cache/crucible/internal/spinlock"
)

// Heap hands out blocks of mapped memory. A block of up to maxSmall bytes comes
// from a span that is cut into blocks of one size class (Bonwick's slabs); a
// larger one is a run of spans to itself, of which only the pages it needs
// become resident. A span without blocks in use goes back to the system, but
// for a few that are kept at hand.
//
// All methods may be called from any thread.
type Heap struct {
	region *offheap.Region
	table  *offheap.Region // of span, one for each span of region
	base   unsafe.Pointer
	spans  int

	mu      spinlock.Lock
	partial [classCount]uint32 // first span of the class that has free blocks, 0 = none
	warm    []uint32           // free spans that kept their pages
	busy    []uint64           // a bit a span: in use or warm
	low     int                // no free span lies before this word of busy

	resident atomic.Int64
}

// span is the bookkeeping of one span, or of the run that begins with it.
type span struct {
	next, prev uint32 // in the list of its class, 0 = none
	used       uint16 // blocks in use
	fresh      uint16 // blocks ever taken from it: what lies behind is untouched
	free       uint16 // first of the chained free blocks, counted from 1; 0 = none
	class      uint8  // classRun for a run
	listed     bool   // it is in the list of its class
	bytes      int64  // of a run: resident
}

const (
	spanShift = 16
	spanSize  = 1 << spanShift

	// maxSmall is the largest block that shares a span with others, in bytes.
	maxSmall = spanSize / 2

	// warmSpans is how many free spans keep their pages.
	warmSpans = 16

	// reserveFactor is how much more address space is reserved than may be
	// resident, so that a run of any length is found however the rest lies.
	reserveFactor = 8

	minReserve = 1 << 30
)

// classSizes are the sizes of blocks in bytes: four steps from one power of two
// to the next, so that less than a fifth of a block is lost.
var classSizes = [classCount]int32{
	32, 48, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 640, 768, 896, 1024,
	1280, 1536, 1792, 2048, 2560, 3072, 3584, 4096, 5120, 6144, 7168, 8192, 9360, 10912, 13104,
	16384, 21840, 32768,
}

const (
	classCount = 37
	classRun   = 255
)

// classOf maps a size in steps of 16 bytes to its class.
var classOf = func() (t [maxSmall/16 + 1]uint8) {
	class := 0
	for i := range t {
		for int(classSizes[class]) < i*16 {
			class++
		}
		t[i] = uint8(class)
	}
	return t
}()

// NewHeap reserves address space for ceiling resident bytes.
func NewHeap(ceiling int64) (*Heap, error) {
	spans := int(max(ceiling, minReserve/reserveFactor)*reserveFactor) >> spanShift
	region, err := offheap.Reserve(offheap.Collections, spans<<spanShift)
	if err != nil {
		return nil, err
	}
	table, err := offheap.Reserve(offheap.Collections, spans*int(unsafe.Sizeof(span{})))
	if err != nil {
		region.Close(0)
		return nil, err
	}
	h := &Heap{region: region, table: table, base: region.Base(), spans: spans, busy: make([]uint64, (spans+63)/64)}
	h.busy[0] = 1 // span 0 is none
	if tail := spans % 64; tail != 0 {
		h.busy[len(h.busy)-1] |= ^uint64(0) << tail
	}
	return h, nil
}

// Close unmaps the heap with all its blocks.
func (h *Heap) Close() {
	h.region.Close(int(h.resident.Load()))
	h.table.Close(0)
}

// Bytes returns what the heap holds, blocks and spans kept at hand.
func (h *Heap) Bytes() int64 { return h.resident.Load() }

func (h *Heap) span(n uint32) *span {
	return (*span)(unsafe.Add(h.table.Base(), uintptr(n)*unsafe.Sizeof(span{})))
}

// Alloc returns a block of n bytes with undefined content. Its capacity is all
// there is room for. The address space is several times what may be resident:
// to run out of it means that the accounting is broken, and panics.
func (h *Heap) Alloc(n int) []byte {
	if n > maxSmall {
		return h.allocRun(n)
	}
	class := classOf[(max(n, 1)+15)/16]
	size := int(classSizes[class])
	h.mu.Lock()
	num := h.partial[class]
	if num == 0 {
		num = h.openSpan(class)
	}
	s := h.span(num)
	var block int
	if s.free != 0 {
		block = int(s.free) - 1
		s.free = *(*uint16)(h.at(num, block*size))
	} else {
		block = int(s.fresh)
		s.fresh++
	}
	s.used++
	if s.free == 0 && int(s.fresh) == spanSize/size {
		h.unlist(s)
	}
	h.mu.Unlock()
	return unsafe.Slice((*byte)(h.at(num, block*size)), size)[:n]
}

// Zeroed returns a block of n zero bytes.
func (h *Heap) Zeroed(n int) []byte {
	b := h.Alloc(n)
	if n <= maxSmall {
		clear(b)
	}
	return b
}

// Free takes back a block that Alloc returned, resliced from its end at most.
func (h *Heap) Free(b []byte) {
	off := uintptr(unsafe.Pointer(unsafe.SliceData(b))) - uintptr(h.base)
	num := uint32(off >> spanShift)
	h.mu.Lock()
	s := h.span(num)
	if s.class == classRun {
		h.mu.Unlock()
		h.freeRun(num, s)
		return
	}
	size := int(classSizes[s.class])
	block := int(off&(spanSize-1)) / size
	*(*uint16)(h.at(num, block*size)) = s.free
	s.free = uint16(block) + 1
	s.used--
	switch {
	case s.used == 0:
		if s.listed {
			h.unlist(s)
		}
		h.closeSpan(num)
		return
	case !s.listed:
		h.list(num, s)
	}
	h.mu.Unlock()
}

// Realloc returns a block of n bytes that begins as b does, and frees b unless
// it is the same.
func (h *Heap) Realloc(b []byte, n int) []byte {
	if n <= cap(b) && (n > cap(b)/2 || cap(b) <= int(classSizes[0])) {
		return b[:n]
	}
	to := h.Alloc(n)
	copy(to, b)
	h.Free(b)
	return to
}

// BlockSize returns the capacity of a block for n bytes.
func BlockSize(n int) int {
	if n > maxSmall {
		return offheap.RoundPage(n)
	}
	return int(classSizes[classOf[(max(n, 1)+15)/16]])
}

// Place returns where a block lies: a number that leads to it and is no pointer, so
// that blocks may hold it.
func (h *Heap) Place(b []byte) uint64 {
	return uint64(uintptr(unsafe.Pointer(unsafe.SliceData(b))) - uintptr(h.base))
}

// View returns n bytes at a place.
func (h *Heap) View(place uint64, n int) []byte {
	return unsafe.Slice((*byte)(unsafe.Add(h.base, uintptr(place))), n)
}

func (h *Heap) at(num uint32, off int) unsafe.Pointer {
	return unsafe.Add(h.base, int(num)<<spanShift+off)
}

// openSpan begins a span of a class. The heap is locked.
func (h *Heap) openSpan(class uint8) uint32 {
	var num uint32
	if n := len(h.warm); n > 0 {
		num = h.warm[n-1]
		h.warm = h.warm[:n-1]
	} else {
		num = h.find(1)
		h.region.Commit(spanSize)
		h.resident.Add(spanSize)
	}
	s := h.span(num)
	*s = span{class: class}
	h.list(num, s)
	return num
}

// closeSpan keeps an empty span or gives it back. The heap is locked and is
// unlocked.
func (h *Heap) closeSpan(num uint32) {
	if len(h.warm) < warmSpans {
		h.warm = append(h.warm, num)
		h.mu.Unlock()
		return
	}
	h.mu.Unlock()
	h.giveBack(num, 1, spanSize)
}

func (h *Heap) list(num uint32, s *span) {
	first := h.partial[s.class]
	s.prev, s.next, s.listed = 0, first, true
	if first != 0 {
		h.span(first).prev = num
	}
	h.partial[s.class] = num
}

func (h *Heap) unlist(s *span) {
	if s.prev != 0 {
		h.span(s.prev).next = s.next
	} else {
		h.partial[s.class] = s.next
	}
	if s.next != 0 {
		h.span(s.next).prev = s.prev
	}
	s.next, s.prev, s.listed = 0, 0, false
}

func (h *Heap) allocRun(n int) []byte {
	size := offheap.RoundPage(n)
	h.mu.Lock()
	num := h.find((size + spanSize - 1) >> spanShift)
	*h.span(num) = span{class: classRun, bytes: int64(size)}
	h.mu.Unlock()
	h.region.Commit(size)
	h.resident.Add(int64(size))
	return unsafe.Slice((*byte)(h.at(num, 0)), size)[:n]
}

func (h *Heap) freeRun(num uint32, s *span) {
	size := int(s.bytes)
	h.giveBack(num, (size+spanSize-1)>>spanShift, size)
}

// giveBack returns spans to the system. They are free only after that, for
// their next taker expects zeros.
func (h *Heap) giveBack(num uint32, n, size int) {
	h.region.Release(int(num)<<spanShift, size)
	h.resident.Add(int64(-size))
	h.mu.Lock()
	for s := int(num); s < int(num)+n; s++ {
		h.busy[s/64] &^= 1 << (s % 64)
	}
	h.low = min(h.low, int(num)/64)
	h.mu.Unlock()
}

// Trim gives back the spans kept at hand.
func (h *Heap) Trim() {
	for {
		h.mu.Lock()
		n := len(h.warm)
		if n == 0 {
			h.mu.Unlock()
			return
		}
		num := h.warm[n-1]
		h.warm = h.warm[:n-1]
		h.mu.Unlock()
		h.giveBack(num, 1, spanSize)
	}
}

// find marks n consecutive spans as busy and returns the first. The heap is locked.
func (h *Heap) find(n int) uint32 {
	for h.low < len(h.busy) && h.busy[h.low] == ^uint64(0) {
		h.low++
	}
	run := 0
	for at := h.low * 64; at < h.spans; at++ {
		word := h.busy[at/64] >> (at % 64)
		switch {
		case word == 0 && at%64 == 0:
			// A whole word of free spans.
			k := min(64, n-run)
			run += k
			at += k - 1
		case word&1 != 0:
			run = 0
			at += max(bits.TrailingZeros64(^word), 1) - 1
		default:
			run++
		}
		if run == n {
			first := at - n + 1
			for s := first; s <= at; s++ {
				h.busy[s/64] |= 1 << (s % 64)
			}
			return uint32(first)
		}
	}
	panic(fmt.Sprintf("object: no %d consecutive spans in the heap", n))
}
