package heap

import (
	"math/bits"

	"github.com/crucible-cache/crucible/internal/store"
)

// entry is an item's in a queue:
//
//	size 15 bits | turn 8 bits | place 41 bits
//
// The size is exponent 5 | mantissa 10. The turn tells whether the chunk has
// been handed out again since.
type entry uint64

const (
	turnShift    = store.LocBits
	sizeShift    = turnShift + 8
	mantissaBits = 10
)

func newEntry(loc store.Loc, turn uint8, size int) entry {
	e := max(bits.Len(uint(size))-mantissaBits, 0)
	return entry(loc) | entry(turn)<<turnShift | entry(e<<mantissaBits|size>>e)<<sizeShift
}

func (e entry) loc() store.Loc { return store.Loc(e & (1<<store.LocBits - 1)) }
func (e entry) turn() uint8    { return uint8(e >> turnShift) }

// bytes returns the size of the item, short of a thousandth at most.
func (e entry) bytes() int64 {
	size := int64(e >> sizeShift)
	return size & (1<<mantissaBits - 1) << (size >> mantissaBits)
}
