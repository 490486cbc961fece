package index

import (
	"math/bits"
	"unsafe"
)

// cursorBits is how many bits of a hash the order of a scan looks at.
const cursorBits = 40

// ScanEnd is the position behind the last bucket.
const ScanEnd = 1 << cursorBits

// Scan visits the items of the bucket at position pos and returns the position
// of the next, ScanEnd after the last. Positions are hashes read backwards,
// lowest bit first: a bucket and the two that it is split into cover the same
// range of them, so an item that is there throughout a walk from 0 to ScanEnd is
// visited, whatever is split or joined meanwhile. visit must not change the
// index but for the entry it is shown; it may collect.
func (ix *Index) Scan(pos uint64, visit func(Slot)) uint64 {
	if ix.items == 0 || pos >= ScanEnd {
		return ScanEnd
	}
	n := ix.home(reverse(pos))
	at, count := unsafe.Pointer(ix.bucket(n)), slots
	for {
		for i := range count {
			if w := (*uint64)(unsafe.Add(at, i*8)); isItem(*w) {
				visit(Slot{w})
			}
		}
		next := *(*uint64)(unsafe.Add(at, count*8))
		if next == 0 {
			break
		}
		at, count = unsafe.Pointer(ix.block(next)), blockSlots
	}
	width := uint64(ScanEnd) >> ix.depth(n)
	return pos&^(width-1) + width
}

// depth returns how many bits of a hash lead to bucket n.
func (ix *Index) depth(n int) uint {
	level := ix.level()
	if n >= 1<<level || n < ix.buckets-1<<level {
		level++
	}
	return uint(level)
}

func reverse(pos uint64) uint64 { return bits.Reverse64(pos) >> (64 - cursorBits) }
