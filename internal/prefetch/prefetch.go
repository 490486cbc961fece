// Package prefetch asks the CPU to load memory that is about to be used.
//
// A request for a key that was not used lately waits twice for main memory, a
// hundred nanoseconds each: for the bucket of the index and for the item. Of a
// pipeline the keys of the next requests are known, so their waits can overlap.
// Go has no such instruction, so it is a call of a few bytes of assembly.
package prefetch

import "unsafe"

// LineSize is the size of a cache line in bytes.
const LineSize = 64

// Lines loads the n cache lines from p on, at least one. The address need not be
// readable.
func Lines(p unsafe.Pointer, n int) { lines(p, n) }
