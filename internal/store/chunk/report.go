package chunk

import "github.com/crucible-cache/crucible/internal/store"

// Classes reports on the classes that have spans. It walks all spans that ever
// were.
func (s *Set) Classes() []store.Class {
	all := make([]store.Class, s.sizes.Len())
	s.mu.Lock()
	top := s.top
	s.mu.Unlock()
	for seg := uint32(1); seg <= top; seg++ {
		s.mu.Lock()
		if sp := &s.spans[seg]; sp.state.Load() != free && sp.run == 0 {
			c := &all[sp.class]
			c.Spans++
			c.Used += int(sp.used.Load())
			c.LiveBytes += sp.live.Load()
		}
		s.mu.Unlock()
	}
	var some []store.Class
	for i, c := range all {
		if c.Spans > 0 {
			c.Number, c.ChunkSize, c.Chunks = i+1, s.sizes.classes[i].size, s.sizes.classes[i].chunks
			some = append(some, c)
		}
	}
	return some
}
