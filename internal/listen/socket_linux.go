package listen

import "golang.org/x/sys/unix"

// newSocket returns a stream socket that is non-blocking and close-on-exec.
func newSocket(family int) (int, error) {
	return unix.Socket(family, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
}
