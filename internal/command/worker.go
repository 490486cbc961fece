package command

import (
	"sync"
	"sync/atomic"

	"github.com/crucible-cache/crucible/internal/keyspace"
	"github.com/crucible-cache/crucible/internal/metrics"
	"github.com/crucible-cache/crucible/internal/protocol"
	"github.com/crucible-cache/crucible/internal/rdb"
	"github.com/crucible-cache/crucible/internal/store"
	"github.com/crucible-cache/crucible/internal/ticks"
)

// Worker runs the commands of one loop, on that loop's thread.
type Worker struct {
	*keyspace.Worker
	Server *Server
	ID     int

	// Rouse has the loop of another worker, or this one's, call ReadInbox soon. It
	// is called on this loop's thread. nil where there are no loops.
	Rouse func(other *Worker)

	// Post has this worker's loop run fn on its thread. Any thread may call it. nil
	// where there are no loops.
	Post func(fn func())

	// NowUS is the cached wall clock of this wake-up, unix microseconds.
	NowUS int64

	// What Client.Key hands out: either the single key and its position, or,
	// with keyAt = -1, the keys of a command that may have several.
	key     keyspace.Key
	keyAt   int
	keys    []keyspace.Key
	keysAt  []int
	nextKey int

	ahead struct { // the key that LookAhead saw last
		hash uint64
		item store.Loc // where it probably lies, 0 if that is not known
	}

	blocked   []*waiter // clients of this loop that wait for a key
	alarm     alarm
	late      []lateKey
	host      *host // see scriptHost
	aside     aside
	unit      unit
	postponed postponed
	agent     *Client // see standIn
	agentPool protocol.Pool

	access  accessRequest              // see request
	noteUse func(at int, flags string) // of access, made once

	current   *Client // whose request is being carried out, while attention is paid
	modified  []broadcastKey
	monitors  []*Client    // of this loop
	monitored atomic.Int32 // how many those are

	inbox   inbox
	pending bool // finish has something to do

	channel   []byte // of Server.Event
	scratch   []byte // see copied
	encoder   rdb.Encoder
	positions []int64 // of LPOS
	vectors   vectorRoom

	errorsSeen uint64 // Stats.ErrorReplies when the running command began
	commands   uint64 // Stats.Commands when this wake-up began
	group      pipelined

	Stats Stats
	_     [64]byte // the counters of another worker are on other cache lines
}

// Stats are counters of one worker, summed by INFO and the metrics.
type Stats struct {
	Commands     metrics.Counter // requests carried out
	Connections  metrics.Counter // accepted
	Rejected     metrics.Counter // refused for maxclients
	ErrorReplies metrics.Counter
	Payloads     metrics.Counter // of RESTORE that were looked at
	FreedLater   metrics.Counter // values that UNLINK and FLUSHALL removed
	ExpireNS     metrics.Counter // that ticks took to let keys expire, nanoseconds
	PerCommand   []CommandStats  // by Spec.index

	errors       errorCounts
	mostCommands atomic.Uint64 // of one wake-up, since CONFIG RESETSTAT
}

// CommandStats are the figures of INFO commandstats and latencystats for one
// command.
type CommandStats struct {
	Calls, Rejected, Failed metrics.Counter
	NS                      metrics.Counter // that the calls took, nanoseconds

	latency atomic.Pointer[metrics.Histogram] // nil until a call is recorded
}

// Awake begins a wake-up, at that time of the wall clock in unix microseconds.
func (w *Worker) Awake(us int64) {
	w.NowUS, w.NowMS = us, us/1000
	was := w.commands
	w.commands = w.Stats.Commands.Load()
	if n := w.commands - was; n > w.Stats.mostCommands.Load() {
		w.Stats.mostCommands.Store(n)
	}
}

// Tick does what is due about ten times a second: the keyspace's share, and, on
// the first worker, a sample for the rates of INFO. No shard is locked.
func (w *Worker) Tick() {
	w.tickKeyspace()
	w.timeOut()
	w.goOnPostponed()
	w.tendDebugger()
	if w.ID == 0 {
		w.Server.endPause(w.NowMS)
	}
	if w.Server.blocked.Load() > 0 && w.Server.scripts.busy.Load() == nil {
		w.EachWoken(w.serveWaiters)
		w.serveLate()
	}
	if w.ID == 0 {
		ticks.Calibrate()
		w.Server.sample(w.NowMS)
		w.Server.tendFollowers(w.NowMS)
		w.Server.Snapshots.Tick(w.Server.Params.savePoints())
		w.Server.evictClients(w.NowMS, nil)
	}
}

// errorCounts counts error replies by code. Errors are not the hot path, so
// that a mutex will do.
type errorCounts struct {
	mu        sync.Mutex
	byCode    map[string]uint64 // since CONFIG RESETSTAT
	overflown bool
}

// countError counts an error reply under its code, the first word of text.
func (w *Worker) countError(text string) {
	w.Stats.ErrorReplies.Add(1)
	code := text
	for i := range len(text) {
		if text[i] == ' ' {
			code = text[:i]
			break
		}
	}
	w.Stats.errors.add(code)
}

func (e *errorCounts) add(code string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if _, known := e.byCode[code]; !known && len(e.byCode) == maxErrorCodes {
		e.overflown = true
	}
	if !e.overflown {
		e.byCode[code]++
	}
}

// forget begins to count anew.
func (e *errorCounts) forget() {
	e.mu.Lock()
	defer e.mu.Unlock()
	clear(e.byCode)
	e.overflown = false
}

// maxErrorCodes bounds the kinds of errors told apart in INFO errorstats. Our
// own are far fewer; scripts can make up codes. When there are more, none are
// told apart until CONFIG RESETSTAT, as in Redis.
const maxErrorCodes = 128

// keyAmong is Client.Key for a command that may have several keys: handlers
// ask for them in order, so the next one is tried first.
func (w *Worker) keyAmong(args [][]byte, i int) keyspace.Key {
	if n := w.nextKey; n < len(w.keysAt) && w.keysAt[n] == i {
		w.nextKey++
		return w.keys[n]
	}
	for n, at := range w.keysAt {
		if at == i {
			w.nextKey = n + 1
			return w.keys[n]
		}
	}
	return w.Worker.Key(args[i])
}

// noteKeys makes the keys of a request known to Client.Key.
func (w *Worker) noteKeys(s *Spec, args [][]byte) {
	if s.locking == lockOne {
		w.keyAt, w.key = s.oneKey, w.Worker.Key(args[s.oneKey])
		return
	}
	w.keyAt, w.nextKey = -1, 0
	w.keys, w.keysAt = w.keys[:0], w.keysAt[:0]
	if len(s.Keys) > 0 {
		s.eachKey(args, func(at int, _ *KeySpec) {
			w.keys = append(w.keys, w.Worker.Key(args[at]))
			w.keysAt = append(w.keysAt, at)
		})
	}
}

// loadKeys starts to load what several keys lead to, so that the waits overlap.
func (w *Worker) loadKeys(db int) {
	if len(w.keys) < 2 {
		return
	}
	for _, k := range w.keys {
		w.PrefetchIndex(db, k)
	}
	for _, k := range w.keys {
		w.PrefetchItem(db, k)
	}
}

// lock holds the shards that a command running alone needs and reports whether
// there are any.
func (w *Worker) lock(db int, s *Spec, args [][]byte, a *Ahead) bool {
	if a.known {
		w.keyAt, w.key = s.oneKey, a.key
	} else {
		w.noteKeys(s, args)
	}
	switch s.locking {
	case lockOne:
		w.LockKey(w.key)
	case lockKeys:
		if len(w.keys) == 0 {
			return false
		}
		w.loadKeys(db)
		w.LockKeys(w.keys)
	case lockAll:
		w.LockAll()
	default:
		return false
	}
	return true
}
