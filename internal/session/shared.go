package session

import "sync/atomic"

// Shared is what the workers of all loops share.
type Shared struct {
	// Maxclients returns how many connections may be open at once.
	Maxclients func() int64

	connected atomic.Int64
}

// Connected returns how many connections are open, refused ones included until
// they are gone.
func (s *Shared) Connected() int64 { return s.connected.Load() }

func (s *Shared) enter() bool { return s.connected.Add(1) <= s.Maxclients() }

func (s *Shared) leave() { s.connected.Add(-1) }
