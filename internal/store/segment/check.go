package segment

import "fmt"

// Check implements store.Backend: it follows the queue, and compares what the
// segments hold with the size of what lies in them.
func (l *Log) Check() error {
	queued, before := 0, uint32(0)
	for seg := l.oldest; seg != 0; seg = l.segments[seg].next {
		s := &l.segments[seg]
		live := s.live.Load()
		switch {
		case s.state != sealed:
			return fmt.Errorf("segment %d is queued in state %d", seg, s.state)
		case s.prev != before:
			return fmt.Errorf("segment %d follows %d and says %d", seg, before, s.prev)
		case live <= 0 || live > int64(s.size):
			return fmt.Errorf("segment %d has %d live bytes of %d", seg, live, s.size)
		}
		if end := l.end(seg); end != int(s.size) {
			return fmt.Errorf("segment %d has %d bytes written, its items end at %d", seg, s.size, end)
		}
		before = seg
		if queued++; queued > l.queued {
			break
		}
	}
	if queued != l.queued || before != l.newest {
		return fmt.Errorf("%d segments queued, the newest is %d; the queue says %d and %d", queued, before, l.queued, l.newest)
	}
	return nil
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
