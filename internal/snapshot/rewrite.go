package snapshot

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/crucible-cache/crucible/internal/keyspace"
)

// AppendFile says where an append-only file lies: the directory, and the name that those
// of its parts begin with.
type AppendFile struct{ Directory, Name string }

// errNotRDB is the error of a rewrite that is to have another form.
var errNotRDB = errors.New("aof-use-rdb-preamble is no, and the base of an append-only file is written in RDB form only")

// RewriteStatus is what there is to tell of rewrites of the append-only file.
type RewriteStatus struct {
	Running, Scheduled bool
	OK                 bool          // the last one
	Began              time.Time     // the last one
	Took               time.Duration // the last one; negative if there was none
	Count, Failures    int64         // begun; in a row that failed
}

// Rewrite begins to write an append-only file anew, which is a base of this moment and nothing
// behind it, and returns. The caller's thread holds no shard.
func (s *Saver) Rewrite() error {
	err := s.beginRewrite()
	s.mu.Lock()
	defer s.mu.Unlock()
	r := &s.status.Rewrite
	if !errors.Is(err, ErrRunning) {
		r.Scheduled = false
	}
	if err != nil {
		return err
	}
	r.Began = time.Now()
	r.Count++
	go s.rewrite()
	return nil
}

func (s *Saver) beginRewrite() error {
	if s.set.AppendFile().Directory == "" {
		return errNoFile
	}
	if !s.set.Preamble() {
		slog.Error("append-only file not written", "error", errNotRDB)
		return errNotRDB
	}
	return s.takeFor(s.own, appendBase)
}

// ScheduleRewrite has Tick begin one as soon as may be.
func (s *Saver) ScheduleRewrite() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.status.Rewrite.Scheduled = true
}

// rewrite writes what Rewrite began.
func (s *Saver) rewrite() {
	file := s.set.AppendFile()
	err := s.writeAppendFile(file)
	if err != nil {
		slog.Error("append-only file not written", "directory", file.Directory, "error", err)
	}
	s.mu.Lock()
	r := &s.status.Rewrite
	r.OK, r.Took = err == nil, time.Since(r.Began)
	r.Failures++
	if err == nil {
		r.Failures = 0
	}
	s.mu.Unlock()
	s.release(false, 0)
}

// writeAppendFile writes the base, then the manifest that names it, and removes what the
// manifest before named. A crash in between leaves the old file whole.
func (s *Saver) writeAppendFile(file AppendFile) error {
	if err := os.MkdirAll(file.Directory, 0o755); err != nil { //nolint:gosec // as Redis makes it
		return err
	}
	path := filepath.Join(file.Directory, file.Name+".manifest")
	old, err := readManifest(path)
	if err != nil {
		return err
	}
	seq := old.base + 1
	base := baseName(file, seq)
	if err := s.writeWhole(filepath.Join(file.Directory, base), appendBase); err != nil {
		return err
	}
	if err := writeManifest(path, base, seq); err != nil {
		return err
	}
	for _, name := range slices.DeleteFunc(old.files, func(name string) bool { return name == base }) {
		if err := os.Remove(filepath.Join(file.Directory, name)); err != nil && !errors.Is(err, os.ErrNotExist) {
			slog.Warn("a part of the append-only file that was replaced stays", "error", err)
		}
	}
	return nil
}

// errIncrements refuses what another server has written behind a base.
var errIncrements = errors.New("the append-only file has increments, which are not read")

// LoadAppendFile empties all databases and loads the base of the append-only file: DEBUG LOADAOF. The worker holds
// all shards. As in the reference server what was there is gone, too, if that fails.
func (s *Saver) LoadAppendFile(w *keyspace.Worker) error {
	w.FlushAll()
	if s.Functions.Clear != nil {
		s.Functions.Clear()
	}
	file := s.set.AppendFile()
	m, err := readManifest(filepath.Join(file.Directory, file.Name+".manifest"))
	if err != nil {
		return err
	}
	base := baseName(file, m.base)
	for _, name := range m.files {
		if info, err := os.Stat(filepath.Join(file.Directory, name)); name != base && err == nil && info.Size() > 0 {
			return errIncrements
		}
	}
	f, err := os.Open(filepath.Join(file.Directory, base)) //nolint:gosec // the directory that the owner named
	if err != nil {
		return err
	}
	defer f.Close() //nolint:errcheck // it is only read from
	_, err = s.loadFile(w, f, false, 0)
	return err
}

// baseName is what the base of a number is called.
func baseName(file AppendFile, seq int64) string {
	return fmt.Sprintf("%s.%d.base.rdb", file.Name, seq)
}
