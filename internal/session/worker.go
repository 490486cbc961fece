package session

import (
	"fmt"
	"time"

	"github.com/crucible-cache/crucible/internal/command"
	"github.com/crucible-cache/crucible/internal/memcached"
	"github.com/crucible-cache/crucible/internal/metrics"
	"github.com/crucible-cache/crucible/internal/offheap"
	"github.com/crucible-cache/crucible/internal/protocol"
)

// Protocol is what the clients of a listener speak.
type Protocol uint8

// The protocols. Auto tells by the first byte of a connection.
const (
	RESP Protocol = iota
	Memcache
	Ping
	Auto
	protocols // how many there are
)

// ParseProtocol returns the protocol of the name that profiles use.
func ParseProtocol(name string) (Protocol, error) {
	for p, n := range [...]string{"resp", "memcache", "ping", "auto"} {
		if n == name {
			return Protocol(p), nil
		}
	}
	return 0, fmt.Errorf("protocol %q: want resp, memcache, ping or auto", name)
}

// Worker is what the sessions of one loop share. It runs on the loop's thread.
type Worker struct {
	Commands  *command.Worker
	Memcached *memcached.Worker
	Shared    *Shared

	// MemcacheStats counts the connections of Memcached's clients; those of
	// Redis' are in Commands.Stats.
	MemcacheStats struct{ Connections, Rejected metrics.Counter }

	// CutOff counts clients that passed a limit of their buffers.
	CutOff struct{ Input, Output metrics.Counter }

	pool     protocol.Pool
	sessions []*Session
	visited  int // next of sessions that a tick looks at
	bound    int // bytes of waiting replies above which a client is not served
}

// A client is not served while more than outputBound bytes of replies wait for
// it, or, when the replies of all clients take more than a pressureShare-th of
// maxmemory, more than tightBound. It must be large: a client may send a long
// pipeline before it reads the first reply.
const (
	outputBound   = 64 << 20
	tightBound    = 256 << 10
	pressureShare = 16
)

// NewWorker makes the worker of one loop.
func NewWorker(commands *command.Worker, memcached *memcached.Worker, shared *Shared) *Worker {
	return &Worker{Commands: commands, Memcached: memcached, Shared: shared, bound: outputBound}
}

// Awake sets the clock for a wake-up.
func (w *Worker) Awake(now time.Time) {
	us := now.UnixMicro()
	w.Commands.NowUS = us
	w.Commands.NowMS = us / 1000
}

// ticks is how many ticks it takes to look at every session once.
const ticks = 10

// Tick does what is due about ten times a second.
func (w *Worker) Tick() {
	w.Commands.Tick()
	w.Memcached.Tick()
	w.bound = outputBound
	if most := w.Commands.Keyspace().Maxmemory(); most > 0 && offheap.Resident(offheap.Output) > most/pressureShare {
		w.bound = tightBound
	}
	for range (len(w.sessions) + ticks - 1) / ticks {
		if w.visited >= len(w.sessions) {
			w.visited = 0
		}
		w.sessions[w.visited].tick(w.Commands.NowMS)
		w.visited++
	}
}

// Accept makes the session of a new connection.
func (w *Worker) Accept(peer Peer, p Protocol) *Session {
	s := &Session{
		worker: w, peer: peer, out: protocol.NewOutput(&w.pool), protocol: p,
		index: len(w.sessions), activeMS: w.Commands.NowMS,
	}
	w.sessions = append(w.sessions, s)
	switch {
	case !w.Shared.enter(p):
		s.refuse()
	case p != Auto:
		s.speak()
	}
	return s
}

// leave forgets a session.
func (w *Worker) leave(s *Session) {
	last := len(w.sessions) - 1
	w.sessions[s.index] = w.sessions[last]
	w.sessions[s.index].index = s.index
	w.sessions[last] = nil
	w.sessions = w.sessions[:last]
	w.Shared.leave(s.protocol)
}

// Sessions returns how many connections the loop has.
func (w *Worker) Sessions() int { return len(w.sessions) }

// Stopped gives back what the worker holds.
func (w *Worker) Stopped() { w.pool.Close() }
