package command

import (
	"cmp"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/crucible-cache/crucible/internal/redisconf"
)

// clientMemoryMin is the least that clients may take together, in bytes, however
// low maxmemory-clients is: with less nobody could tell the server otherwise.
const clientMemoryMin = 128 << 10

// memory is how much the buffers of a connection take, in bytes, with what it
// has queued in a transaction and the names that are kept for it. Any thread may call it.
func (c *Client) memory() int64 {
	b := &c.Buffers
	return b.Query.Load() + b.QueryFree.Load() + b.Output.Load() + c.seen.queuedBytes.Load() + c.seen.names.Load()
}

// evictable reports whether the connection counts for maxmemory-clients: those of replication have limits of their own.
func (c *Client) evictable() bool {
	class := c.Class()
	return class != ClassReplica && class != classMaster
}

// crowd is what the clients take together, for maxmemory-clients.
type crowd struct {
	bytes  atomic.Int64 // as far as clients have told; evictClients knows better
	mu     sync.Mutex   // who holds it evicts
	restMS atomic.Int64 // until when to evict nobody, for it was in vain
}

// Weigh tells the server how much the client's buffers take, when that may have
// changed, and evicts if they are too much for it. It runs on the client's thread.
func (c *Client) Weigh() {
	s := c.W.Server
	if s.Params.clients.Load() == 0 || !c.evictable() {
		return
	}
	n := c.memory()
	total := s.crowd.bytes.Add(n - c.weight)
	c.weight = n
	if total >= s.Params.clientMemory() && c.W.NowMS >= s.crowd.restMS.Load() {
		s.evictClients(c.W.NowMS, c)
	}
}

// crowdRestMS is for how long nobody looks for clients to evict when there were none.
const crowdRestMS = 100

// evictClients disconnects the clients that take the most memory while all
// together take more than maxmemory-clients. Those that set CLIENT NO-EVICT
// count, and stay. It runs when a client says that it takes more, which is self, and on
// one worker's tick, with no self. Any thread may call it, that of self if there is one.
func (s *Server) evictClients(nowMS int64, self *Client) {
	limit := s.Params.clientMemory()
	if limit == 0 || !s.crowd.mu.TryLock() {
		return
	}
	defer s.crowd.mu.Unlock()
	clients, total := s.Clients.snapshot(), int64(0)
	sizes := make(map[*Client]int64, len(clients))
	clients = slices.DeleteFunc(clients, func(c *Client) bool { return !c.evictable() })
	for _, c := range clients {
		sizes[c] = c.memory()
		total += sizes[c]
	}
	s.crowd.bytes.Store(total)
	s.crowd.restMS.Store(0)
	if total < limit {
		return
	}
	slices.SortFunc(clients, func(a, b *Client) int { return cmp.Compare(sizes[b], sizes[a]) })
	for _, c := range clients {
		if total < limit || sizes[c] == 0 {
			break
		}
		if c.seen.flags.Load()&seenNoEvict != 0 {
			continue
		}
		total -= sizes[c]
		s.evictedClients.Add(1)
		slog.Info("evicting a client", "id", c.ID, "address", c.Peer.RemoteAddr(), "bytes", sizes[c])
		s.Clients.remove(c)
		if c == self {
			c.Killed = true // before it is told that its request was carried out
		} else {
			c.Peer.Post(func() { c.Killed = true })
		}
	}
	if total >= limit {
		s.crowd.restMS.Store(nowMS + crowdRestMS)
	}
}

// clientMemory is how much all clients may take together, in bytes, 0 for any
// amount.
func (p *Params) clientMemory() int64 {
	n := p.clients.Load()
	if n == 0 {
		return 0
	}
	if n < 0 {
		n = p.Maxmemory() * -n / 100
	}
	return max(n, clientMemoryMin)
}

// shareParam is a number of bytes or, with %, a share of maxmemory, which is
// kept as a negative number.
type shareParam struct{ value *atomic.Int64 }

func (s *shareParam) immutable() bool { return false }

func (s *shareParam) get() string {
	if n := s.value.Load(); n < 0 {
		return strconv.FormatInt(-n, 10) + "%"
	}
	return strconv.FormatInt(s.value.Load(), 10)
}

func (s *shareParam) set(text string) (func(), error) {
	n, err := parseShare(text)
	if err != nil {
		return nil, err
	}
	old := s.value.Swap(n)
	return func() { s.value.Store(old) }, nil
}

func parseShare(text string) (int64, error) {
	shown, err := redisconf.Lookup("maxmemory-clients").Parse(text)
	if err != nil {
		return 0, err
	}
	if digits, isShare := strings.CutSuffix(shown, "%"); isShare {
		n, err := strconv.ParseInt(digits, 10, 64)
		return -n, err
	}
	return strconv.ParseInt(shown, 10, 64)
}
