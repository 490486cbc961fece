package index

import "math/bits"

// A slot is one word:
//
//	tag 9 bits | item 1 | expiring 1 | use 12 | place 41
//
// An empty slot is zero. A ghost has the item bit clear and the expiring bit
// set, and as its place the low bits of its hash: enough to find it a new home
// when its bucket is split, and to tell it from other keys.
const (
	// PlaceBits is the number of significant bits of a place.
	PlaceBits = 41

	// UseBits is the number of bits that an entry has to tell how its item was
	// used. What they mean is the keyspace's business.
	UseBits = 12

	placeMask = 1<<PlaceBits - 1
	useShift  = PlaceBits
	useMask   = (1<<UseBits - 1) << useShift
	expiring  = 1 << (useShift + UseBits)
	item      = expiring << 1
	tagShift  = useShift + UseBits + 2
	tagMask   = (1<<(64-tagShift) - 1) << tagShift
)

func tagOf(hash uint64) uint64 { return hash << ShardBits & tagMask }

// wanted is what the high bits of the entry of an item with this hash are.
func wanted(hash uint64) uint64 { return tagOf(hash) | item }

// fits returns 1 if w is an item's entry with the tag wanted, else 0.
func fits(w, want uint64) uint64 { return ((w^want)>>(tagShift-1) - 1) >> 63 }

func entry(hash, place uint64, expires bool, use uint16) uint64 {
	w := wanted(hash) | place | uint64(use)<<useShift
	if expires {
		w |= expiring
	}
	return w
}

func isItem(w uint64) bool  { return w&item != 0 }
func isGhost(w uint64) bool { return w&(item|expiring) == expiring }

func trailing(m uint) int { return bits.TrailingZeros(m) }

// Slot is the place in the index that an item's entry has. It is valid until
// the next insertion or removal.
type Slot struct{ word *uint64 }

// Place returns where the item is.
func (s Slot) Place() uint64 { return *s.word & placeMask }

// Expiring reports whether the item has a time to live.
func (s Slot) Expiring() bool { return *s.word&expiring != 0 }

// Use returns what is remembered of the item's use.
func (s Slot) Use() uint16 { return uint16(*s.word & useMask >> useShift) }

// SetPlace moves the entry to another place; tag and use stay.
func (s Slot) SetPlace(place uint64, expires bool) {
	w := *s.word&^(placeMask|expiring) | place
	if expires {
		w |= expiring
	}
	*s.word = w
}

// SetUse sets what is remembered of the item's use.
func (s Slot) SetUse(use uint16) {
	*s.word = *s.word&^useMask | uint64(use)<<useShift
}
