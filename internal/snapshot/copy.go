package snapshot

import (
	"errors"
	"os"
	"strconv"
	"time"

	"github.com/crucible-cache/crucible/internal/rdb"
)

// Parts says what of the data is wanted.
type Parts struct {
	Keys, Functions bool

	append bool            // the file is the base of an append-only file
	place  *Place          // of the copy, nil for none
	stop   <-chan struct{} // closed when nobody wants it any more
}

// everything is what the file of a snapshot has, and appendBase what a base has.
var (
	everything = Parts{Keys: true, Functions: true}
	appendBase = Parts{Keys: true, Functions: true, append: true}
)

// appendBase is how the file says what it is.
func (p Parts) appendBase() string {
	if p.append {
		return "1"
	}
	return "0"
}

// Place is the place of a copy in the stream of writes.
type Place struct {
	// Between calls begin, or doesn't and returns why, at a moment when no more than commands that hold their locks are
	// under way.
	Between func(begin func() error) error
	// Settle finds out the place, with all shards locked, at the moment that the copy is of. There may be several
	// moments: the last counts.
	Settle func(*Place)

	DB      int // that the stream goes on in
	History string
	Offset  int64
}

// streamAux says which database the stream of writes goes on in, as in Redis.
const streamAux = "repl-stream-db"

// aux appends what the file says of its place.
func (p *Place) aux(e *rdb.Encoder) {
	if p == nil {
		return
	}
	e.Aux(streamAux, strconv.Itoa(p.DB))
	e.Aux("repl-id", p.History)
	e.Aux("repl-offset", strconv.FormatInt(p.Offset, 10))
}

// wanted reports whether somebody still wants it.
func (p Parts) wanted() bool {
	select {
	case <-p.stop:
		return false
	default:
		return true
	}
}

var errStopped = errors.New("snapshot: nobody wants it any more")

// copyRetry is how often a copy looks whether another snapshot is over.
const copyRetry = 20 * time.Millisecond

// Copy writes a snapshot, of a moment after the call, to a file of its own beside
// the one that the server loads. The file has no name: it is gone when the caller
// closes it. While another snapshot is being taken Copy waits. It gives up when stop is
// closed. It changes nothing of Status. The place is nil, or filled in.
func (s *Saver) Copy(parts Parts, place *Place, stop <-chan struct{}) (*os.File, error) {
	parts.place, parts.stop = place, stop
	for {
		switch err := s.takeFor(s.own, parts); {
		case err == nil:
			f, err := s.writeCopy(parts)
			s.release(false, 0)
			return f, err
		case !errors.Is(err, ErrRunning):
			return nil, err
		}
		select {
		case <-stop:
			return nil, errStopped
		case <-time.After(copyRetry):
		}
	}
}

func (s *Saver) writeCopy(parts Parts) (*os.File, error) {
	f, err := os.CreateTemp(s.set.Directory(), "temp-copy-*.rdb")
	if err != nil {
		return nil, err
	}
	err = os.Remove(f.Name())
	if err == nil {
		err = s.fill(f, parts)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}
