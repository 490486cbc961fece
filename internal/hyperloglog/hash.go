package hyperloglog

import (
	"encoding/binary"
	"math/bits"
)

const hashSeed = 0xadc83b19

// murmur is Austin Appleby's MurmurHash2 in its 64 bit form (64A).
func murmur(b []byte) uint64 {
	const (
		m = 0xc6a4a7935bd1e995
		r = 47
	)
	h := uint64(hashSeed) ^ uint64(len(b))*m
	for ; len(b) >= 8; b = b[8:] {
		k := binary.LittleEndian.Uint64(b) * m
		k ^= k >> r
		h = (h ^ k*m) * m
	}
	if len(b) > 0 {
		var tail [8]byte
		copy(tail[:], b)
		h = (h ^ binary.LittleEndian.Uint64(tail[:])) * m
	}
	h ^= h >> r
	h *= m
	return h ^ h>>r
}

// position returns the register of an element, and how many zeros, plus one, the
// rest of its hash ends in.
func position(element []byte) (index int, run byte) {
	h := murmur(element)
	rest := h>>indexBits | 1<<hashBits
	return int(h & (registers - 1)), byte(bits.TrailingZeros64(rest)) + 1
}
