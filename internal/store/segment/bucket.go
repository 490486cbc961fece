package segment

import "math/bits"

// bucket is a class of times to live: 0 for none, then two for each doubling
// from one second on, or fewer where memory is too small for as many open
// segments: bucket numbers are then those of the coarser classes.
type bucket uint8

const (
	noTTL           bucket = 0
	expiringBuckets bucket = 1 // the first of them
	fineBits               = 6
	buckets                = 1 + 1<<fineBits
)

// openShare bounds what open segments may take: one in openShare of memory, if
// every writer had one open for every bucket.
const openShare = 16

// coarseness returns by how many bits TTL buckets are joined so that open
// segments stay within their share.
func (l *Log) coarseness() uint {
	each := l.arena.Limit() / int64(l.arena.SegmentSize()) / openShare / int64(max(l.writers.Load(), 1))
	return fineBits - uint(min(bits.Len64(uint64(max(each, 1)))-1, fineBits))
}

// bucketOf returns the bucket of an item that expires at expireAt.
func (w *Writer) bucketOf(expireAt int64) bucket {
	if expireAt == 0 {
		return noTTL
	}
	seconds := uint64(max((expireAt-w.nowMS)/1000, 1))
	octave := min(bits.Len64(seconds), 1<<(fineBits-1)) - 1
	fine := octave * 2
	if octave > 0 {
		fine += int(seconds >> (octave - 1) & 1)
	}
	return expiringBuckets + bucket(fine>>w.coarse)
}
