package index

import (
	"unsafe"

	"github.com/crucible-cache/crucible/internal/prefetch"
)

// Prefetch starts to load the bucket of hash. The lock need not be held.
func (ix *Index) Prefetch(hash uint64) {
	prefetch.Lines(unsafe.Pointer(ix.bucket(ix.home(hash))), 1)
}

// Guess returns where the item of hash probably is: the first place in its
// bucket with the right tag, 0 if there is none. The lock need not be held.
func (ix *Index) Guess(hash uint64) (place uint64) {
	want := wanted(hash)
	for _, w := range &ix.bucket(ix.home(hash)).slot {
		if fits(w, want) != 0 {
			return w & placeMask
		}
	}
	return 0
}
