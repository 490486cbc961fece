// Package listen opens the sockets that clients connect to: TCP over IPv4 and
// IPv6, unix sockets, and sockets that systemd opened for us.
//
// It owns what a socket needs from the system and gives back at the end: a
// unix path is unlinked by [Listener.Close]. It accepts nothing; whoever
// serves takes the raw descriptor ([Listener.Take]) and closes it.
//
// Threads: everything runs on the main goroutine while the server starts and
// stops, but for the TLS configuration, which handshakes read at any time, and
// [OpenOne], which the loop that carries out CONFIG SET calls.
//
// Memory: Go heap, a few hundred bytes for each socket.
//
// Limits: the number of listeners is bounded by package config, the sockets of
// each by [Options].
package listen

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os"

	"github.com/crucible-cache/crucible/internal/config"
)

// A Listener is a listening socket.
type Listener struct {
	// FD is the descriptor, non-blocking and close-on-exec; -1 once it was
	// taken or closed.
	FD int
	// Index is the position of the listener in the configuration. Several
	// sockets have the same Index when an empty host stands for IPv4 and IPv6,
	// with SO_REUSEPORT, and when systemd hands over several of one name.
	Index int
	// Shard is the number of the socket among those that share its address
	// through SO_REUSEPORT, or Shared.
	Shard int
	// Config is what the listener was opened from.
	Config config.Listener
	// Addr is the address the kernel gave it, the real port included.
	Addr net.Addr
	// Activated is set when systemd opened the socket.
	Activated bool
	// Certificates is nil unless the listener speaks TLS.
	Certificates *Certificates

	unlink func() error // removes the unix path, nil if there is none of ours
}

// Shared is the Shard of a socket that nobody shares an address with: any loop
// may serve its connections.
const Shared = -1

// Options says how the sockets are opened.
type Options struct {
	// Shards is the number of SO_REUSEPORT sockets opened for each TCP
	// address, one for each loop; 0 and 1 open one socket without the option.
	Shards int
}

// Open opens every listener of the configuration, or none: on an error those
// already open are closed again. The error names the listener and the fix.
func Open(listeners []config.Listener, o Options) ([]*Listener, error) {
	activated, err := activatedSockets(listeners)
	if err != nil {
		return nil, err
	}
	var open []*Listener
	for i, c := range listeners {
		sockets := activated[i]
		if len(sockets) == 0 {
			sockets, err = openOne(c, o)
		}
		if err == nil {
			err = secure(sockets, c)
		}
		for _, l := range sockets {
			l.Index, l.Config = i, c
		}
		open = append(open, sockets...)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("listen on %s: %w", c, err), Close(open))
		}
	}
	if len(open) == 0 {
		return nil, errors.New("no listener could be opened: every one is optional and its address missing; add one that exists on this machine")
	}
	return open, nil
}

// OpenOne opens one more listener while the server runs, as [Open] does, but for
// Index and Certificates, which are the caller's to set.
func OpenOne(c config.Listener, o Options) ([]*Listener, error) {
	sockets, err := openOne(c, o)
	for _, l := range sockets {
		l.Config = c
	}
	return sockets, err
}

// openOne opens the socket or sockets of one listener. An optional listener
// whose address the machine does not have yields none.
func openOne(c config.Listener, o Options) ([]*Listener, error) {
	if c.Unix != "" {
		l, err := openUnix(c)
		if err != nil {
			return nil, err
		}
		return []*Listener{l}, nil
	}
	sockets, err := openTCP(c, max(1, o.Shards))
	if c.Optional && isMissingAddress(err) {
		return nil, nil
	}
	return sockets, err
}

// secure loads the certificates of a listener that speaks TLS; its sockets
// share them.
func secure(sockets []*Listener, c config.Listener) error {
	if !c.TLS.Enabled() || len(sockets) == 0 {
		return nil
	}
	certificates, err := LoadCertificates(c.TLS)
	if err != nil {
		return err
	}
	for _, l := range sockets {
		l.Certificates = certificates
	}
	return nil
}

// Close closes the sockets that were not taken and removes unix paths. It may
// be called after the engine has closed the descriptors it took.
func Close(listeners []*Listener) error {
	var errs []error
	for _, l := range listeners {
		errs = append(errs, l.Close())
	}
	return errors.Join(errs...)
}

// Close closes the descriptor unless it was taken, and removes the unix path.
func (l *Listener) Close() error {
	var errs []error
	if l.FD >= 0 {
		errs = append(errs, closeFD(l.Take()))
	}
	if l.unlink != nil {
		errs = append(errs, l.unlink())
		l.unlink = nil
	}
	return errors.Join(errs...)
}

// Take hands the descriptor to the caller, who closes it from then on.
func (l *Listener) Take() int {
	fd := l.FD
	l.FD = -1
	return fd
}

// TLS returns the configuration for the handshake, nil without TLS.
func (l *Listener) TLS() *tls.Config {
	if l.Certificates == nil {
		return nil
	}
	return l.Certificates.Config()
}

// NetListener takes the descriptor and returns it as a listener of package
// net, without TLS.
func (l *Listener) NetListener() (net.Listener, error) {
	f := os.NewFile(uintptr(l.Take()), l.String())
	defer f.Close() // FileListener has duplicated it
	return net.FileListener(f)
}

// String describes the socket for the log: "resp on 127.0.0.1:6379".
func (l *Listener) String() string {
	s := l.Config.Protocol + " on " + l.Addr.String()
	if l.Certificates != nil {
		s += " with TLS"
	}
	if l.Activated {
		s += " from systemd"
	}
	return s
}
