package workload

// Distribution chooses keys. An implementation is shared by all threads and must not change.
type Distribution interface {
	// Draw returns a key number.
	Draw(r *Random) uint64
}

// UniformAccess chooses every key equally often.
type UniformAccess struct{ Count uint64 }

// Draw implements Distribution.
func (u UniformAccess) Draw(r *Random) uint64 { return r.Below(u.Count) }

// SizeDistribution chooses the size of a key's value in bytes. The size follows from the key, not from the draw, so that
// a key keeps its size through every overwrite and memory stays where the prefill put it.
type SizeDistribution interface {
	// Size returns the size for a key; Max bounds it.
	Size(key uint64) int
	Max() int
}

// FixedSize gives every value one size in bytes.
type FixedSize int

// Size implements SizeDistribution.
func (f FixedSize) Size(uint64) int { return int(f) }

// Max implements SizeDistribution.
func (f FixedSize) Max() int { return int(f) }
