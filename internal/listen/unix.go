//go:build unix

package listen

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"github.com/crucible-cache/crucible/internal/config"
)

// staleProbeTimeout bounds the wait for an answer from a socket that is in the
// way. A live server's backlog answers at once.
const staleProbeTimeout = time.Second

// openUnix listens on a path. A socket file that nobody answers on is what a
// killed server leaves behind and is replaced; anything else is left alone.
func openUnix(c config.Listener) (*Listener, error) {
	if err := clearStale(c.Unix); err != nil {
		return nil, err
	}
	fd, err := newSocket(unix.AF_UNIX)
	if err != nil {
		return nil, explain(os.NewSyscallError("socket", err), 0)
	}
	l := &Listener{FD: fd, Shard: Shared, Addr: &net.UnixAddr{Name: c.Unix, Net: "unix"}}
	if err := l.bindUnix(c); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

// bindUnix creates the path with its mode and group, and only then lets
// clients connect.
func (l *Listener) bindUnix(c config.Listener) error {
	if err := unix.Bind(l.FD, &unix.SockaddrUnix{Name: c.Unix}); err != nil {
		return explainPath(os.NewSyscallError("bind", err), c.Unix)
	}
	created, err := os.Lstat(c.Unix)
	if err != nil {
		return err
	}
	l.unlink = func() error { return removeIfSame(c.Unix, created) }
	if c.UnixGroup != "" {
		if err := setGroup(c.Unix, c.UnixGroup); err != nil {
			return err
		}
	}
	if c.UnixMode != 0 {
		if err := os.Chmod(c.Unix, os.FileMode(c.UnixMode)); err != nil {
			return err
		}
	}
	return os.NewSyscallError("listen", unix.Listen(l.FD, c.Backlog))
}

// clearStale removes the path if it is a socket that nobody answers on.
func clearStale(path string) error {
	found, err := os.Lstat(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return explainPath(err, path)
	}
	if found.Mode()&os.ModeSocket == 0 {
		return fmt.Errorf("%s exists and is not a socket: remove it or choose another path", path)
	}
	conn, err := net.DialTimeout("unix", path, staleProbeTimeout)
	switch {
	case err == nil:
		conn.Close()
		fallthrough
	case errors.Is(err, unix.EAGAIN): // its backlog is full
		return fmt.Errorf("%s: %w: a server answers on it; stop it (\"ss -lxp src %s\" shows who it is) or choose another path", path, unix.EADDRINUSE, path)
	case !errors.Is(err, unix.ECONNREFUSED):
		return explainPath(err, path)
	}
	return removeIfSame(path, found)
}

// removeIfSame removes the path unless another file has taken its place, such
// as the socket of the server that succeeds us.
func removeIfSame(path string, known os.FileInfo) error {
	now, err := os.Lstat(path)
	if errors.Is(err, os.ErrNotExist) || err == nil && !os.SameFile(now, known) {
		return nil
	}
	if err != nil {
		return err
	}
	return os.Remove(path)
}

// setGroup gives the socket to a group, by name or number.
func setGroup(path, group string) error {
	gid, err := strconv.Atoi(group)
	if err != nil {
		g, err := user.LookupGroup(group)
		if err != nil {
			return fmt.Errorf("unix_group: %w: create it or name one that \"getent group\" shows", err)
		}
		if gid, err = strconv.Atoi(g.Gid); err != nil {
			return err
		}
	}
	if err := os.Chown(path, -1, gid); err != nil {
		return fmt.Errorf("unix_group %s: %w: the user of the server must be a member of that group (SupplementaryGroups= in the unit)", group, err)
	}
	return nil
}

// explainPath adds to an error about the path what can be done about it.
func explainPath(err error, path string) error {
	dir := filepath.Dir(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return fmt.Errorf("%w: the directory %s does not exist; create it (RuntimeDirectory= in the unit)", err, dir)
	case errors.Is(err, os.ErrPermission) || errors.Is(err, unix.EROFS):
		return fmt.Errorf("%w: the user of the server may not write to %s", err, dir)
	}
	return explain(err, 0)
}
