package snapshot

import (
	"errors"
	"log/slog"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/crucible-cache/crucible/internal/keyspace"
	"github.com/crucible-cache/crucible/internal/rdb"
)

var errNoFile = errors.New("snapshot: no file is set")

// ErrRunning says that a snapshot is being taken already.
var ErrRunning = errors.New("snapshot: one is being taken already")

// Settings are what a Saver asks for each time.
type Settings struct {
	// Path is the file, "" for none.
	Path func() string
	// Directory is where copies are written.
	Directory func() string
	// AppendFile is what Rewrite writes; Preamble says whether its base may be in RDB form.
	AppendFile func() AppendFile
	Preamble   func() bool
	// Compress and Checksum say whether strings are compressed and the file ends
	// with a checksum.
	Compress, Checksum func() bool
	// Delay is how many microseconds go by for each key that is written; as a negative
	// number, how many keys to a microsecond. It is for tests.
	Delay func() int64
	// Limits are for what is read.
	Limits func() rdb.Limits
	// Changes returns how many changes there were since the start.
	Changes func() uint64
	// Version is what the file says of who wrote it.
	Version string
}

// Library is where functions are kept. Its fields are nil where there are none.
type Library struct {
	Each  func(visit func(code []byte))
	Add   func(code []byte, replace bool) error // in the place of those of that name, or it fails
	Clear func()
}

// Saver takes snapshots of a keyspace.
type Saver struct {
	// Functions are saved and loaded with the keys. Set before the first use.
	Functions Library

	// Failing is set while the last background save has failed.
	Failing atomic.Bool

	ks  *keyspace.Keyspace
	own *keyspace.Worker // of snapshots while requests go on
	w   *keyspace.Worker // of whoever has running
	set Settings

	mu        sync.Mutex
	running   bool
	rewriting bool // running is a rewrite of the append-only file
	current   *keyspace.Snapshot
	libraries [][]byte // of functions, when current began
	scheduled bool
	ended     *sync.Cond
	status    Status
}

// Status is what there is to tell of snapshots.
type Status struct {
	Loading   bool
	Running   bool // of a snapshot
	Scheduled bool
	OK        bool          // the last one in the background
	Last      time.Time     // of the last one that succeeded, or of the start
	Tried     time.Time     // when the last one in the background began
	Took      time.Duration // the last one in the background; negative if there was none
	Saves     int64
	SavedAt   uint64 // changes when the last one that succeeded began

	Processed, Total int64 // keys of the one that is running

	Loaded, Expired int64 // keys, at the start

	Rewrite RewriteStatus
}

// New returns a Saver for a keyspace.
func New(ks *keyspace.Keyspace, set Settings) *Saver {
	s := &Saver{ks: ks, own: ks.NewSaver(), set: set}
	s.status = Status{OK: true, Last: time.Now(), Took: -1, Rewrite: RewriteStatus{OK: true, Took: -1}}
	s.ended = sync.NewCond(&s.mu)
	return s
}

// Status returns what there is to tell.
func (s *Saver) Status() Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := s.status
	st.Running, st.Scheduled = s.running && !s.rewriting, s.scheduled
	st.Rewrite.Running = s.rewriting
	if s.current != nil {
		st.Processed = s.current.Processed.Load()
	}
	return st
}

// acquire begins a snapshot, of this moment. The caller's thread holds no shard.
func (s *Saver) acquire() error { return s.acquireAs(s.own) }

// acquireAs begins a snapshot that w takes, which holds no shard or all.
func (s *Saver) acquireAs(w *keyspace.Worker) error {
	if s.set.Path() == "" {
		return errNoFile
	}
	err := s.take(w)
	if !errors.Is(err, ErrRunning) {
		s.mu.Lock()
		s.scheduled = false
		s.mu.Unlock()
	}
	return err
}

// take begins a snapshot that w takes, whatever becomes of it.
func (s *Saver) take(w *keyspace.Worker) error { return s.takeFor(w, everything) }

func (s *Saver) takeFor(w *keyspace.Worker, parts Parts) error {
	s.mu.Lock()
	if s.running {
		s.mu.Unlock()
		return ErrRunning
	}
	s.running, s.rewriting, s.w = true, parts.append, w
	s.mu.Unlock()
	err := s.begin(parts.place)
	if err != nil {
		s.mu.Lock()
		s.running, s.rewriting = false, false
		s.ended.Broadcast()
		s.mu.Unlock()
	}
	return err
}

// begin begins a snapshot for whoever has running. s.mu is not held: it waits for
// shards, whose holder may want s.mu.
func (s *Saver) begin(place *Place) error {
	s.w.NowMS = time.Now().UnixMilli()
	var current *keyspace.Snapshot
	var libraries [][]byte
	begin := func() (err error) {
		if place != nil {
			s.w.LockAll()
			defer s.w.Unlock()
		}
		if current, err = s.w.BeginSnapshot(); err != nil {
			return err
		}
		if s.Functions.Each != nil {
			s.Functions.Each(func(code []byte) { libraries = append(libraries, code) })
		}
		if place != nil {
			place.Settle(place)
		}
		return nil
	}
	var err error
	if place != nil {
		err = place.Between(begin)
	} else {
		err = begin()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		return err
	}
	s.current, s.libraries = current, libraries
	s.status.Total = 0
	for _, size := range current.Sizes {
		s.status.Total += size.Keys
	}
	return nil
}

// release ends what acquire began.
func (s *Saver) release(saved bool, changes uint64) {
	s.current.Close(s.w)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.running, s.rewriting, s.current, s.libraries = false, false, nil, nil
	if saved {
		s.status.Last = time.Now()
		s.status.SavedAt = changes
		s.status.Saves++
		s.status.OK = true
		s.Failing.Store(false)
	}
	s.ended.Broadcast()
}

// Save takes a snapshot and returns when it is written.
func (s *Saver) Save() error {
	if err := s.acquire(); err != nil {
		return err
	}
	return s.run()
}

// SaveHeld is Save for a worker that holds all shards.
func (s *Saver) SaveHeld(w *keyspace.Worker) error {
	if err := s.acquireAs(w); err != nil {
		return err
	}
	return s.run()
}

// run writes the snapshot that was begun.
func (s *Saver) run() error {
	changes := s.set.Changes()
	path := s.set.Path()
	err := s.writeFile(path)
	s.release(err == nil, changes)
	if err != nil {
		slog.Error("snapshot failed", "file", path, "error", err)
	}
	return err
}

// Start begins a snapshot of this moment, or of when the append-only file is rewritten,
// and returns; done is called on another thread when it is written. The caller's thread
// holds no shard.
func (s *Saver) Start(done func(error)) error {
	err := s.acquire()
	switch {
	case err == nil:
		go func() { done(s.run()) }()
	case errors.Is(err, ErrRunning) && s.Status().Rewrite.Running:
		s.Anew(done)
	default:
		return err
	}
	return nil
}

// Anew is Start for a snapshot of when all that is under way is done, which is not long after a database was
// emptied: what is saved then is begun again.
func (s *Saver) Anew(done func(error)) {
	go func() {
		s.Wait()
		done(s.Save())
	}()
}

// Background is Start for a snapshot by whose outcome the server is judged.
func (s *Saver) Background() error {
	begun := time.Now()
	err := s.Start(func(err error) {
		s.mu.Lock()
		s.status.Took = time.Since(begun)
		s.status.OK = err == nil
		s.Failing.Store(err != nil)
		s.mu.Unlock()
	})
	if err == nil {
		s.mu.Lock()
		s.status.Tried = begun
		s.mu.Unlock()
	}
	return err
}

// Schedule has Tick begin a snapshot in the background as soon as may be.
func (s *Saver) Schedule() {
	s.mu.Lock()
	s.scheduled = true
	s.mu.Unlock()
}

// Point says that a snapshot is due when there were so many changes, and so many
// seconds have passed.
type Point struct{ Seconds, Changes int64 }

// retryAfter is how long after a snapshot that failed the next is not begun.
const retryAfter = 5 * time.Second

// Tick begins a snapshot if one is due. It is called about ten times a second,
// with no shard locked.
func (s *Saver) Tick(points []Point) {
	s.mu.Lock()
	if s.status.Rewrite.Scheduled && !s.running {
		s.mu.Unlock()
		_ = s.Rewrite()
		return
	}
	due := s.scheduled && !s.running
	if !s.running && len(points) > 0 {
		changes, since := s.set.Changes()-s.status.SavedAt, time.Since(s.status.Last)
		rested := s.status.OK || time.Since(s.status.Tried) > retryAfter
		for _, p := range points {
			due = due || rested && changes >= uint64(p.Changes) && since > time.Duration(p.Seconds)*time.Second
		}
	}
	s.mu.Unlock()
	if due {
		_ = s.Background() // if another came first, so much the better
	}
}

// Wait returns when no snapshot is being taken.
func (s *Saver) Wait() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.running {
		s.ended.Wait()
	}
}

// GiveUp has the snapshot that is being taken end without a file, and returns when it has.
func (s *Saver) GiveUp() {
	s.mu.Lock()
	if s.current != nil {
		s.current.Abandon()
	}
	s.mu.Unlock()
	s.Wait()
}

// temporary is the file that is written before it is renamed.
func temporary(path string) string {
	return filepath.Join(filepath.Dir(path), "temp-"+filepath.Base(path))
}
