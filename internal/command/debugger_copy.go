package command

import (
	"errors"
	"io"
	"log/slog"
	"strings"
	"syscall"

	"github.com/crucible-cache/crucible/internal/snapshot"
)

// copiesMax is how many copies of the server may debug scripts at once: each has all the data.
const copiesMax = 4

// relayPiece is how many bytes are taken from a copy at a time.
const relayPiece = 16 << 10

// Debugged is what a copy of the server has to know to debug a script in place of a
// client: the client's request, and what its outcome depends on besides the data.
type Debugged struct {
	Parameters map[string]string // that were set since the start
	Users      []string          // as ACL LIST shows them
	Node       string            // of a cluster, as its file has it; "" if there is none

	User    string
	DB      int
	Proto   int
	Request [][]byte
}

// relay is what a client's session with the debugger of a copy of the server goes through. A
// goroutine has the copy made and brings the client what it says; another brings it what the client says, a request
// at a time: the client is not served while one waits.
type relay struct {
	*feed
	waiter   *waiter // until there is a copy
	script   *Debugged
	requests chan []byte
	full     bool // of the client's thread: there is no room for a request
}

// debugCopy carries out EVAL in the debugger of a copy of the server, so that others are
// served meanwhile and nothing of what the script does stays. The session ends with the connection. Redis
// forks to that end.
func (c *Client) debugCopy(args [][]byte) {
	s := c.W.Server
	if s.Debug == nil || c.tx.running {
		c.Error(errDebugFork + systemText(syscall.EPERM))
		return
	}
	select {
	case s.copies <- struct{}{}:
	default:
		c.Error(errDebugFork + systemText(syscall.EAGAIN))
		return
	}
	parameters := s.Params.changedValues()
	delete(parameters, "replicaof") // a copy follows nobody
	c.await(args)
	r := &relay{
		feed: c.beFed(), waiter: c.waiter.Load(), requests: make(chan []byte, 1),
		script: &Debugged{
			Parameters: parameters, Users: s.Users.Lines(),
			User: c.Username(), DB: c.DB, Proto: c.Reply.Proto, Request: cloneArgs(args),
		},
	}
	if s.cluster != nil {
		r.script.Node = s.cluster.state.Load().Text("")
	}
	r.waiter.cancel() // CLIENT UNBLOCK has nothing to end
	go r.run(s)
}

// run has the copy made and speaks for it until it or the client is gone.
func (r *relay) run(s *Server) {
	defer func() { <-s.copies }()
	conn, err := r.start(s)
	if err != nil {
		r.fail(err)
		return
	}
	defer conn.Close() //nolint:errcheck // it is only read from by now
	c := r.client
	c.Peer.Post(func() {
		c.unblock(r.waiter, nil)
		c.relay, c.mute = r, replyRelayed
	})
	ended := make(chan struct{})
	defer close(ended)
	go r.pass(conn, ended)
	b := make([]byte, relayPiece)
	for {
		n, err := conn.Read(b)
		if n > 0 && r.piece(b[:n]) != nil {
			break
		}
		if err != nil {
			break
		}
	}
	c.Peer.Post(func() { c.Closing = true })
}

// start makes a copy of the server.
func (r *relay) start(s *Server) (io.ReadWriteCloser, error) {
	f, err := s.Snapshots.Copy(snapshot.Parts{Keys: true, Functions: true}, nil, r.gone)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // the copy has it
	return s.Debug(r.script, f)
}

// fail tells the client that there is no copy. It may try again.
func (r *relay) fail(err error) {
	c := r.client
	if !r.left() {
		slog.Error("no copy of the server to debug a script", "client", c.ID, "error", err)
	}
	var code syscall.Errno
	if !errors.As(err, &code) {
		code = syscall.EIO
	}
	c.Peer.Post(func() {
		c.Error(errDebugFork + systemText(code))
		c.unblock(r.waiter, nil)
		c.feed = nil
	})
}

// pass brings the copy the client's requests. That the client is gone ends it, and with it the copy.
func (r *relay) pass(conn io.ReadWriteCloser, ended <-chan struct{}) {
	for {
		select {
		case b := <-r.requests:
			if _, err := conn.Write(b); err != nil {
				return // the copy is gone: the client is told
			}
			r.client.Peer.Post(func() { r.full = false })
		case <-r.gone:
			_ = conn.Close()
			return
		case <-ended:
			return
		}
	}
}

// take takes a request of the client.
func (r *relay) take(args [][]byte) {
	r.full = true
	r.requests <- appendRequest(nil, args...)
}

// systemText is an error of the system as C programs write it.
func systemText(code syscall.Errno) string {
	text := code.Error()
	return strings.ToUpper(text[:1]) + text[1:]
}

// Take has the first client of a copy of the server debug what another asked for, as SCRIPT DEBUG SYNC does.
// It returns the request to be fed to the client's session.
func (x *Debugged) Take(s *Server) ([]byte, error) {
	for name, value := range x.Parameters {
		if err := s.Params.Set(name, value); err != nil {
			return nil, err
		}
	}
	users := make([]string, len(x.Users))
	for i, line := range x.Users {
		users[i] = strings.TrimPrefix(line, "user ")
	}
	if err := s.LoadUsers(users); err != nil {
		return nil, err
	}
	account, clients := s.Users.Get([]byte(x.User)), s.Clients.snapshot()
	if account == nil || len(clients) == 0 {
		return nil, errors.New("the user of the client is gone")
	}
	c := clients[0]
	c.become(account, true)
	c.selectDB(x.DB)
	c.setProto(x.Proto)
	c.debugs = debugSync
	return appendRequest(nil, x.Request...), nil
}
