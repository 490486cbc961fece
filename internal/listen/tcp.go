//go:build unix

package listen

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"

	"golang.org/x/sys/unix"

	"github.com/crucible-cache/crucible/internal/config"
)

// openTCP opens shards sockets for each address of the listener. An empty host
// or * is two addresses, as for Redis: one socket for IPv4 and one, IPV6_V6ONLY,
// for IPv6, of which one may be missing from the machine.
func openTCP(c config.Listener, shards int) ([]*Listener, error) {
	host, port, err := net.SplitHostPort(c.Address)
	if err != nil {
		return nil, err
	}
	if host != "" && host != "*" {
		address, err := net.ResolveTCPAddr("tcp", c.Address)
		if err != nil {
			return nil, fmt.Errorf("%w: write an IP address, or check the name with getent hosts", err)
		}
		return openShards(c, address, shards)
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		return nil, err
	}
	return openEverywhere(c, number, shards)
}

// everywhereAttempts bounds the search for a port that is free in both
// families when the kernel chooses it.
const everywhereAttempts = 10

// openEverywhere opens the port on all addresses of both families. Port 0 is
// chosen by the kernel for IPv4 and must then be free for IPv6 too.
func openEverywhere(c config.Listener, port, shards int) ([]*Listener, error) {
	for attempt := 1; ; attempt++ {
		v4, err4 := openShards(c, &net.TCPAddr{IP: net.IPv4zero, Port: port}, shards)
		if err4 != nil && !isMissingAddress(err4) {
			return nil, err4
		}
		chosen := port
		if len(v4) > 0 {
			chosen = v4[0].Addr.(*net.TCPAddr).Port
		}
		v6, err6 := openShards(c, &net.TCPAddr{IP: net.IPv6zero, Port: chosen}, shards)
		switch {
		case err6 == nil || isMissingAddress(err6):
			if len(v4)+len(v6) == 0 {
				return nil, err4
			}
			return append(v4, v6...), nil
		case port == 0 && errors.Is(err6, unix.EADDRINUSE) && attempt < everywhereAttempts:
			if err := Close(v4); err != nil {
				return nil, err
			}
		default:
			return nil, errors.Join(err6, Close(v4))
		}
	}
}

// openShards opens the sockets that share one address.
func openShards(c config.Listener, address *net.TCPAddr, shards int) ([]*Listener, error) {
	if shards > 1 && address.Port != 0 {
		// SO_REUSEPORT would let us join the sockets of another server of the
		// same user without a word, and take half of its connections. A socket
		// without the option finds out.
		fd, err := bindTCP(address, false)
		if err != nil {
			return nil, err
		}
		if err := closeFD(fd); err != nil {
			return nil, err
		}
	}
	var open []*Listener
	for shard := range shards {
		l, err := listenTCP(c, address, shards > 1)
		if err != nil {
			return nil, errors.Join(err, Close(open))
		}
		if shards > 1 {
			l.Shard = shard
		}
		open = append(open, l)
		address = l.Addr.(*net.TCPAddr) // the port that the first one got
	}
	return open, nil
}

func listenTCP(c config.Listener, address *net.TCPAddr, reusePort bool) (*Listener, error) {
	fd, err := bindTCP(address, reusePort)
	if err != nil {
		return nil, err
	}
	if err := unix.Listen(fd, c.Backlog); err != nil {
		return nil, errors.Join(explain(os.NewSyscallError("listen", err), address.Port), closeFD(fd))
	}
	bound, err := socketAddr(fd)
	if err != nil {
		return nil, errors.Join(err, closeFD(fd))
	}
	return &Listener{FD: fd, Shard: Shared, Addr: bound}, nil
}

// bindTCP returns a socket that is bound but does not listen yet.
func bindTCP(address *net.TCPAddr, reusePort bool) (int, error) {
	family, sa, err := sockaddr(address)
	if err != nil {
		return -1, err
	}
	fd, err := newSocket(family)
	if err != nil {
		return -1, explain(os.NewSyscallError("socket", err), address.Port)
	}
	err = setOptions(fd, family, reusePort)
	if err == nil {
		err = os.NewSyscallError("bind", unix.Bind(fd, sa))
	}
	if err != nil {
		return -1, errors.Join(explain(err, address.Port), closeFD(fd))
	}
	return fd, nil
}

// setOptions sets what binding needs. What connections inherit from their
// listener (TCP_NODELAY, keepalive) is set by whoever accepts them, for sockets
// from systemd as well.
func setOptions(fd, family int, reusePort bool) error {
	if err := setInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1, "SO_REUSEADDR"); err != nil {
		return err
	}
	if reusePort {
		if err := setInt(fd, unix.SOL_SOCKET, unix.SO_REUSEPORT, 1, "SO_REUSEPORT"); err != nil {
			return err
		}
	}
	if family == unix.AF_INET6 {
		if err := setInt(fd, unix.IPPROTO_IPV6, unix.IPV6_V6ONLY, 1, "IPV6_V6ONLY"); err != nil {
			return err
		}
	}
	return nil
}

// setInt sets a socket option; name is for the error.
func setInt(fd, level, option, value int, name string) error {
	return os.NewSyscallError("setsockopt "+name, unix.SetsockoptInt(fd, level, option, value))
}

func sockaddr(address *net.TCPAddr) (family int, sa unix.Sockaddr, err error) {
	if ip4 := address.IP.To4(); ip4 != nil {
		return unix.AF_INET, &unix.SockaddrInet4{Port: address.Port, Addr: [4]byte(ip4)}, nil
	}
	sa6 := &unix.SockaddrInet6{Port: address.Port}
	copy(sa6.Addr[:], address.IP.To16())
	if address.Zone != "" {
		link, err := net.InterfaceByName(address.Zone)
		if err != nil {
			return 0, nil, fmt.Errorf("zone %%%s: %w: name an interface that ip link shows", address.Zone, err)
		}
		sa6.ZoneId = uint32(link.Index)
	}
	return unix.AF_INET6, sa6, nil
}

// socketAddr asks the kernel what a socket is bound to.
func socketAddr(fd int) (net.Addr, error) {
	sa, err := unix.Getsockname(fd)
	if err != nil {
		return nil, os.NewSyscallError("getsockname", err)
	}
	switch sa := sa.(type) {
	case *unix.SockaddrInet4:
		return &net.TCPAddr{IP: append(net.IP(nil), sa.Addr[:]...), Port: sa.Port}, nil
	case *unix.SockaddrInet6:
		address := &net.TCPAddr{IP: append(net.IP(nil), sa.Addr[:]...), Port: sa.Port}
		if link, err := net.InterfaceByIndex(int(sa.ZoneId)); sa.ZoneId != 0 && err == nil {
			address.Zone = link.Name
		}
		return address, nil
	case *unix.SockaddrUnix:
		return &net.UnixAddr{Name: sa.Name, Net: "unix"}, nil
	}
	return nil, fmt.Errorf("a socket of an address family (%T) that cannot be served", sa)
}

func closeFD(fd int) error { return os.NewSyscallError("close", unix.Close(fd)) }

// isMissingAddress reports whether the machine lacks the address or its whole
// family.
func isMissingAddress(err error) bool {
	return errors.Is(err, unix.EADDRNOTAVAIL) || errors.Is(err, unix.EAFNOSUPPORT) ||
		errors.Is(err, unix.EPROTONOSUPPORT) || errors.Is(err, unix.EPFNOSUPPORT)
}

// explain adds to an error of the kernel what can be done about it.
func explain(err error, port int) error {
	var fix string
	switch {
	case err == nil:
		return nil
	case errors.Is(err, unix.EADDRINUSE):
		fix = fmt.Sprintf("is %s running? \"ss -ltnp 'sport = :%d'\" shows who listens; stop it or choose another port", incumbent(port), port)
	case errors.Is(err, unix.EACCES):
		fix = "ports below 1024 need CAP_NET_BIND_SERVICE (AmbientCapabilities= in the unit), or choose a higher port"
	case errors.Is(err, unix.EADDRNOTAVAIL):
		fix = "this machine has no such address; \"ip addr\" shows those it has, optional = true starts without it"
	case isMissingAddress(err):
		fix = "this machine does not speak that protocol (IPv6 disabled?); optional = true starts without it"
	case errors.Is(err, unix.EMFILE) || errors.Is(err, unix.ENFILE):
		fix = "raise LimitNOFILE= in the unit, or ulimit -n"
	default:
		return err
	}
	return fmt.Errorf("%w: %s", err, fix)
}

// incumbent names who is likely to hold a port.
func incumbent(port int) string {
	switch port {
	case 6379:
		return "redis-server"
	case 11211:
		return "memcached"
	}
	return "another server"
}
