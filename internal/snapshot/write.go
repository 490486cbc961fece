package snapshot

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/crucible-cache/crucible/internal/keyspace"
	"github.com/crucible-cache/crucible/internal/rdb"
)

const (
	writeSize = 256 << 10 // bytes written at a time
	syncSize  = 32 << 20  // bytes after which the disk is waited for

	// restarts is how often a snapshot is begun anew because a database was
	// emptied meanwhile.
	restarts = 8

	casAux = "crucible-cas"
)

// writeFile writes the snapshot that was begun beside the file and renames it.
func (s *Saver) writeFile(path string) error { return s.writeWhole(path, everything) }

func (s *Saver) writeWhole(path string, parts Parts) error {
	temp := temporary(path)
	f, err := os.OpenFile(temp, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o644) //nolint:gosec // data that Redis leaves readable too
	if err != nil {
		return err
	}
	err = s.fill(f, parts)
	if err == nil {
		err = f.Sync()
	}
	err = errors.Join(err, f.Close())
	if err == nil {
		err = os.Rename(temp, path)
	}
	if err != nil {
		_ = os.Remove(temp)
		return err
	}
	return syncDirectory(filepath.Dir(path))
}

// syncDirectory makes a rename last.
func syncDirectory(dir string) error {
	d, err := os.Open(dir) //nolint:gosec // the directory of the snapshot
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// fill writes a file, anew if a database is emptied meanwhile.
func (s *Saver) fill(f *os.File, parts Parts) error {
	for again := 0; ; again++ {
		err := s.stream(&syncing{f: f}, parts, s.set.Checksum())
		if !errors.Is(err, keyspace.ErrFlushed) || again == restarts {
			return err
		}
		if _, err = f.Seek(0, io.SeekStart); err == nil {
			err = f.Truncate(0)
		}
		if err != nil {
			return err
		}
		s.current.Close(s.w)
		if err = s.begin(parts.place); err != nil {
			return err
		}
	}
}

// syncing is a file that does not gather more than syncSize bytes in the cache of
// the system, so that the end of a snapshot does not wait for all of it.
type syncing struct {
	f *os.File
	n int
}

func (w *syncing) Write(p []byte) (int, error) {
	n, err := w.f.Write(p)
	if w.n += n; err == nil && w.n >= syncSize {
		w.n = 0
		err = w.f.Sync()
	}
	return n, err
}

// stream writes the snapshot that was begun.
func (s *Saver) stream(to io.Writer, parts Parts, checksum bool) error {
	e := rdb.Encoder{Compress: s.set.Compress()}
	sum := uint64(0)
	flush := func(atLeast int) error {
		if len(e.B) < atLeast {
			return nil
		}
		if checksum {
			sum = rdb.Checksum(sum, e.B)
		}
		_, err := to.Write(e.B)
		if e.B = e.B[:0]; cap(e.B) > 16*writeSize {
			e.B = nil
		}
		return err
	}
	s.head(&e, parts)
	for done := !parts.Keys; !done; {
		if !parts.wanted() {
			return errStopped
		}
		var err error
		begin, had := time.Now(), s.current.Processed.Load()
		if done, err = s.current.Next(s.w, &e); err != nil {
			return err
		}
		s.dawdle(begin, s.current.Processed.Load()-had)
		if err := flush(writeSize); err != nil {
			return err
		}
	}
	e.End()
	if err := flush(0); err != nil {
		return err
	}
	if !checksum {
		sum = 0
	}
	_, err := to.Write(rdb.AppendChecksum(nil, sum))
	return err
}

// dawdle lets pass what Delay asks for keys whose writing began at a time, unless it
// asks for less meanwhile, the snapshot is void, or everybody waits for it.
func (s *Saver) dawdle(begin time.Time, keys int64) {
	for s.set.Delay != nil && !s.w.Holding() && !s.current.Void() {
		us := s.set.Delay()
		switch {
		case us < 0:
			us = keys / -us
		default:
			us *= keys
		}
		left := time.Duration(us)*time.Microsecond - time.Since(begin)
		if left <= 0 {
			return
		}
		time.Sleep(min(left, dawdleStep))
	}
}

// dawdleStep is after how long dawdle looks whether it is to go on.
const dawdleStep = 10 * time.Millisecond

// head appends what comes before the keys.
func (s *Saver) head(e *rdb.Encoder, parts Parts) {
	e.Header()
	e.Aux("redis-ver", s.set.Version)
	e.Aux("redis-bits", "64")
	e.Aux("ctime", strconv.FormatInt(time.Now().Unix(), 10))
	e.Aux("used-mem", strconv.FormatInt(s.ks.Resident(), 10))
	parts.place.aux(e)
	e.Aux("aof-base", parts.appendBase())
	e.Aux(casAux, strconv.FormatUint(s.ks.LastCAS(), 10))
	if parts.Functions {
		for _, code := range s.libraries {
			e.Function(code)
		}
	}
}
