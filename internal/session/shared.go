package session

import (
	"slices"
	"sync/atomic"

	"github.com/crucible-cache/crucible/internal/protocol"
)

// Shared is what the workers of all loops share: how many connections are
// open, and how many may be.
type Shared struct {
	// MaxRESP and MaxMemcache return how many connections of a protocol may be
	// open at once: maxclients of Redis, which CONFIG SET may change, and -c of
	// memcached. Any thread calls them.
	MaxRESP, MaxMemcache func() int64

	// open is by Protocol; under Auto are those that have yet to say anything.
	open [protocols]atomic.Int64

	pools atomic.Pointer[[]*protocol.Pool] // of all workers
}

// join adds the pool of one more worker.
func (s *Shared) join(p *protocol.Pool) {
	all := append(slices.Clone(s.all()), p)
	s.pools.Store(&all)
}

func (s *Shared) all() []*protocol.Pool {
	if p := s.pools.Load(); p != nil {
		return *p
	}
	return nil
}

// Connected returns how many connections of a protocol are open, refused ones
// included until they are gone.
func (s *Shared) Connected(p Protocol) int64 { return s.open[p].Load() }

// enter counts a connection in and reports whether it may stay. One that may
// become either has a place while there is one under either limit.
func (s *Shared) enter(p Protocol) bool {
	n := s.open[p].Add(1)
	switch p {
	case Memcache:
		return n <= s.MaxMemcache()
	case Auto:
		return n <= max(0, s.MaxRESP()-s.open[RESP].Load())+max(0, s.MaxMemcache()-s.open[Memcache].Load())
	}
	return n <= s.MaxRESP()
}

func (s *Shared) leave(p Protocol) { s.open[p].Add(-1) }
