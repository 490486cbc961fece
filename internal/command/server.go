package command

import (
	"io"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/crucible-cache/crucible/internal/acl"
	"github.com/crucible-cache/crucible/internal/keyspace"
	"github.com/crucible-cache/crucible/internal/pubsub"
	"github.com/crucible-cache/crucible/internal/script"
	"github.com/crucible-cache/crucible/internal/snapshot"
	"github.com/crucible-cache/crucible/internal/stream"
	"github.com/crucible-cache/crucible/internal/ticks"
)

// Server is what all workers share. Its fields are set before the first client
// comes and stay; what changes later is inside Clients and Params.
type Server struct {
	Keyspace *keyspace.Keyspace
	Table    *Table
	workers  atomic.Pointer[[]*Worker]
	Clients  *Registry
	Broker   *pubsub.Broker
	Params   *Params

	// Stream has the writes that replicas follow. It is wanted while attention has attendStream.
	Stream *stream.Log

	attention atomic.Uint32 // see attended
	monitors  sync.Mutex    // of counting them

	trackers     trackers
	broadcasting sync.Mutex
	broadcasts   bool // the keyspace tells of every write
	Users        *acl.Users

	// Snapshots writes all databases to disk and loads them.
	Snapshots *snapshot.Saver
	transfers chan struct{} // has one for each file that is being sent

	// Hire starts one more loop, without clients of its own, and returns its worker and what has a function run
	// on its thread. Any thread calls it; nil where there can be none.
	Hire    func() (*Worker, func(fn func()), error)
	replica replication

	followers followers
	handover  handover
	closing   atomic.Bool // it waits for its replicas to have everything

	// Debug starts a copy of the server that debugs a script, with the data of a file that it takes
	// over, and returns what speaks to it. Closing that ends the copy. Any thread calls it; nil where there can be no copies.
	Debug  func(x *Debugged, data *os.File) (io.ReadWriteCloser, error)
	copies chan struct{} // has one for each copy

	// Shutdown stops the process on behalf of SHUTDOWN; an error means that it could not.
	// Any thread calls it, so it must only begin the work. It is nil where the process may
	// not be stopped from outside.
	Shutdown func(ShutdownRequest) error

	// Counters adds what other rooms count to the section stats of INFO; nil adds
	// nothing. Any thread calls it.
	Counters func(put func(name string, n uint64))

	// Network returns the bytes received from and sent to all clients since the
	// start, which the engine counts; nil where there is none. Any thread calls it.
	Network func() (received, sent uint64)

	// Threads tells of each loop; nil where there is none. Any thread calls it.
	Threads func() []ThreadFacts

	// ForgetPeaks has the longest wake-ups of the loops count from now on; nil where there is no
	// loop. Any thread calls it.
	ForgetPeaks func()

	// LoopSeconds returns the processor time of the loops' threads; nil where there is
	// none. Any thread calls it.
	LoopSeconds func() (system, user float64)

	Identity Identity

	// StartupBytes is the memory that was in use when the first client could come.
	StartupBytes int64

	nextID atomic.Int64

	evictedClients atomic.Uint64
	crowd          crowd

	blocked atomic.Int64           // clients in a blocking command
	reset   atomic.Pointer[totals] // what had been counted at CONFIG RESETSTAT
	rates   rates

	slowlog slowlog
	spikes  latencyMonitor
	scripts scripts
	pause   pause

	rewriting sync.Mutex // of the file of the configuration

	cluster *cluster // nil unless it is of one

	// hindered is not 0 while requests may have to wait or be refused: a script
	// is busy, the server is paused, or replicas are wanted.
	hindered atomic.Int32

	// Restart starts the program anew in this process, after a delay, and returns only if it can't; nil where
	// nobody can. Any thread calls it.
	Restart func(delay time.Duration) error

	leaked struct { // DEBUG LEAK
		mu    sync.Mutex
		texts []string
	}

	leaving  atomic.Pointer[leaving] // nil unless a shutdown waits for its snapshot
	unsummed atomic.Bool             // DEBUG SET-SKIP-CHECKSUM-VALIDATION
}

// ThreadFacts are what a loop has: its clients, how often it received and sent, what it did.
type ThreadFacts struct {
	Clients       int64
	Reads, Writes uint64
	Cycles        uint64        // wake-ups
	Busy          time.Duration // processor time it took
	Ticking       time.Duration // what is done ten times a second took
	Longest       time.Duration // wake-up, since ForgetPeaks
}

// Identity is what the server says of itself in INFO and HELLO.
type Identity struct {
	Version    string // of this program
	Build      string // with all that tells one build of it from another
	RunID      string // 40 hexadecimal digits, new at each start
	HistoryID  string // likewise: see historyID
	Executable string
	ConfigFile string
	RedisConf  bool   // ConfigFile is a redis.conf and no profile
	Engine     string // what drives the sockets: "io_uring", "epoll", "goroutine"
	Started    time.Time
}

// RedisVersion is the release whose behaviour the commands have. Clients and
// tools choose what they send by it.
const RedisVersion = "8.0.2"

// NewServer makes a server for the keyspace with the parameters given.
func NewServer(ks *keyspace.Keyspace, params *Params, id Identity) *Server {
	ticks.Calibrate()
	table := Commands()
	s := &Server{
		Keyspace: ks,
		Table:    table,
		Clients:  newRegistry(),
		scripts:  scripts{cache: script.NewCache(), functions: script.NewFunctions()},
		Broker:   pubsub.NewBroker(),
		Stream:   stream.New(params.backlog.size.Load()),
		Params:   params,
		Users:    acl.NewUsers(table.catalogue()),
		Identity: id,

		transfers: make(chan struct{}, transfersMax),
		copies:    make(chan struct{}, copiesMax),
	}
	s.Snapshots = s.newSaver()
	params.bind(s.Users)
	ks.Observe(s)
	ks.ObserveTracked(s)
	params.events.choose = ks.ChooseEvents
	params.frequency.tell(ks)
	params.limitTracked = ks.LimitTracked
	params.backlog.resize = s.Stream.Resize
	params.hinder = func(more int32) { s.hindered.Add(more) }
	ks.LimitTracked(params.trackedKeys.Load())
	return s
}

// Workers returns those of all loops, by their ID. Any thread may call it.
func (s *Server) Workers() []*Worker {
	if all := s.workers.Load(); all != nil {
		return *all
	}
	return nil
}

// NewWorker makes the worker of one loop. They are made one after the other, and may be
// while clients are served by those of others.
func (s *Server) NewWorker(kw *keyspace.Worker) *Worker {
	before := s.Workers()
	w := &Worker{Worker: kw, Server: s, ID: len(before), keyAt: -1}
	w.Stats.PerCommand = make([]CommandStats, len(s.Table.all))
	w.Stats.errors.byCode = map[string]uint64{}
	s.Broker.AddLoop()
	all := append(slices.Clone(before), w)
	s.workers.Store(&all)
	return w
}
