package snapshot

import (
	"errors"
	"os"
	"time"
)

// Parts says what of the data is wanted.
type Parts struct {
	Keys, Functions bool

	append bool // the file is the base of an append-only file
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

var errStopped = errors.New("snapshot: nobody wants it any more")

// copyRetry is how often a copy looks whether another snapshot is over.
const copyRetry = 20 * time.Millisecond

// Copy writes a snapshot, of a moment after the call, to a file of its own beside
// the one that the server loads. The file has no name: it is gone when the caller
// closes it. While another snapshot is being taken Copy waits, until stop is
// closed. It changes nothing of Status.
func (s *Saver) Copy(parts Parts, stop <-chan struct{}) (*os.File, error) {
	for {
		switch err := s.take(s.own); {
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
