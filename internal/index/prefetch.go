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
// bucket with the right tag, 0 if there is none. If it may then be in the block that
// continues the bucket, Guess starts to load that, and GuessBehind looks there. The lock
// need not be held.
func (ix *Index) Guess(hash uint64) (place uint64, behind bool) {
	b := ix.bucket(ix.home(hash))
	if m := b.match(wanted(hash)); m != 0 {
		return b.slot[trailing(m)] & placeMask, false
	}
	if b.next == 0 {
		return 0, false
	}
	prefetch.Lines(unsafe.Pointer(ix.block(b.next)), 1)
	return 0, true
}

// GuessBehind is Guess for the block that continues the bucket of hash.
func (ix *Index) GuessBehind(hash uint64) (place uint64) {
	b := ix.block(ix.bucket(ix.home(hash)).next)
	if m := b.match(wanted(hash)); m != 0 {
		return b.slot[trailing(m)] & placeMask
	}
	return 0
}
