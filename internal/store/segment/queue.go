package segment

import "math"

// layer is which part of the cache a segment belongs to.
type layer uint8

const (
	main      layer = iota
	admission       // new items, under a policy that has such a layer
	layers
)

// queue is the sealed segments of one layer and TTL bucket, oldest first.
type queue struct{ oldest, newest uint32 }

func (l *Log) queueOf(s *segment) *queue { return &l.queues[s.layer][s.bucket] }

func (l *Log) push(seg uint32) {
	s := &l.segments[seg]
	q := l.queueOf(s)
	l.seals++
	s.sealedAt = l.seals
	s.prev, s.next = q.newest, 0
	if q.newest != 0 {
		l.segments[q.newest].next = seg
	} else {
		q.oldest = seg
	}
	q.newest = seg
	l.queued++
	l.bytes[s.layer] += int64(l.capacity(s))
}

// remove takes a sealed segment out of its queue. It is the remover's then.
func (l *Log) remove(seg uint32) {
	s := &l.segments[seg]
	q := l.queueOf(s)
	if s.prev != 0 {
		l.segments[s.prev].next = s.next
	} else {
		q.oldest = s.next
	}
	if s.next != 0 {
		l.segments[s.next].prev = s.prev
	} else {
		q.newest = s.prev
	}
	s.prev, s.next, s.state = 0, 0, reclaiming
	l.queued--
	l.bytes[s.layer] -= int64(l.capacity(s))
}

// capacity is how many bytes a segment or run keeps from others.
func (l *Log) capacity(s *segment) int {
	if s.run {
		return int(s.size)
	}
	return l.arena.SegmentSize()
}

// heads visits the oldest segment of each queue of TTL buckets from first on, in
// layers from to to.
func (l *Log) heads(from, to layer, first bucket, visit func(seg uint32, s *segment)) {
	for y := from; y <= to; y++ {
		for b := first; b < buckets; b++ {
			if seg := l.queues[y][b].oldest; seg != 0 {
				visit(seg, &l.segments[seg])
			}
		}
	}
}

// oldest returns the segment that was sealed first, 0 if there is none.
func (l *Log) oldest(from, to layer, first bucket) (best uint32) {
	at := uint64(math.MaxUint64)
	l.heads(from, to, first, func(seg uint32, s *segment) {
		if s.sealedAt < at {
			best, at = seg, s.sealedAt
		}
	})
	return best
}

// soonest returns the segment whose times to live are over first, 0 if no
// segment has any. Within a queue that is the oldest, but for rounding.
func (l *Log) soonest(by int64) (best uint32) {
	l.heads(main, admission, expiringBuckets, func(seg uint32, s *segment) {
		if s.expireAt <= by {
			best, by = seg, s.expireAt-1
		}
	})
	return best
}

// any returns a sealed segment at random, in a TTL bucket from first on; 0 if
// there is none.
func (l *Log) any(random uint64, first bucket) uint32 {
	if l.top == 0 {
		return 0
	}
	start := uint32(random % uint64(l.top))
	for i := range l.top {
		seg := (start+i)%l.top + 1
		if s := &l.segments[seg]; s.state == sealed && s.bucket >= first {
			return seg
		}
	}
	return 0
}

// searchWidth bounds how many segments are looked at for one worth cleaning. The
// search goes on where the last one stopped.
const searchWidth = 512

// sparsest returns the segment with the smallest share of live bytes among the
// next searchWidth, if that is at most share; 0 if there is none. A run of
// segments is one item and never sparse.
func (l *Log) sparsest(share float64) (best uint32) {
	most := int64(share * float64(l.arena.SegmentSize()))
	for range min(searchWidth, l.top) {
		if l.cursor++; l.cursor > l.top {
			l.cursor = 1
		}
		s := &l.segments[l.cursor]
		if s.state != sealed || s.run {
			continue
		}
		if live := s.live.Load(); live <= most {
			best, most = l.cursor, live
		}
	}
	return best
}
