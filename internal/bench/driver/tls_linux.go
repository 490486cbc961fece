package driver

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// receivePlain is how much is decrypted at once, in bytes.
const receivePlain = 64 << 10

// A TLS connection is made by a goroutine of its own, since crypto/tls can't pause in the middle of a handshake. Once it
// stands, the driver's thread takes the socket over: it receives the ciphertext like any other data and lets crypto/tls
// read it from there. crypto/tls keeps what it has of a record when a read fails with a temporary error, so the thread
// never blocks and needs no goroutine per connection.

// encrypted is one TLS connection.
type encrypted struct {
	*tls.Conn
	below *below
}

// below is what crypto/tls reads from and writes to: a blocking connection during the handshake, then the link.
type below struct {
	net.Conn // of the handshake; closed afterwards
	link     *link
	// cipher is what was received and not yet read. It lies in the native driver's buffer, and is empty outside receiveTLS.
	cipher []byte
}

// errAgain tells crypto/tls that there is no more for now.
var errAgain net.Error = again{}

type again struct{}

func (again) Error() string   { return "no more data for now" }
func (again) Timeout() bool   { return true }
func (again) Temporary() bool { return true }

// Read implements net.Conn for crypto/tls.
func (b *below) Read(p []byte) (int, error) {
	if b.link == nil {
		return b.Conn.Read(p)
	}
	if len(b.cipher) == 0 {
		return 0, errAgain
	}
	n := copy(p, b.cipher)
	b.cipher = b.cipher[n:]
	return n, nil
}

// Write implements net.Conn for crypto/tls.
func (b *below) Write(p []byte) (int, error) {
	if b.link == nil {
		return b.Conn.Write(p)
	}
	b.link.send(p)
	return len(p), nil
}

// useTLS prepares a driver for encrypted connections. Whole records, from the first: memcached (1.6.38) forgets the rest
// of a request that comes in several.
func (d *engine) useTLS(config *tls.Config) {
	config = config.Clone()
	config.DynamicRecordSizingDisabled = true
	d.tls, d.plain = config, make([]byte, receivePlain)
}

// shakeHands runs on a goroutine of its own.
func (d *engine) shakeHands(a *arrival) {
	ctx, cancel := context.WithTimeout(d.dials.context, dialTimeout)
	defer cancel()
	var dialer net.Dialer
	plain, err := dialer.DialContext(ctx, d.target.Network, d.target.Address)
	if err != nil {
		a.err = fmt.Errorf("connect: %w", err)
		return
	}
	defer plain.Close() // the driver goes on with a descriptor of its own
	b := &below{Conn: plain}
	conn := &encrypted{tls.Client(b, d.tls), b}
	if err := conn.HandshakeContext(ctx); err != nil {
		a.err = fmt.Errorf("TLS handshake: %w", err)
		return
	}
	a.conn = conn
	a.fd, a.err = duplicate(plain)
}

// duplicate returns a descriptor for the socket of a connection. It is non-blocking, as all of Go's are.
func duplicate(c net.Conn) (fd int, err error) {
	sys, ok := c.(syscall.Conn)
	if !ok {
		return -1, errors.ErrUnsupported
	}
	raw, err := sys.SyscallConn()
	if err != nil {
		return -1, err
	}
	control := raw.Control(func(own uintptr) { fd, err = unix.FcntlInt(own, unix.F_DUPFD_CLOEXEC, 0) })
	return fd, errors.Join(control, err)
}

// receiveTLS hands over the plaintext of what was received.
func (l *link) receiveTLS(cipher []byte) {
	d, conn := l.engine, l.tls
	conn.below.cipher = cipher
	for !l.over {
		n, err := conn.Read(d.plain)
		if n > 0 {
			d.handler.Received(l.slot, d.plain[:n])
		}
		if errors.Is(err, errAgain) {
			return
		}
		if err != nil {
			l.report(err)
			return
		}
	}
}
