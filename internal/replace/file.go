// Package replace writes files anew, so that a reader, or the start after a crash, finds either the
// old content or the new one.
//
// It has no state: any goroutine may call it, two for the same file one after another.
package replace

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// File writes text beside the file of that name, has it reach the disk, and puts it in the file's
// place. It keeps the mode of a file that is there; a new one gets mode. before, unless it is nil, is
// shown the new file before it takes the place, and may prevent that. The new file stays open and is
// the caller's to close.
func File(name, text string, mode fs.FileMode, before func(*os.File) error) (_ *os.File, err error) {
	if old, err := os.Stat(name); err == nil {
		mode = old.Mode().Perm()
	}
	f, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+".tmp-*")
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			_ = f.Close()
			_ = os.Remove(f.Name())
		}
	}()
	_, err = f.WriteString(text)
	if err = errors.Join(err, f.Chmod(mode), f.Sync()); err != nil {
		return nil, err
	}
	if before != nil {
		if err := before(f); err != nil {
			return nil, err
		}
	}
	return f, os.Rename(f.Name(), name)
}
