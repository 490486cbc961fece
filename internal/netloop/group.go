package netloop

import (
	"container/list"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// group is the goroutine runtime: a goroutine for each connection, over
// net.Conn, in place of loops. It serves TLS, and systems without a native driver.
//
// Its workers are no threads but locks: whoever holds the lock of a member is
// its thread in the sense of [Session] and [Worker]. Nobody waits for a socket
// with the lock held.
type group struct {
	config    Config
	members   []*member
	mu        sync.Mutex // of listeners and cutOff; whoever has it waits for no member
	listeners []*source
	acceptors sync.WaitGroup
	streams   sync.WaitGroup
	shaking   *handshakes
	stopping  chan struct{} // closed when a drain starts
	cutOff    *time.Timer   // the deadline of the drain
}

// source is a listening socket of the runtime.
type source struct {
	Listener
	socket    net.Listener
	keepAlive atomic.Int64 // in nanoseconds; Listener.KeepAlive is what it was at the start
}

// startGroup starts the runtime and takes the listeners over.
func startGroup(cfg Config, listeners []Listener, newWorker func(Loop) Worker) (*group, error) {
	g := &group{config: cfg, shaking: newHandshakes(), stopping: make(chan struct{})}
	var failed []error
	for _, one := range listeners {
		from, err := newSource(one)
		if err != nil {
			failed = append(failed, err)
			continue
		}
		g.listeners = append(g.listeners, from)
	}
	if failed != nil {
		for _, from := range g.listeners {
			_ = from.socket.Close()
		}
		return nil, errors.Join(failed...)
	}
	for i := range cfg.Loops {
		g.members = append(g.members, newMember(g, i, newWorker))
	}
	for _, from := range g.listeners {
		g.acceptors.Add(1)
		go g.accept(from)
	}
	return g, nil
}

func newSource(one Listener) (*source, error) {
	socket, err := netListener(one)
	if err != nil {
		return nil, fmt.Errorf("listener %d: %w", one.ID, err)
	}
	from := &source{Listener: one, socket: socket}
	from.keepAlive.Store(int64(one.KeepAlive))
	return from, nil
}

// netListener makes a net.Listener of a descriptor and closes the descriptor.
func netListener(one Listener) (net.Listener, error) {
	f := os.NewFile(uintptr(one.FD), "listener")
	if f == nil {
		return nil, fmt.Errorf("bad descriptor %d", one.FD)
	}
	defer f.Close()
	return net.FileListener(f)
}

func (g *group) accept(from *source) {
	defer g.acceptors.Done()
	for {
		nc, err := from.socket.Accept()
		switch {
		case err == nil:
			g.admit(nc, from)
		case errors.Is(err, net.ErrClosed):
			return
		default:
			// Out of descriptors or memory: the clients wait in the backlog.
			m := g.members[0]
			m.lock()
			m.stats.Refused.Add(1)
			m.unlock()
			select {
			case <-time.After(g.config.Tick):
			case <-g.stopping:
			}
		}
	}
}

// admit has a connection served. Under TLS it may have to wait for its turn.
func (g *group) admit(nc net.Conn, from *source) {
	var place *list.Element
	if from.TLS != nil {
		if place = g.shaking.begin(nc); place == nil {
			_ = nc.Close()
			return
		}
	}
	m := g.pick(from.Loop)
	m.load.Add(1)
	g.streams.Add(1)
	go g.serve(nc, from, m, place)
}

// serve is the life of one connection. place is that of its handshake, if there
// is to be one.
func (g *group) serve(nc net.Conn, from *source, m *member, place *list.Element) {
	defer g.streams.Done()
	defer m.load.Add(-1)
	tune(nc, time.Duration(from.keepAlive.Load()))
	wire := nc
	if place != nil {
		secured, err := shake(nc, from.TLS)
		g.shaking.end(place)
		if err != nil {
			_ = nc.Close()
			m.lock()
			m.stats.Unsecured.Add(1)
			m.unlock()
			return
		}
		wire = secured
	}
	if s := m.adopt(nc, wire, from.ID); s != nil {
		s.serve()
	}
	_ = wire.Close()
}

// tune sets what a client of a cache wants of TCP. It is advice: the
// connection works without.
func tune(nc net.Conn, keepAlive time.Duration) {
	tc, isTCP := nc.(*net.TCPConn)
	if !isTCP {
		return
	}
	_ = tc.SetNoDelay(true)
	_ = tc.SetKeepAliveConfig(net.KeepAliveConfig{
		Enable:   keepAlive > 0,
		Idle:     keepAlive,
		Interval: max(time.Second, keepAlive/3),
		Count:    3,
	})
}

// pick returns the member that is to serve a new connection.
func (g *group) pick(wanted int) *member {
	if wanted >= 0 && wanted < len(g.members) {
		return g.members[wanted]
	}
	best := g.members[0]
	for _, m := range g.members[1:] {
		if m.load.Load() < best.load.Load() {
			best = m
		}
	}
	return best
}

func (g *group) list() []Loop {
	all := make([]Loop, len(g.members))
	for i, m := range g.members {
		all[i] = m
	}
	return all
}

// drain stops accepting, has the connections end as they fall idle, and cuts
// off the rest at the deadline.
func (g *group) drain(deadline time.Time) {
	if !g.refuse(deadline) {
		return
	}
	for _, m := range g.members {
		m.drain()
	}
}

// refuse lets nobody in any more. It reports whether it is the first to do so.
func (g *group) refuse(deadline time.Time) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.cutOff != nil {
		return false
	}
	g.cutOff = time.AfterFunc(time.Until(deadline), g.drainNow)
	close(g.stopping)
	g.shaking.close()
	for _, from := range g.listeners {
		_ = from.socket.Close()
	}
	return true
}

func (g *group) drainNow() {
	for _, m := range g.members {
		m.killAll()
	}
}

func (g *group) join() {
	g.acceptors.Wait()
	g.streams.Wait()
	g.cutOff.Stop()
	for _, m := range g.members {
		m.stop()
	}
}
