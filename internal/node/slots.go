package node

import (
	"iter"
	"math/bits"
)

// SlotCount is the number of hash slots that the keys of a cluster are spread over.
const SlotCount = 16384

// Slots is a set of hash slots. It is empty when zero, and copied by assignment.
type Slots struct {
	words [SlotCount / 64]uint64
	count int
}

// Has reports whether slot is in the set.
func (s *Slots) Has(slot int) bool { return s.words[slot/64]>>(slot%64)&1 != 0 }

// Len is the number of slots in the set.
func (s *Slots) Len() int { return s.count }

// Add puts slot into the set.
func (s *Slots) Add(slot int) {
	if !s.Has(slot) {
		s.words[slot/64] |= 1 << (slot % 64)
		s.count++
	}
}

// Remove takes slot out of the set.
func (s *Slots) Remove(slot int) {
	if s.Has(slot) {
		s.words[slot/64] &^= 1 << (slot % 64)
		s.count--
	}
}

// AddAll puts all slots of other into the set.
func (s *Slots) AddAll(other *Slots) {
	s.combine(other, func(mine, others uint64) uint64 { return mine | others })
}

// RemoveAll takes all slots of other out of the set.
func (s *Slots) RemoveAll(other *Slots) {
	s.combine(other, func(mine, others uint64) uint64 { return mine &^ others })
}

func (s *Slots) combine(other *Slots, op func(mine, others uint64) uint64) {
	s.count = 0
	for i := range s.words {
		s.words[i] = op(s.words[i], other.words[i])
		s.count += bits.OnesCount64(s.words[i])
	}
}

// AllSlots is the set of all.
func AllSlots() (s Slots) {
	for i := range s.words {
		s.words[i] = ^uint64(0)
	}
	s.count = SlotCount
	return s
}

// Ranges visits the slots of the set in ascending order, neighbours together: from first to last, both included.
func (s *Slots) Ranges() iter.Seq2[int, int] {
	return func(yield func(first, last int) bool) {
		for slot := 0; slot < SlotCount; slot++ {
			if !s.Has(slot) {
				continue
			}
			first := slot
			for slot+1 < SlotCount && s.Has(slot+1) {
				slot++
			}
			if !yield(first, slot) {
				return
			}
		}
	}
}

// RangeCount is how many ranges there are.
func (s *Slots) RangeCount() (n int) {
	for range s.Ranges() {
		n++
	}
	return n
}
