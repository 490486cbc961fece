package netloop

import (
	"net"
	"net/netip"
	"strconv"

	"golang.org/x/sys/unix"
)

// remoteAddr returns the address of the client of fd in Redis' form.
func remoteAddr(fd int) string {
	sa, err := unix.Getpeername(fd)
	if err != nil {
		return "?:0"
	}
	if _, unixSocket := sa.(*unix.SockaddrUnix); unixSocket {
		return localAddr(fd) // clients have no name; Redis shows the socket's path
	}
	return formatAddr(sa)
}

// localAddr returns the address that the client of fd connected to.
func localAddr(fd int) string {
	sa, err := unix.Getsockname(fd)
	if err != nil {
		return "?:0"
	}
	return formatAddr(sa)
}

func formatAddr(sa unix.Sockaddr) string {
	switch sa := sa.(type) {
	case *unix.SockaddrInet4:
		return netip.AddrPortFrom(netip.AddrFrom4(sa.Addr), uint16(sa.Port)).String()
	case *unix.SockaddrInet6:
		return net.JoinHostPort(netip.AddrFrom16(sa.Addr).Unmap().String(), strconv.Itoa(sa.Port))
	case *unix.SockaddrUnix:
		return sa.Name + ":0"
	}
	return "?:0"
}
