package index

import (
	"fmt"
	"unsafe"

	"github.com/crucible-cache/crucible/internal/offheap"
)

// Space is the reserved address space of the indexes of all shards.
type Space struct {
	region *offheap.Region
	each   int
}

// NewSpace reserves space for shards indexes that may grow to ceiling bytes
// together, skewed as hashing skews them.
func NewSpace(shards int, ceiling int64) (*Space, error) {
	each := offheap.RoundPage(int(ceiling)/shards) * 2
	region, err := offheap.Reserve(offheap.Index, each*shards)
	if err != nil {
		return nil, err
	}
	return &Space{region: region, each: each}, nil
}

// Close unmaps the space; all its indexes must have been reset.
func (s *Space) Close() { s.region.Close(0) }

// Index returns the empty index of a shard. hashOf returns the hash of the key
// that lies at a place; it is asked when a bucket is split.
func (s *Space) Index(shard int, hashOf func(place uint64) uint64) Index {
	half := offheap.RoundPage(s.each / 2)
	main, over := shard*s.each, shard*s.each+half
	ix := Index{
		base:     unsafe.Add(s.region.Base(), main),
		overBase: unsafe.Add(s.region.Base(), over),
		main:     area{region: s.region, off: main, size: half},
		over:     area{region: s.region, off: over, size: s.each - half},
		hashOf:   hashOf,
	}
	ix.start()
	return ix
}

// area is the part of a region that one index has for buckets or for blocks.
type area struct {
	region    *offheap.Region
	off, size int
	committed int
}

// slack is how many bytes at the end of an area are kept when it shrinks, so
// that pages don't come and go with every bucket.
const slack = 64 << 10

// reach makes sure that the first n bytes may be used.
func (a *area) reach(n int) {
	if n <= a.committed {
		return
	}
	if n > a.size {
		panic(fmt.Sprintf("index: %d bytes do not fit the %d reserved", n, a.size))
	}
	step := offheap.RoundPage(n) - a.committed
	a.region.Commit(step)
	a.committed += step
}

// shrink gives back what lies far behind the first n bytes.
func (a *area) shrink(n int) {
	if a.committed >= n+2*slack {
		a.keep(offheap.RoundPage(n + slack))
	}
}

// keep gives back all but the first n bytes, whole pages.
func (a *area) keep(n int) {
	if a.committed > n {
		a.region.Release(a.off+n, a.committed-n)
		a.committed = n
	}
}
