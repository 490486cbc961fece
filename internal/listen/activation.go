//go:build unix

package listen

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/coreos/go-systemd/v22/activation"
	"golang.org/x/sys/unix"

	"github.com/crucible-cache/crucible/internal/config"
)

// activatedSockets returns the sockets that systemd handed over, by the
// position of the listener they are for. Listeners with a name get all sockets
// with that FileDescriptorName=; if none has a name, sockets and listeners
// are matched in order. Listeners that get none are opened by ourselves. The
// variables are taken out of the environment, so that no child believes they
// are meant for it.
func activatedSockets(listeners []config.Listener) (map[int][]*Listener, error) {
	files := activation.Files(true)
	sockets := map[int][]*Listener{}
	fail := func(err error) (map[int][]*Listener, error) {
		errs := []error{err}
		for _, open := range sockets {
			errs = append(errs, Close(open))
		}
		return nil, errors.Join(errs...)
	}
	for i, f := range files {
		to, err := match(listeners, i, f.Name())
		if err != nil {
			return fail(err)
		}
		l, err := adopt(f)
		if err != nil {
			return fail(fmt.Errorf("socket %q from systemd: %w", f.Name(), err))
		}
		sockets[to] = append(sockets[to], l)
	}
	return sockets, nil
}

// match finds the listener for the i-th socket.
func match(listeners []config.Listener, i int, name string) (int, error) {
	var names []string
	for to, c := range listeners {
		if c.Name == name {
			return to, nil
		}
		if c.Name != "" {
			names = append(names, c.Name)
		}
	}
	switch {
	case len(names) > 0:
		return 0, fmt.Errorf("systemd handed over a socket named %q, but the listeners are named %s: make FileDescriptorName= of the socket unit and name of the [[listener]] agree", name, strings.Join(names, ", "))
	case i >= len(listeners):
		return 0, fmt.Errorf("systemd handed over more sockets than there are listeners (%d): add a [[listener]] for %q, or match them with name and FileDescriptorName=", len(listeners), name)
	}
	return i, nil
}

// adopt makes a Listener of an inherited descriptor. The descriptor is
// duplicated, for the file would close it when it is collected.
func adopt(f *os.File) (*Listener, error) {
	defer f.Close()
	kind, err := unix.GetsockoptInt(int(f.Fd()), unix.SOL_SOCKET, unix.SO_TYPE)
	if err != nil || kind != unix.SOCK_STREAM {
		return nil, errors.New("it is not a stream socket: use ListenStream= in the socket unit")
	}
	if accepts, err := unix.GetsockoptInt(int(f.Fd()), unix.SOL_SOCKET, unix.SO_ACCEPTCONN); err == nil && accepts == 0 {
		return nil, errors.New("it does not listen: use Accept=no in the socket unit")
	}
	address, err := socketAddr(int(f.Fd()))
	if err != nil {
		return nil, err
	}
	fd, err := unix.FcntlInt(f.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return nil, os.NewSyscallError("fcntl", err)
	}
	l := &Listener{FD: fd, Shard: Shared, Addr: address, Activated: true}
	if err := unix.SetNonblock(fd, true); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}
