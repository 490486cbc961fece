package compat

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/crucible-cache/crucible/internal/compat/memtext"
	"github.com/crucible-cache/crucible/internal/compat/resp"
	"github.com/crucible-cache/crucible/internal/compat/script"
)

// How long a server may take. A reply that is owed may take replyTimeout on a busy machine. Silence
// of quietPeriod ends a drain; when the two servers then disagree, both get quietExtension more.
const (
	dialTimeout    = 5 * time.Second
	replyTimeout   = 10 * time.Second
	quietPeriod    = 30 * time.Millisecond
	quietExtension = time.Second
	drainBytesMax  = 64 << 20
	drainBuffer    = 64 << 10
)

// Reply is what a server answered to one step.
type Reply struct {
	// Values are the parsed replies, for Redis: pushes first, if any came, then the reply. Replies
	// to Raw steps are not parsed.
	Values []resp.Value
	Raw    []byte // every byte received
	Closed bool   // the server closed the connection
	Fault  error  // no reply in time, or one that breaks the protocol
}

func (r *Reply) add(v resp.Value) {
	r.Values = append(r.Values, v)
	r.Raw = append(r.Raw, v.Raw...)
}

// fail files a read or write error: an ending connection is a reply, anything else a fault.
func (r *Reply) fail(err error) {
	if isClosed(err) {
		r.Closed = true
		return
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		err = fmt.Errorf("no reply within %v", replyTimeout)
	}
	r.Fault = err
}

func isClosed(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) || errors.Is(err, net.ErrClosed)
}

// connection is one connection to one server.
type connection struct {
	net.Conn
	replies  *resp.Reader  // Redis
	text     *bufio.Reader // memcached
	protocol script.Protocol
}

// dial connects to HOST:PORT, or to a unix socket when the address is a path.
func dial(address string, protocol script.Protocol) (*connection, error) {
	network := "tcp"
	if strings.HasPrefix(address, "/") {
		network = "unix"
	}
	c, err := net.DialTimeout(network, address, dialTimeout)
	if err != nil {
		return nil, err
	}
	conn := &connection{Conn: c, protocol: protocol}
	if protocol == script.Redis {
		conn.replies = resp.NewReader(c)
	} else {
		conn.text = bufio.NewReader(c)
	}
	return conn, nil
}

// exchange sends payload, reading while it writes so that neither side can block the other, and
// returns what read made of the replies.
func (c *connection) exchange(payload []byte, read func(*Reply)) Reply {
	var reply Reply
	if err := c.SetDeadline(time.Now().Add(replyTimeout)); err != nil {
		reply.fail(err)
		return reply
	}
	written := make(chan error, 1)
	if len(payload) < drainBuffer {
		_, err := c.Write(payload)
		written <- err
	} else {
		go func() {
			_, err := c.Write(payload)
			written <- err
		}()
	}
	read(&reply)
	// A server that closes early makes the write fail; what it said before that is the reply.
	if reply.Closed || reply.Fault != nil {
		return reply
	}
	if err := <-written; err != nil {
		reply.fail(err)
	}
	return reply
}

// readReplies reads n replies; as a reply to a command, a push counts as news that came before it.
func (c *connection) readReplies(reply *Reply, n int, pushesCount bool) {
	for n > 0 {
		if c.protocol == script.Memcached {
			raw, err := memtext.ReadReply(c.text)
			reply.Raw = append(reply.Raw, raw...)
			if err != nil {
				reply.fail(err)
				return
			}
			n--
			continue
		}
		v, err := c.replies.ReadValue()
		if err != nil {
			reply.Raw = append(reply.Raw, v.Raw...)
			reply.fail(err)
			return
		}
		reply.add(v)
		if v.Kind != resp.Push || pushesCount {
			n--
		}
	}
}

// drain reads until the server closes the connection or says nothing for the given period.
func (c *connection) drain(reply *Reply, quiet time.Duration) {
	buffer := make([]byte, drainBuffer)
	for len(reply.Raw) < drainBytesMax {
		if err := c.SetReadDeadline(time.Now().Add(quiet)); err != nil {
			reply.fail(err)
			return
		}
		n, err := c.readRaw(buffer)
		reply.Raw = append(reply.Raw, buffer[:n]...)
		if errors.Is(err, os.ErrDeadlineExceeded) {
			return
		}
		if err != nil {
			reply.fail(err)
			return
		}
	}
	reply.Fault = fmt.Errorf("more than %d bytes", drainBytesMax)
}

func (c *connection) readRaw(p []byte) (int, error) {
	if c.protocol == script.Redis {
		return c.replies.ReadRaw(p)
	}
	return c.text.Read(p)
}

// leftover is the count of bytes that came and that no step has read.
func (c *connection) leftover() int {
	if c.protocol == script.Redis {
		return c.replies.Buffered()
	}
	return c.text.Buffered()
}
