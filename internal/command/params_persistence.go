package command

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/crucible-cache/crucible/internal/rdb"
	"github.com/crucible-cache/crucible/internal/redisconf"
	"github.com/crucible-cache/crucible/internal/snapshot"
)

// PersistenceSettings are the values with which the parameters of snapshots start.
type PersistenceSettings struct {
	Dir, DBFilename string
	Save            string // as of CONFIG SET save
	Compression     bool
	Checksum        bool
	StopWrites      bool
}

// persistence are the parameters of snapshots.
type persistence struct {
	dir, dbfilename       atomic.Pointer[string]
	points                atomic.Pointer[[]snapshot.Point]
	compress, checksum    atomic.Int64
	stopWritesWhenFailing atomic.Int64
	saveDelay             atomic.Int64 // microseconds for each key
}

func (k *persistence) add(p *Params, s PersistenceSettings) {
	k.dir.Store(&s.Dir)
	k.dbfilename.Store(&s.DBFilename)
	save := &saveParam{&k.points}
	k.points.Store(&[]snapshot.Point{})
	_, _ = save.set(s.Save) // validated
	p.add("dir", &placeParam{&k.dir, checkDirectory})
	p.add("dbfilename", &placeParam{&k.dbfilename, checkFileName})
	p.add("save", save)
	p.add("rdbcompression", newBool(&k.compress, s.Compression))
	p.add("rdb-key-save-delay", newNumber(&k.saveDelay, 0, numberRange{-maxInt32 - 1, maxInt32, false}, nil))
	p.add("rdbchecksum", fixedParam(yesNo(s.Checksum)))
	if s.Checksum {
		k.checksum.Store(1)
	}
	p.add("stop-writes-on-bgsave-error", newBool(&k.stopWritesWhenFailing, s.StopWrites))
}

// placeParam is a part of the path of the file. It is protected: see the list of
// directives.
type placeParam struct {
	value *atomic.Pointer[string]
	check func(string) error
}

func (f *placeParam) get() string     { return *f.value.Load() }
func (f *placeParam) immutable() bool { return false }

func (f *placeParam) set(text string) (func(), error) {
	if err := f.check(text); err != nil {
		return nil, err
	}
	old := f.value.Load()
	f.value.Store(&text)
	return func() { f.value.Store(old) }, nil
}

func checkDirectory(path string) error {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return errors.New("No such file or directory") //nolint:staticcheck // Redis' text
	case !info.IsDir():
		return errors.New("Not a directory") //nolint:staticcheck // Redis' text
	}
	return nil
}

func checkFileName(name string) error {
	if name == "" || filepath.Base(name) != name {
		return errors.New("dbfilename can't be a path, just a filename")
	}
	return nil
}

// saveParam is save: pairs of seconds and changes.
type saveParam struct {
	value *atomic.Pointer[[]snapshot.Point]
}

func (s *saveParam) immutable() bool { return false }

func (s *saveParam) get() string {
	var words []string
	for _, p := range *s.value.Load() {
		words = append(words, strconv.FormatInt(p.Seconds, 10), strconv.FormatInt(p.Changes, 10))
	}
	return strings.Join(words, " ")
}

func (s *saveParam) set(text string) (func(), error) {
	list, err := redisconf.ParseSave(text)
	if err != nil {
		return nil, err
	}
	points := make([]snapshot.Point, len(list))
	for i, p := range list {
		points[i] = snapshot.Point(p)
	}
	old := s.value.Load()
	s.value.Store(&points)
	return func() { s.value.Store(old) }, nil
}

// rdbLimits are the forms that values get when they are decoded, and what they
// may take: half of the memory there is, whatever a few bytes claim to stand for.
func (s *Server) rdbLimits() rdb.Limits {
	p := s.Params
	return rdb.Limits{
		Unsummed:    s.unsummed.Load(),
		HashEntries: p.hashEntries.Load(), HashValue: p.hashValue.Load(),
		SetInts: p.setInts.Load(), SetEntries: p.setEntries.Load(), SetValue: p.setValue.Load(),
		ZSetEntries: p.zsetEntries.Load(), ZSetValue: p.zsetValue.Load(),
		List: p.listFill(), String: p.ProtoMaxBulkLen(), Memory: max(1, s.Keyspace.Maxmemory()/2),
	}
}

// rdbCompression reports whether strings are compressed when they are encoded.
func (p *Params) rdbCompression() bool { return p.compress.Load() != 0 }

func (p *Params) rdbChecksum() bool { return p.checksum.Load() != 0 }

// stopWrites reports whether writes are refused while snapshots fail.
func (p *Params) stopWrites() bool { return p.stopWritesWhenFailing.Load() != 0 }

func (p *Params) savePoints() []snapshot.Point { return *p.points.Load() }

// SavesAtExit reports whether what there is is to be saved when the server stops.
func (p *Params) SavesAtExit() bool { return len(p.savePoints()) > 0 }

// directory is where files are written.
func (p *Params) directory() string { return *p.dir.Load() }

// appendFile is where BGREWRITEAOF writes, nowhere if no directory was given.
func (p *Params) appendFile() snapshot.AppendFile {
	if p.directory() == "" {
		return snapshot.AppendFile{}
	}
	return snapshot.AppendFile{Directory: filepath.Join(p.directory(), p.value("appenddirname")), Name: p.value("appendfilename")}
}

// snapshotPath is the file that is written and loaded, "" where there is to be
// none.
func (p *Params) snapshotPath() string {
	name := *p.dbfilename.Load()
	if name == "" {
		return ""
	}
	return filepath.Join(*p.dir.Load(), name)
}
