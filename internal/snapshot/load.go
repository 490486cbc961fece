package snapshot

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"time"

	"github.com/crucible-cache/crucible/internal/keyspace"
	"github.com/crucible-cache/crucible/internal/rdb"
)

// Load reads the file, if there is one, into the keyspace, as the worker, which
// holds no shard or all. The error of a file that can't be read whole names it,
// the offset and the reason.
func (s *Saver) Load(w *keyspace.Worker) error { return s.load(w, false) }

// load is Load, and with merge keys and libraries of the file take the place of those there are.
func (s *Saver) load(w *keyspace.Worker, merge bool) error {
	path := s.set.Path()
	if path == "" {
		return nil
	}
	f, err := os.Open(path) //nolint:gosec // the file that the operator named
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("load the snapshot: %w", err)
	}
	defer f.Close() //nolint:errcheck // it was only read
	_, err = s.loadFile(w, f, merge, 0)
	return err
}

// LoadFile is Load of a file that has been opened, from its beginning. What has expired by less than lag, in
// milliseconds, is loaded too. It returns the database that the stream of writes behind the file goes on in.
func (s *Saver) LoadFile(w *keyspace.Worker, f *os.File, lag int64) (db int, err error) {
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return 0, fmt.Errorf("load the snapshot: %w", err)
	}
	return s.loadFile(w, f, false, lag)
}

func (s *Saver) loadFile(w *keyspace.Worker, f *os.File, merge bool, lag int64) (db int, err error) {
	info, err := f.Stat()
	if err != nil {
		return 0, fmt.Errorf("load the snapshot: %w", err)
	}
	s.loading(true)
	defer s.loading(false)
	d := rdb.NewFileDecoder(f, info.Size(), s.set.Limits())
	l := loader{s: s, w: w, merge: merge}
	w.NowMS = time.Now().UnixMilli() - lag
	err = d.File(w.Heap(), &l)
	s.mu.Lock()
	s.status.Loaded, s.status.Expired = l.loaded, l.expired
	s.status.Last, s.status.SavedAt = time.Now(), s.set.Changes()
	s.mu.Unlock()
	if err == nil {
		return l.streamDB, nil
	}
	var at *rdb.Error
	if !errors.As(err, &at) {
		err = fmt.Errorf("at offset %d: %w", d.Offset(), err)
	}
	return 0, fmt.Errorf("load the snapshot %s: %w", f.Name(), err)
}

func (s *Saver) loading(on bool) {
	s.mu.Lock()
	s.status.Loading = on
	s.mu.Unlock()
}

// loader puts what a file has into the keyspace.
type loader struct {
	s     *Saver
	w     *keyspace.Worker
	merge bool
	db    int

	streamDB int

	loaded, expired int64
}

// Aux implements rdb.Loader.
func (l *loader) Aux(name, value string) error {
	n, err := strconv.ParseUint(value, 10, 64)
	isNumber := err == nil
	switch {
	case isNumber && name == casAux:
		l.s.ks.SkipCAS(n)
	case isNumber && name == streamAux && n < uint64(l.s.ks.Databases()): //nolint:gosec // not negative
		l.streamDB = int(n) //nolint:gosec // small
	}
	return nil
}

// Database implements rdb.Loader.
func (l *loader) Database(db uint64) error {
	if n := l.s.ks.Databases(); db >= uint64(n) {
		return fmt.Errorf("database %d, and there are %d: raise redis.databases", db, n)
	}
	l.db = int(db)
	return nil
}

// Function implements rdb.Loader.
func (l *loader) Function(code []byte) error {
	if l.s.Functions.Add == nil {
		return errors.New("a library of functions, which this server does not have")
	}
	return l.s.Functions.Add(code, l.merge)
}

// Entry implements rdb.Loader. A key whose time is over is passed over.
func (l *loader) Entry(x *rdb.Entry) error {
	w := l.w
	if x.ExpireAt != 0 && x.ExpireAt <= w.NowMS {
		x.Value.Release()
		l.expired++
		return nil
	}
	held := w.Holding()
	if !held {
		if err := w.Prepare(len(x.Name) + len(x.Value.Bytes)); err != nil {
			x.Value.Release()
			return fmt.Errorf("%d keys were loaded and memory is full: raise cache.maxmemory, or choose a policy that evicts", l.loaded)
		}
	}
	k := w.Key(x.Name)
	if !held {
		w.LockKey(k)
	}
	_, twice := w.Peek(l.db, k)
	if twice && l.merge {
		w.Delete(l.db, k)
		twice = false
	}
	if twice {
		x.Value.Release()
	} else {
		w.Put(l.db, k, x.Value, keyspace.Options{ExpireAt: x.ExpireAt, Flags: x.Flags})
		if x.Idle >= 0 {
			w.SetIdle(l.db, k, x.Idle)
		}
		if x.Freq >= 0 {
			w.SetFrequency(l.db, k, uint8(x.Freq))
		}
	}
	if !held {
		w.Unlock()
		w.Settle()
	}
	if twice {
		return fmt.Errorf("key %.100q is there twice in database %d", x.Name, l.db)
	}
	l.loaded++
	return nil
}

// Reloading says what Reload leaves out.
type Reloading struct {
	NoSave  bool // loads the file that is there
	NoFlush bool // keeps what is there beside what the file has
	Merge   bool // has keys of the file take the place of those there are
}

// Reload saves all databases, empties them and loads what was saved, as one step
// to everybody else: DEBUG RELOAD. The worker holds all shards. Without Merge a key or
// a library that is there and in the file ends the loading with an error, and so does a
// file that is not there.
func (s *Saver) Reload(w *keyspace.Worker, r Reloading) error {
	if !r.NoSave {
		if err := s.SaveHeld(w); err != nil {
			return err
		}
	}
	if _, err := os.Stat(s.set.Path()); err != nil {
		return err
	}
	if !r.NoFlush {
		w.FlushAll()
		if s.Functions.Clear != nil {
			s.Functions.Clear()
		}
	}
	return s.load(w, r.Merge)
}
