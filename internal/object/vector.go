package object

// Vector is a sequence of values without pointers that grows and shrinks at its
// end, for collections whose rooms lie below this one. See zvector.
type Vector[T any] struct{ v zvector[T] }

// NewVector makes an empty one, of chunks of 1<<shift values, which should fill
// about 64 KiB.
func NewVector[T any](heap *Heap, shift uint8) Vector[T] {
	return Vector[T]{newZVector[T](heap, shift)}
}

// Len returns the number of values.
func (v *Vector[T]) Len() uint32 { return v.v.n }

// At returns a value, until the vector is next extended or cut.
func (v *Vector[T]) At(i uint32) *T { return v.v.at(i) }

// Extend appends a zero value and returns its position.
func (v *Vector[T]) Extend() uint32 { return v.v.extend(1) }

// Cut drops the last value.
func (v *Vector[T]) Cut() { v.v.cut(1) }

// Release gives back up to n chunks and returns how many of n are left.
func (v *Vector[T]) Release(n int) int { return v.v.release(n) }

// Size returns the memory it holds, in bytes.
func (v *Vector[T]) Size() int64 { return v.v.size() }
