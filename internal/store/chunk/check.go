package chunk

import (
	"fmt"
	"math/bits"
)

// Check follows the lists and compares what is counted of each span with its
// bitmap and its items. Nothing else may run meanwhile.
func (s *Set) Check() error {
	count, before := 0, uint32(0)
	for seg := s.oldest; seg != 0; seg = s.spans[seg].newer {
		sp := &s.spans[seg]
		if sp.older != before || before != 0 && sp.made <= s.spans[before].made {
			return fmt.Errorf("span %d, made as number %d, comes after span %d", seg, sp.made, before)
		}
		if err := s.checkSpan(seg, sp); err != nil {
			return err
		}
		if sp.state.Load() != open {
			count++
		}
		before = seg
	}
	if before != s.newest || count != s.idle {
		return fmt.Errorf("%d spans, the last of them %d; counted %d, the last %d", count, before, s.idle, s.newest)
	}
	for c := range s.partial {
		for seg, prev := s.partial[c].first.Load(), uint32(0); seg != 0; seg, prev = s.spans[seg].next, seg {
			if sp := &s.spans[seg]; !sp.listed || int(sp.class) != c || sp.prev != prev {
				return fmt.Errorf("span %d of class %d is in the list of class %d", seg, sp.class, c)
			}
		}
	}
	return nil
}

func (s *Set) checkSpan(seg uint32, sp *span) error {
	used, live := 0, int64(0)
	st := sp.state.Load()
	if sp.run != 0 {
		used, live = 1, int64(s.arena.Item(s.arena.Loc(seg, 0)).Size())
	} else {
		c := &s.sizes.classes[sp.class]
		for _, w := range s.bitmap(seg, c) {
			used -= bits.OnesCount64(w)
		}
		used += c.chunks
		for i := range c.chunks {
			if !s.isFree(seg, c, i) {
				live += int64(s.arena.Item(c.loc(s.arena, seg, i)).Size())
			}
		}
		if partial := st == queued && used < c.chunks; partial != sp.listed {
			return fmt.Errorf("span %d in state %d has %d of %d chunks used; listed: %v", seg, st, used, c.chunks, sp.listed)
		}
	}
	if n := int(sp.used.Load()); n != used || sp.live.Load() != live {
		return fmt.Errorf("span %d has %d chunks used by %d bytes, counted %d and %d", seg, used, live, n, sp.live.Load())
	}
	if st == free || used == 0 && st == queued || sp.pins.Load() != 0 {
		return fmt.Errorf("span %d is in state %d with %d chunks used and %d pins", seg, st, used, sp.pins.Load())
	}
	return nil
}
