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
	inputs   inputBlocks
	upcoming upcoming
	expected expected
	sessions []*Session
	visited  int // next of sessions that a tick looks at

	// bound is how many bytes of replies may wait for a client that is served
	// further, pressure how many for all clients before tightBound holds.
	bound    int
	pressure int64
}

// A client is not served while more than a boundShare-th of maxmemory waits for
// it in replies, or more than tightBound while that much waits for all clients
// together. The share is small for the sake of maxmemory, which bounds replies
// and items together, and items give way no sooner than the next tick. It is
// large for the sake of clients that send a long pipeline before they read the
// first reply: what is not served waits in the socket's buffers, some
// megabytes, beyond which such a client waits for us and we for it.
//
// A single command may go beyond: its reply is kept up to a replyShare-th of
// maxmemory, and a client that asks for more is disconnected.
const (
	outputBoundMin = 1 << 20
	outputBoundMax = 64 << 20
	tightBound     = 256 << 10
	boundShare     = 32
	replyShare     = 2
)

// The workers keep a keepShare-th of maxmemory in idle chunks, within bounds for
// each, and what is in use time and again up to a busyShare-th, in chunks and in blocks for
// requests in part alike.
const (
	keepShare = 128
	keepMin   = 256 << 10
	keepMax   = 4 << 20
	busyShare = 64
)

// NewWorker makes the worker of one loop. They are made one after the other, and may be
// while clients are served by those of others.
func NewWorker(commands *command.Worker, memcached *memcached.Worker, shared *Shared) *Worker {
	w := &Worker{Commands: commands, Memcached: memcached, Shared: shared}
	shared.join(&w.pool)
	w.divide()
	return w
}

// divide derives the bounds of replies from maxmemory, which may change. Idle
// chunks are no pressure: to use them takes no more memory.
func (w *Worker) divide() {
	most := w.Commands.Keyspace().Maxmemory()
	share := most / boundShare
	w.bound = int(min(max(share, outputBoundMin), outputBoundMax))
	w.pressure = share
	pools := w.Shared.all()
	for _, p := range pools {
		w.pressure += p.Resting()
	}
	w.pool.Limit = int(max(most/replyShare, outputBoundMin))
	workers := int64(len(pools))
	keep := int(min(max(most/keepShare/workers, keepMin), keepMax))
	busy := max(keep, int(most/busyShare/workers))
	w.pool.Bound(busy, keep)
	w.inputs.Most = busy
}

// full reports whether a client for whom n bytes wait has to read some first.
func (w *Worker) full(n int) bool {
	return n > w.bound || n > tightBound && offheap.Resident(offheap.Output) > w.pressure
}

// Awake sets the clock for a wake-up.
func (w *Worker) Awake(now time.Time) {
	w.Commands.Awake(now.UnixMicro())
}

// ticks is how many ticks it takes to look at every session once.
const ticks = 10

// Tick does what is due about ten times a second.
func (w *Worker) Tick() {
	w.Commands.Tick()
	w.Memcached.Tick()
	w.divide()
	w.pool.Trim()
	w.inputs.Trim(offheap.Input)
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
		worker: w, peer: peer, out: protocol.NewOutput(&w.pool), held: input{blocks: &w.inputs}, protocol: p,
		index: len(w.sessions), activeMS: w.Commands.NowMS,
	}
	s.out.Bound = s
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
func (w *Worker) Stopped() {
	w.Commands.Stopped()
	w.pool.Close()
	w.inputs.Close(offheap.Input)
}
