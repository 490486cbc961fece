package workload

import (
	"math/bits"
	"math/rand/v2"
)

// Random is one thread's source of random numbers. It is a concrete type, so that drawing a number is a few
// instructions without an interface call.
type Random struct {
	pcg  rand.PCG
	turn uint64
}

// NewRandom returns a source; the same seed and stream give the same numbers.
func NewRandom(seed, stream uint64) *Random {
	// Each thread takes its turns from another place, spread by the golden ratio, below 2^48 so that they don't wrap.
	r := &Random{turn: stream * 0x9e3779b97f4a7c15 >> 16}
	r.pcg.Seed(seed, stream)
	return r
}

// Below returns a number in [0, n), for n > 0. Its bias is below n/2^64.
func (r *Random) Below(n uint64) uint64 {
	hi, _ := bits.Mul64(r.pcg.Uint64(), n)
	return hi
}

// Unit returns a number in [0, 1).
func (r *Random) Unit() float64 { return float64(r.pcg.Uint64()>>11) / (1 << 53) }

// Turn counts: every call returns the next number of this thread.
func (r *Random) Turn() uint64 {
	r.turn++
	return r.turn - 1
}
