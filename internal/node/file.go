package node

import (
	"errors"
	"fmt"
	"os"

	"github.com/crucible-cache/crucible/internal/replace"
)

// fileMode is that of a file that was not there, as of Redis.
const fileMode = 0o644

// lockAttempts is how often a file is opened that another process replaces meanwhile.
const lockAttempts = 10

// ErrInUse says that another process has the file.
var ErrInUse = errors.New("it is in use by another node: give each node a file of its own")

// File is a nodes.conf. As long as it is open no other node can open it, be it of Redis or of ours.
type File struct {
	path   string
	locked *os.File
}

// Open opens the file, which is made if there is none, and reads what is in it: nil of a node that has not been
// saved yet. The caller calls Close.
func Open(path string) (*File, *State, error) {
	f, err := lockedFile(path)
	if err != nil {
		return nil, nil, err
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, nil, errors.Join(err, f.Close())
	}
	if len(text) == 0 {
		return &File{path, f}, nil, nil
	}
	s, err := Parse(string(text))
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("%s: %w", path, err), f.Close())
	}
	return &File{path, f}, s, nil
}

// lockedFile opens and locks the file that has that path once it is locked.
func lockedFile(path string) (*os.File, error) {
	for range lockAttempts {
		f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE, fileMode)
		if err != nil {
			return nil, err
		}
		if err := lock(f); err != nil {
			return nil, errors.Join(fmt.Errorf("%s: %w", path, err), f.Close())
		}
		mine, err := f.Stat()
		if err != nil {
			return nil, errors.Join(err, f.Close())
		}
		if there, err := os.Stat(path); err == nil && os.SameFile(mine, there) {
			return f, nil
		}
		if err := f.Close(); err != nil {
			return nil, err
		}
	}
	return nil, fmt.Errorf("%s: %w", path, ErrInUse)
}

// Save writes the file anew, and has it reach the disk. Also the new one is locked, before it can be opened.
func (f *File) Save(text string) error {
	saved, err := replace.File(f.path, text, fileMode, lock)
	if err != nil {
		return err
	}
	old := f.locked
	f.locked = saved
	return old.Close()
}

// Close lets go of the file.
func (f *File) Close() error { return f.locked.Close() }
