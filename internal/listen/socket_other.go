//go:build unix && !linux

package listen

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// newSocket returns a stream socket that is non-blocking and close-on-exec. The
// lock keeps a fork from inheriting it in between.
func newSocket(family int) (int, error) {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	fd, err := unix.Socket(family, unix.SOCK_STREAM, 0)
	if err != nil {
		return -1, err
	}
	unix.CloseOnExec(fd)
	return fd, unix.SetNonblock(fd, true)
}
