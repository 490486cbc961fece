// Package driver moves bytes for one load thread: it connects sockets, sends what it is given, and hands over what
// arrived. It knows no protocol.
//
// A Driver and everything in it belong to one thread, which calls Wait in a loop; the Handler is called from inside Wait
// on that thread. Sockets are served by the drivers of the server's engine (package netloop), io_uring or epoll: see
// engine. What is to be sent waits, mapped, at most unsentMax per connection, until the next Wait, or until the socket takes it.
package driver

import (
	"errors"
	"fmt"
	"net"
	"strings"
	"time"
)

// unsentMax is how many bytes may wait for a server that doesn't read.
const unsentMax = 64 << 20

// ErrUnsupported is returned by New for a driver this operating system hasn't got.
var ErrUnsupported = errors.New("the load driver needs Linux")

// errUnsent ends a connection whose server doesn't read what it is sent.
var errUnsent = fmt.Errorf("more than %d MiB that the server doesn't read", unsentMax>>20)

// Handler is told what happened to a connection, by its slot.
type Handler interface {
	// Connected says that the slot may be sent to.
	Connected(slot int)
	// Received hands over bytes, valid during the call only.
	Received(slot int, data []byte)
	// Ended says that the connection is gone: refused, reset, or closed by the server (io.EOF). The slot is free to be
	// dialled again.
	Ended(slot int, err error)
}

// Driver serves the connections of one thread. Slots are numbered from 0.
type Driver interface {
	// Dial begins to connect a free slot. Its outcome is Connected or Ended, from a later Wait.
	Dial(slot int) error
	// Send sends data with the next Wait; the caller may reuse it at once. What fails is reported by Ended from a later Wait.
	Send(slot int, data []byte)
	// Close ends a connection; nothing more is heard of it.
	Close(slot int)
	// Wait handles what has happened, and waits for something to happen at most the given time.
	Wait(timeout time.Duration, h Handler) error
	// Engine is "uring" or "epoll".
	Engine() string
	// Shutdown closes everything.
	Shutdown() error
}

// Endpoint is where a server listens.
type Endpoint struct {
	// Network is "tcp" or "unix"; Address is HOST:PORT with a numeric host, or a path.
	Network, Address string
}

// ParseEndpoint reads HOST:PORT, or a path, which contains a slash. The host is resolved here, once.
func ParseEndpoint(s string) (Endpoint, error) {
	if strings.Contains(s, "/") {
		return Endpoint{"unix", strings.TrimPrefix(s, "unix:")}, nil
	}
	addr, err := net.ResolveTCPAddr("tcp", s)
	if err != nil {
		return Endpoint{}, err
	}
	if addr.Port == 0 {
		return Endpoint{}, fmt.Errorf("address %q: want HOST:PORT or a path", s)
	}
	if addr.IP == nil {
		addr.IP = net.IPv4(127, 0, 0, 1)
	}
	return Endpoint{"tcp", addr.String()}, nil
}

func (e Endpoint) String() string { return e.Address }
