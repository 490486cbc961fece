// Package capture watches the requests and replies of a server on the loopback interface, from outside of both ends: it is
// what the load generator's own figures are held against. It needs the right to open packet sockets, which root has.
//
// A Capture has one goroutine, which ends with Stop, and keeps a few numbers for every request. It knows no protocol: a
// segment with data towards the server is a request, the next one back is its reply. So there must be no pipelining, and
// nothing that doesn't fit into one segment.
package capture

import (
	"encoding/binary"
	"fmt"
	"net"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Exchange is one request and its reply.
type Exchange struct {
	// Sent is when the request was on the wire, Latency how long after it the reply was.
	Sent    time.Time
	Latency time.Duration
}

// Capture is under way until Stop.
type Capture struct {
	fd        int
	port      uint16
	open      map[uint16]time.Time // requests without a reply, by the client's port
	exchanges []Exchange
	stop      chan struct{}
	ended     chan struct{}
}

// Sizes of what is read; headers of IPv4 and TCP without their options.
const (
	segmentMax   = 64 << 10
	ipHeader     = 20
	tcpHeader    = 20
	portsAt      = 0
	dataOffsetAt = 12
	pollInterval = 10 * time.Millisecond
	socketBuffer = 16 << 20
)

// Start captures what goes to and from a TCP port of 127.0.0.1.
func Start(port int) (*Capture, error) {
	protocol := int(uint16(unix.ETH_P_IP)>>8 | uint16(unix.ETH_P_IP&0xff)<<8) // in network order
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, protocol)
	if err != nil {
		return nil, fmt.Errorf("packet socket: %w", err)
	}
	c := &Capture{fd: fd, port: uint16(port), open: map[uint16]time.Time{}, stop: make(chan struct{}), ended: make(chan struct{})}
	timeout := unix.NsecToTimeval(int64(pollInterval))
	loopback, err := net.InterfaceByName("lo")
	if err == nil {
		err = unix.Bind(fd, &unix.SockaddrLinklayer{Protocol: uint16(protocol), Ifindex: loopback.Index})
	}
	for _, set := range []func() error{
		func() error { return unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1) },
		func() error { return unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, socketBuffer) },
		func() error { return unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &timeout) },
	} {
		if err == nil {
			err = set()
		}
	}
	if err != nil {
		_ = unix.Close(fd)
		return nil, fmt.Errorf("packet socket: %w", err)
	}
	go c.run()
	return c, nil
}

// Stop ends the capture and returns what was seen.
func (c *Capture) Stop() []Exchange {
	time.Sleep(2 * pollInterval) // for what is in the socket's buffer
	close(c.stop)
	<-c.ended
	_ = unix.Close(c.fd)
	return c.exchanges
}

func (c *Capture) run() {
	defer close(c.ended)
	packet, control := make([]byte, segmentMax), make([]byte, 256)
	for {
		n, controlled, _, from, err := unix.Recvmsg(c.fd, packet, control, 0)
		if err != nil { // nothing for pollInterval
			select {
			case <-c.stop:
				return
			default:
				continue
			}
		}
		// The loopback interface shows every packet twice: as it leaves and as it arrives.
		if link, ok := from.(*unix.SockaddrLinklayer); ok && link.Pkttype == unix.PACKET_HOST {
			c.segment(packet[:n], stamp(control[:controlled]))
		}
	}
}

// stamp is the kernel's time of a packet.
func stamp(control []byte) time.Time {
	messages, err := unix.ParseSocketControlMessage(control)
	if err != nil {
		return time.Time{}
	}
	for _, m := range messages {
		if m.Header.Level == unix.SOL_SOCKET && m.Header.Type == unix.SO_TIMESTAMPNS && len(m.Data) >= int(unsafe.Sizeof(unix.Timespec{})) {
			ts := (*unix.Timespec)(unsafe.Pointer(&m.Data[0]))
			return time.Unix(ts.Unix())
		}
	}
	return time.Time{}
}

// segment looks at one IPv4 packet.
func (c *Capture) segment(p []byte, at time.Time) {
	if len(p) < ipHeader || p[9] != unix.IPPROTO_TCP {
		return
	}
	length := int(binary.BigEndian.Uint16(p[2:]))
	tcp := int(p[0]&15) * 4
	if length > len(p) || tcp+tcpHeader > length {
		return
	}
	from, to := binary.BigEndian.Uint16(p[tcp+portsAt:]), binary.BigEndian.Uint16(p[tcp+portsAt+2:])
	if data := length - tcp - int(p[tcp+dataOffsetAt]>>4)*4; data <= 0 {
		return
	}
	switch c.port {
	case to:
		if _, waiting := c.open[from]; !waiting {
			c.open[from] = at
		}
	case from:
		if sent, asked := c.open[to]; asked {
			c.exchanges = append(c.exchanges, Exchange{sent, at.Sub(sent)})
			delete(c.open, to)
		}
	}
}
