package netloop

import (
	"container/list"
	"context"
	"crypto/tls"
	"net"
	"sync"
	"time"
)

// Bounds of TLS handshakes. Each takes a goroutine, a descriptor and some tens
// of kilobytes, and is no client yet that maxclients could count.
const (
	// handshakeTimeout bounds how long a client may take to agree on TLS.
	handshakeTimeout = 10 * time.Second

	// handshakesMax is how many may go on at once. More wait in the backlog, for
	// one to end or until the oldest has had handshakePatience: it is given up
	// then. So a crowd of clients that all mean it gets through as fast as it can
	// be served, and a crowd that says nothing holds them up for a second.
	handshakesMax     = 1024
	handshakePatience = time.Second
)

// handshakes are those that go on, the oldest first.
type handshakes struct {
	max      int
	patience time.Duration

	mu     sync.Mutex
	list   list.List     // of handshake
	ended  chan struct{} // holds a token when one ended since
	closed bool          // none may begin any more
}

// handshake is a connection that may not have agreed on TLS yet.
type handshake struct {
	conn  net.Conn
	begun time.Time
}

func newHandshakes() *handshakes {
	return &handshakes{max: handshakesMax, patience: handshakePatience, ended: make(chan struct{}, 1)}
}

// begin enters a connection when there is room, and returns its place for end.
// It is nil if the engine stops meanwhile.
func (h *handshakes) begin(nc net.Conn) *list.Element {
	for {
		place, wait := h.tryBegin(nc)
		if wait <= 0 {
			return place
		}
		select {
		case <-h.ended:
		case <-time.After(wait):
		}
	}
}

// tryBegin is begin without waiting: it returns how long to wait for.
func (h *handshakes) tryBegin(nc net.Conn) (place *list.Element, wait time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return nil, 0
	}
	if h.list.Len() >= h.max {
		oldest := h.list.Front()
		of := oldest.Value.(handshake)
		if wait := h.patience - time.Since(of.begun); wait > 0 {
			return nil, wait
		}
		h.list.Remove(oldest)
		_ = of.conn.Close() // which ends its handshake
	}
	return h.list.PushBack(handshake{nc, time.Now()}), 0
}

// end takes a connection out.
func (h *handshakes) end(place *list.Element) {
	h.mu.Lock()
	h.list.Remove(place) // no harm if it was given up
	h.mu.Unlock()
	select {
	case h.ended <- struct{}{}:
	default:
	}
}

// close gives all up, and lets none begin.
func (h *handshakes) close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	for e := h.list.Front(); e != nil; e = e.Next() {
		_ = e.Value.(handshake).conn.Close()
	}
	select {
	case h.ended <- struct{}{}:
	default:
	}
}

// shake agrees with the client on TLS.
func shake(nc net.Conn, cfg *tls.Config) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), handshakeTimeout)
	defer cancel()
	tc := tls.Server(nc, cfg)
	if err := tc.HandshakeContext(ctx); err != nil {
		return nil, err
	}
	return tc, nil
}
