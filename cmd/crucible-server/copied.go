package main

import (
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"sync"
	"time"

	"github.com/crucible-cache/crucible/internal/command"
	"github.com/crucible-cache/crucible/internal/config"
	"github.com/crucible-cache/crucible/internal/node"
	"github.com/crucible-cache/crucible/internal/session"
)

// runCopy is the whole life of a copy of the server. Its only thread of commands is the one that calls it.
func runCopy() int {
	if err := debugScript(); err != nil {
		fmt.Fprintln(os.Stderr, "crucible-server: a copy to debug a script:", err)
		return config.ExitFailure
	}
	return config.ExitOK
}

func debugScript() error {
	_ = os.WriteFile("/proc/self/oom_score_adj", []byte("1000"), 0o600) // rather this than the server
	slog.SetLogLoggerLevel(slog.LevelWarn)
	var orders copyOrders
	if err := gob.NewDecoder(os.Stdin).Decode(&orders); err != nil {
		return fmt.Errorf("this is for the server to start: %w", err)
	}
	conn, err := net.FileConn(os.NewFile(copySocket, "server"))
	if err != nil {
		return err
	}
	a, err := newCopy(&orders, os.NewFile(copyData, "data"))
	if err != nil {
		return err
	}
	return a.serveCopy(&orders, conn)
}

// newCopy makes a server of what is in a file, without sockets.
func newCopy(orders *copyOrders, data *os.File) (*appliance, error) {
	c := &orders.Config
	c.Redis.ACLFile = "" // its users are told
	a := &appliance{config: c, applied: c, places: places{int64(c.Redis.Maxclients), int64(c.Memcached.MaxConnections)}}
	a.copies.copied = true
	if err := a.openKeyspace(); err != nil {
		return nil, err
	}
	a.makeServer("copy")
	if text := orders.Script.Node; text != "" {
		state, err := node.Parse(text)
		if err != nil {
			return nil, err
		}
		a.server.FormCluster(state, nil)
	}
	_, err := a.server.Snapshots.LoadFile(a.server.Workers()[0].Worker, data, 0)
	return a, errors.Join(err, data.Close(), a.renameCommands())
}

// serveCopy serves the one client there is until its session is over.
func (a *appliance) serveCopy(orders *copyOrders, conn net.Conn) error {
	w := a.loopWorkers()[0]
	p := &copyPeer{mail: make(chan struct{}, 1), conn: conn}
	w.Commands.Rouse = func(*command.Worker) { p.Post(w.Commands.ReadInbox) }
	w.Awake(time.Now())
	s := w.Worker.Accept(p, session.RESP)
	request, err := orders.Script.Take(a.server)
	if err != nil {
		return err
	}
	watchMemory(a.keyspace)
	input := make(chan []byte)
	go receive(conn, input)
	s.Feed(request)
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		if p.look(s) {
			return nil
		}
		from := input
		if p.paused {
			from = nil
		}
		select {
		case data := <-from:
			w.Awake(time.Now())
			s.Feed(data)
		case <-p.mail:
			w.Awake(time.Now())
			p.open()
		case now := <-tick.C:
			w.Awake(now)
			w.Worker.Tick()
			watchMemory(a.keyspace)
		}
	}
}

// receive brings what the client sends. That nothing more can come is the end of the process: the client
// is gone, or the server.
func receive(conn net.Conn, input chan<- []byte) {
	for {
		b := make([]byte, 16<<10)
		n, err := conn.Read(b)
		if n > 0 {
			input <- b[:n]
		}
		if err != nil {
			if !errors.Is(err, io.EOF) {
				fmt.Fprintln(os.Stderr, "crucible-server: a copy to debug a script:", err)
			}
			os.Exit(config.ExitOK)
		}
	}
}

// copyPeer is the connection of a copy's client, in place of an engine.
type copyPeer struct {
	conn   net.Conn
	paused bool
	mail   chan struct{} // something was posted

	closed bool

	mu     sync.Mutex
	posted []func()
}

// look sends what waits for the client, and reports whether the session is over.
func (p *copyPeer) look(s *session.Session) (over bool) {
	for {
		for out := s.Output(); out.Len() > 0; {
			b := out.Front()
			if _, err := p.conn.Write(b); err != nil {
				return true // nobody is left who wants to know
			}
			out.Discard(len(b))
		}
		was := p.paused
		p.paused = s.Paused()
		switch {
		case s.Done(), p.closed:
			return true
		case !was || p.paused:
			return false
		}
		s.Resume()
	}
}

// open runs what was posted.
func (p *copyPeer) open() {
	p.mu.Lock()
	all := p.posted
	p.posted = nil
	p.mu.Unlock()
	for _, fn := range all {
		fn()
	}
}

// Post implements session.Peer.
func (p *copyPeer) Post(fn func()) {
	p.mu.Lock()
	p.posted = append(p.posted, fn)
	p.mu.Unlock()
	select {
	case p.mail <- struct{}{}:
	default:
	}
}

func (p *copyPeer) Close()             { p.closed = true }
func (p *copyPeer) RemoteAddr() string { return "/server:0" } // as of a unix socket
func (p *copyPeer) LocalAddr() string  { return "/copy:0" }
func (p *copyPeer) FD() int            { return copySocket }
func (p *copyPeer) Loop() int          { return 0 }
func (p *copyPeer) Flush()             {}
