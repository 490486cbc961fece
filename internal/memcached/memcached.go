// Package memcached has Memcached's commands over the keyspace that Redis'
// commands work on: what one protocol stores the other reads. Memcached's
// clients see database 0.
//
// A Client is the state of one connection; it knows no socket. The session
// room cuts requests out of the stream and calls Client.Execute, on the thread
// of the connection's loop, which locks the shard of one key at a time: a get
// of many keys is no more atomic here than in the reference server.
//
// The unique number of an item is assigned when a client first asks for it
// (gets, gats). An item that was written since has another or none, and either
// way a cas with the old number finds that the item EXISTS.
//
// A collection of Redis is no value to this protocol: get, gat, touch, incr,
// replace, append and the like do not find it. It is in the way of add, set
// replaces it and delete removes it.
package memcached

import (
	"slices"
	"sync/atomic"
	"time"

	"github.com/crucible-cache/crucible/internal/keyspace"
	"github.com/crucible-cache/crucible/internal/metrics"
	"github.com/crucible-cache/crucible/internal/protocol/memcache"
)

// ReferenceVersion is the release whose behaviour the commands have. Clients
// choose what they send by it.
const ReferenceVersion = "1.6.38"

// database is the one that Memcached's clients see.
const database = 0

// Settings are the options of the reference server that have an effect here.
type Settings struct {
	MaxItem        int    // -I, bytes
	MaxLine        int    // longest retrieval line, bytes
	MaxConnections int64  // -c
	Threads        int    // -t
	Port           int    // -p, 0 = none
	Interface      string // -l
	UnixSocket     string // -s
	Backlog        int    // -b
	IdleSeconds    int64  // -o idle_timeout, 0 = never
}

// Server is what the workers of all loops share. Its fields are set before the
// first client comes.
type Server struct {
	Settings Settings
	Started  time.Time
	workers  atomic.Pointer[[]*Worker]

	// Facts adds what other rooms know to the general statistics.
	Facts func(put func(name string, value uint64))

	// Tell has those who follow the server told of a write. It is called while the keyspace is followed, with what
	// was written to locked; nil where nobody can follow.
	Tell func(db int, name string, args ...[]byte)

	flushAt   atomic.Int64 // unix ms at which a delayed flush_all is due, 0 = none
	verbosity atomic.Uint32
}

// NewServer returns a server with no workers yet.
func NewServer(s Settings, started time.Time) *Server {
	return &Server{Settings: s, Started: started}
}

// Worker runs the commands of one loop.
type Worker struct {
	*keyspace.Worker
	Server *Server
	Stats  Stats

	together [together]Ahead // what lookTogether returns
	base     []atomic.Uint64 // what the counters were at the last "stats reset"
	_        [64]byte
}

// Workers returns those of all loops. Any thread may call it.
func (s *Server) Workers() []*Worker {
	if all := s.workers.Load(); all != nil {
		return *all
	}
	return nil
}

// NewWorker makes the worker of one loop. They are made one after the other, and may be
// while clients are served by those of others.
func (s *Server) NewWorker(kw *keyspace.Worker) *Worker {
	w := &Worker{Worker: kw, Server: s, base: make([]atomic.Uint64, len(counters))}
	all := append(slices.Clone(s.Workers()), w)
	s.workers.Store(&all)
	return w
}

// Tick carries out a delayed flush_all when it is due. Whichever loop comes
// first does it.
func (w *Worker) Tick() {
	at := w.Server.flushAt.Load()
	if at != 0 && at <= w.NowMS && w.Server.flushAt.CompareAndSwap(at, 0) {
		w.flush()
	}
}

// Client is the state of one connection.
type Client struct {
	W   *Worker
	Out memcache.Writer

	// Closing ends the connection once the replies so far are sent.
	Closing bool
}

// Execute carries out a request and appends its reply. The request's bytes are
// only read, and not needed after the return. a is what LookAhead found out about
// it, empty if it was not asked.
func (c *Client) Execute(r *memcache.Request, a *Ahead) {
	k := a.key
	if k.Name == nil && len(r.Key) > 0 {
		k = c.W.Key(r.Key)
	}
	if !r.Noreply {
		c.execute(r, k)
		return
	}
	mark := c.Out.Out.Len()
	c.execute(r, k)
	c.Out.Out.Truncate(mark)
}

// execute is given the first key of the request.
func (c *Client) execute(r *memcache.Request, k keyspace.Key) {
	if c.W.Keyspace().Occupied() && touchesKeys(r.Op) {
		c.Out.Error(memcache.ErrBusy)
		return
	}
	switch r.Op {
	case memcache.OpNone:
	case memcache.OpGet, memcache.OpGets, memcache.OpGat, memcache.OpGats:
		c.retrieve(r, k)
	case memcache.OpSet, memcache.OpAdd, memcache.OpReplace, memcache.OpAppend, memcache.OpPrepend, memcache.OpCAS:
		c.store(r, k)
	case memcache.OpIncr, memcache.OpDecr:
		c.arithmetic(r, k)
	case memcache.OpTouch:
		c.touch(r, k)
	case memcache.OpDelete:
		c.delete(k)
	case memcache.OpFlushAll:
		c.flushAll(r)
	case memcache.OpVersion:
		c.Out.Version(ReferenceVersion)
	case memcache.OpVerbosity:
		c.W.Server.verbosity.Store(r.Level)
		c.Out.Status(memcache.OK)
	case memcache.OpStats:
		c.stats(r)
	case memcache.OpQuit:
		c.Closing = true
	case memcache.OpShutdown:
		c.Out.Error(memcache.ErrShutdownDisabled)
	default:
		// Administration of what there is none of here: slab classes, LRU
		// queues, watchers.
		c.Out.Error(memcache.ErrCommand)
	}
}

// Refused tells of a request that the parser refused: a value that is too large
// for the cache takes the item it was to replace with it.
func (c *Client) Refused(r *memcache.Request, e *memcache.Error) {
	if e == memcache.ErrTooLarge {
		c.W.Stats.StoreTooLarge.Add(1)
		if r.Op == memcache.OpSet {
			c.remove(c.W.Key(r.Key))
		}
	}
	if !r.Noreply {
		c.Out.Error(e)
	}
	if e.Close {
		c.Closing = true
	}
}

// Stats are the counters of one worker, summed by "stats" and the metrics.
type Stats struct {
	CmdGet, CmdSet, CmdFlush, CmdTouch metrics.Counter
	GetHits, GetMisses, GetExpired     metrics.Counter
	DeleteHits, DeleteMisses           metrics.Counter
	IncrHits, IncrMisses               metrics.Counter
	DecrHits, DecrMisses               metrics.Counter
	CASHits, CASMisses, CASBadval      metrics.Counter
	TouchHits, TouchMisses             metrics.Counter
	StoreTooLarge, StoreNoMemory       metrics.Counter
	TotalItems                         metrics.Counter
}

// count adds to one of two counters.
func count(hit bool, hits, misses *metrics.Counter) {
	if hit {
		hits.Add(1)
	} else {
		misses.Add(1)
	}
}

// touchesKeys reports whether a command reads or writes items.
func touchesKeys(op memcache.Op) bool {
	switch op {
	case memcache.OpGet, memcache.OpGets, memcache.OpGat, memcache.OpGats,
		memcache.OpSet, memcache.OpAdd, memcache.OpReplace, memcache.OpAppend, memcache.OpPrepend, memcache.OpCAS,
		memcache.OpIncr, memcache.OpDecr, memcache.OpTouch, memcache.OpDelete, memcache.OpFlushAll:
		return true
	}
	return false
}
