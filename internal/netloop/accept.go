package netloop

import (
	"fmt"
	"net/netip"

	"golang.org/x/sys/unix"

	"github.com/crucible-cache/crucible/internal/netloop/driver"
)

// Accepted implements driver.Host.
func (l *loop) Accepted(n, fd int) {
	from := l.listeners[n]
	if l.draining || from == nil {
		_ = unix.Close(fd)
		return
	}
	to := l
	if from.Loop == Anywhere {
		to = l.leastLoaded()
	}
	to.load.Add(1)
	if to == l {
		l.adopt(fd, from.ID)
		return
	}
	if !to.postFrom(l, &letter{adopt: true, fd: fd, listener: from.ID}) {
		to.load.Add(-1)
		_ = unix.Close(fd)
	}
}

// leastLoaded returns the loop with the fewest connections. Of equals the one
// after this loop comes first: the loop that accepts has that work besides.
func (l *loop) leastLoaded() *loop {
	best, least := l, l.load.Load()
	for i := len(l.peers) - 1; i > 0; i-- {
		other := l.peers[(l.index+i)%len(l.peers)]
		if load := other.load.Load(); load <= least {
			best, least = other, load
		}
	}
	return best
}

// adopt makes a connection of fd, which was counted in load.
func (l *loop) adopt(fd, listener int) {
	c := &conn{loop: l, created: l.now, place: len(l.conns)}
	c.socket.FD = fd
	c.socket.Endpoint = c
	session := Session(nil)
	if !l.draining {
		session = l.worker.Accept(c, listener)
	}
	if session == nil {
		l.load.Add(-1)
		_ = unix.Close(fd)
		return
	}
	c.session = session
	c.socket.Output = session.Output()
	l.conns = append(l.conns, c)
	l.stats.Accepted.Add(1)
	l.stats.Connections.Add(1)
	if err := l.driver.Attach(&c.socket); err != nil {
		c.kill(err)
	}
	c.react()
}

// AcceptFailed implements driver.Host. Out of descriptors or memory there is
// no use in trying again at once: the clients wait in the backlog until the next
// tick, or until a connection of this loop ends.
func (l *loop) AcceptFailed(n int, _ error) {
	if from := l.listeners[n]; from != nil {
		from.open = false
	}
	l.stats.Refused.Add(1)
}

// listenAgain goes on with listeners that failed.
func (l *loop) listenAgain() {
	if l.draining {
		return
	}
	for n, one := range l.listeners {
		if one != nil && !one.open {
			one.open = l.driver.Listen(n, one.FD) == nil
		}
	}
}

// prepareListener sets, on the listening socket, the options that accepted
// sockets inherit from it on Linux, which saves the calls for each of them.
func prepareListener(one Listener) error {
	sa, err := unix.Getsockname(one.FD)
	if err != nil {
		return fmt.Errorf("listener %d: getsockname: %w", one.ID, err)
	}
	if err := unix.SetNonblock(one.FD, true); err != nil {
		return fmt.Errorf("listener %d: set non-blocking: %w", one.ID, err)
	}
	if _, unixSocket := sa.(*unix.SockaddrUnix); unixSocket {
		return nil
	}
	if err := unix.SetsockoptInt(one.FD, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1); err != nil {
		return fmt.Errorf("listener %d: TCP_NODELAY: %w", one.ID, err)
	}
	if err := setKeepAlive(one.FD, one.KeepAlive); err != nil {
		return fmt.Errorf("listener %d: keepalive of %v: %w", one.ID, one.KeepAlive, err)
	}
	if isLoopback(sa) {
		setPlainestCongestionControl(one.FD)
	}
	return nil
}

// isLoopback reports whether only this machine can reach what listens on sa.
func isLoopback(sa unix.Sockaddr) bool {
	switch a := sa.(type) {
	case *unix.SockaddrInet4:
		return netip.AddrFrom4(a.Addr).IsLoopback()
	case *unix.SockaddrInet6:
		return netip.AddrFrom16(a.Addr).Unmap().IsLoopback()
	}
	return false
}

var (
	_ driver.Host     = (*loop)(nil)
	_ driver.Endpoint = (*conn)(nil)
	_ Peer            = (*conn)(nil)
	_ Loop            = (*loop)(nil)
)
