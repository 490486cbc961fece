package segment

import "fmt"

// Check implements store.Backend: it follows the queues, and compares what the
// segments say with the size of what lies in them.
func (l *Log) Check() error {
	if err := l.checkQueues(); err != nil {
		return err
	}
	for seg := uint32(1); seg <= l.top; seg++ {
		s := &l.segments[seg]
		if s.state != sealed {
			continue
		}
		if live := s.live.Load(); live <= 0 || live > int64(s.size) {
			return fmt.Errorf("segment %d has %d live bytes of %d", seg, live, s.size)
		}
		if end := l.end(seg); end != int(s.size) {
			return fmt.Errorf("segment %d has %d bytes written, its items end at %d", seg, s.size, end)
		}
	}
	return nil
}

// checkQueues follows the queues and compares what they hold with what is
// counted. The log is locked, or nothing else runs.
func (l *Log) checkQueues() error {
	queued, bytes := 0, [layers]int64{}
	for y := range l.queues {
		for b := range l.queues[y] {
			n, size, err := l.checkQueue(layer(y), bucket(b))
			if err != nil {
				return err
			}
			queued += n
			bytes[y] += size
		}
	}
	if queued != l.queued || bytes != l.bytes {
		return fmt.Errorf("%d segments queued with %v bytes in the layers, counted %d with %v", queued, bytes, l.queued, l.bytes)
	}
	return nil
}

func (l *Log) checkQueue(y layer, b bucket) (n int, bytes int64, err error) {
	q, before := &l.queues[y][b], uint32(0)
	for seg := q.oldest; seg != 0; seg = l.segments[seg].next {
		s := &l.segments[seg]
		if s.state != sealed {
			return n, bytes, fmt.Errorf("segment %d is queued in state %d", seg, s.state)
		}
		if s.prev != before || s.layer != y || s.bucket != b || before != 0 && s.sealedAt <= l.segments[before].sealedAt {
			return n, bytes, fmt.Errorf("segment %d of layer %d, bucket %d is in the queue of %d and %d behind %d", seg, s.layer, s.bucket, y, b, before)
		}
		before = seg
		n++
		bytes += int64(l.capacity(s))
	}
	if before != q.newest {
		return n, bytes, fmt.Errorf("the queue of layer %d, bucket %d ends with segment %d, not %d", y, b, before, q.newest)
	}
	return n, bytes, nil
}

// end walks the items of a sealed segment and returns where they end.
func (l *Log) end(seg uint32) int {
	s := &l.segments[seg]
	off := 0
	for off < int(s.size) {
		n := l.arena.Item(l.arena.Loc(seg, off)).Size()
		if n <= 0 {
			return off
		}
		off += n
	}
	return off
}
