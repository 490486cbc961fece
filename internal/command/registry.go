package command

import (
	"slices"
	"sync"
	"sync/atomic"

	"github.com/crucible-cache/crucible/internal/acl"
	"github.com/crucible-cache/crucible/internal/metrics"
	"github.com/crucible-cache/crucible/internal/pubsub"
)

// Registry knows every connected client. Its mutex is taken when a client comes
// or goes and by commands about clients, never on the path of a request.
//
// Of a client that another loop owns, only what never changes, the methods of
// Peer, Buffers, seen, waiter and whether a watched key changed may be read.
type Registry struct {
	mu   sync.Mutex
	byID map[int64]*Client
}

func newRegistry() *Registry { return &Registry{byID: map[int64]*Client{}} }

func (r *Registry) add(c *Client) {
	r.mu.Lock()
	r.byID[c.ID] = c
	r.mu.Unlock()
}

func (r *Registry) remove(c *Client) {
	r.mu.Lock()
	delete(r.byID, c.ID)
	r.mu.Unlock()
}

// Len returns the number of connected clients.
func (r *Registry) Len() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.byID)
}

// snapshot returns the clients of this moment, oldest first. One that leaves
// meanwhile still can be read.
func (r *Registry) snapshot() []*Client {
	r.mu.Lock()
	clients := make([]*Client, 0, len(r.byID))
	for _, c := range r.byID {
		clients = append(clients, c)
	}
	r.mu.Unlock()
	slices.SortFunc(clients, func(a, b *Client) int { return int(a.ID - b.ID) })
	return clients
}

// get returns the clients of those identities that are connected, as given.
func (r *Registry) get(ids []int64) []*Client {
	r.mu.Lock()
	defer r.mu.Unlock()
	var clients []*Client
	for _, id := range ids {
		if c := r.byID[id]; c != nil {
			clients = append(clients, c)
		}
	}
	return clients
}

// seen is what other threads may read of a client. The client's own thread
// writes; numbers are gauges, which cost it a plain store.
type seen struct {
	startedMS   int64         // unix, never changes
	lastMS      metrics.Gauge // the last request, or what Active told of, unix
	command     metrics.Gauge // 1 + Spec.index of the last request, 0 if unknown
	db          metrics.Gauge
	queued      metrics.Gauge // commands in the transaction, -1 outside of one
	queuedBytes metrics.Gauge // of their arguments
	watching    metrics.Gauge // keys
	names       metrics.Gauge // bytes; see holdNames
	proto       metrics.Gauge
	flags       metrics.Gauge // seenNoEvict and so on

	subscriptions [pubsub.Kinds]metrics.Gauge

	name, libName, libVer atomic.Pointer[string]
	account               atomic.Pointer[acl.Account]
}

// Bits of seen.flags.
const (
	seenNoEvict = 1 << iota
	seenNoTouch
	seenBlocked
	seenListening
	seenMonitor
	seenBroadcast
	seenReadOnly
	seenReplica // it is a replica, or wants the data once
	seenMaster
	seenInternal // DEBUG MARK-INTERNAL-CLIENT
)

func (s *seen) start(nowMS int64) {
	s.startedMS = nowMS
	s.lastMS.Set(nowMS)
	s.queued.Set(-1)
	s.proto.Set(2)
}

// setFlag switches one of the bits.
func (s *seen) setFlag(bit int64, on bool) {
	if on {
		s.flags.Set(s.flags.Load() | bit)
	} else {
		s.flags.Set(s.flags.Load() &^ bit)
	}
}

// text reads one of the names, which may be unset.
func text(p *atomic.Pointer[string]) string {
	if s := p.Load(); s != nil {
		return *s
	}
	return ""
}
