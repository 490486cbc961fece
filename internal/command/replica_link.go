package command

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/crucible-cache/crucible/internal/protocol"
	"github.com/crucible-cache/crucible/internal/protocol/resp"
)

const (
	replicaRetry = time.Second // between two attempts
	replicaAck   = time.Second // between two words of how far the replica is

	// replicaLag is by how much the clock of what carries out a master's writes is behind: what has expired
	// by the time it is written to was there for the master, which says when it goes. In milliseconds.
	replicaLag = 3600 * 1000

	replicaPiece = 64 << 10 // bytes that are read at a time
	replicaLine  = 4 << 10  // bytes of a line of the handshake
	eofMark      = 40       // bytes of the mark behind data of unknown length
)

var errLinkEnded = errors.New("the link was ended")

// run keeps the link up until the replica is stopped. It begins when the last has ended.
func (r *replica) run(last *replica) {
	defer close(r.ended)
	if last != nil {
		<-last.ended
	}
	l := &link{replica: r}
	if !r.server.replica.torn.Load() {
		l.id = r.server.historyID() // which the master may know, if it was this server's replica
	}
	for !r.stopped() {
		err := l.connect()
		if r.state() == phaseConnected || r.downMS.Load() == 0 && r.lastMS.Load() != 0 {
			r.downMS.Store(time.Now().UnixMilli())
		}
		r.phase.Store(int32(phaseConnect))
		if r.stopped() {
			break
		}
		slog.Warn("no link to the master", "host", r.host, "port", r.port, "error", err)
		select {
		case <-r.stop:
		case <-time.After(replicaRetry):
		}
	}
	l.leave()
}

// link is one connection to the master after another, and what outlasts each.
type link struct {
	*replica
	in     *bufio.Reader
	parser resp.Parser
	id     string // of the master's data set, "" while none of it is here
	half   []byte // of the stream: a transaction that is not whole yet
	acked  atomic.Bool
}

// do has fn run on the worker's thread, and waits for it.
func (l *link) do(fn func(w *Worker)) error {
	x := &l.server.replica
	x.mu.Lock()
	if x.worker == nil {
		w, post, err := l.server.Hire()
		if err != nil {
			x.mu.Unlock()
			return err
		}
		x.worker, x.post = w, post
	}
	w, post := x.worker, x.post
	x.mu.Unlock()
	done := make(chan struct{})
	post(func() {
		defer close(done)
		fn(w)
	})
	<-done
	return nil
}

// timeout is how long the master may be silent.
func (l *link) timeout() time.Duration {
	n, _ := strconv.Atoi(l.server.Params.value("repl-timeout"))
	return time.Duration(n) * time.Second
}

// Read implements io.Reader: it reads from the master, who must not be silent for too long.
func (l *link) Read(b []byte) (int, error) {
	_ = l.conn.SetReadDeadline(time.Now().Add(l.timeout()))
	n, err := l.conn.Read(b)
	if n > 0 {
		l.lastMS.Store(time.Now().UnixMilli())
	}
	return n, err
}

// connect makes a connection, and returns when it is over.
func (l *link) connect() error {
	l.phase.Store(int32(phaseConnecting))
	ctx, cancel := context.WithTimeout(context.Background(), l.timeout())
	defer cancel()
	go func() {
		select {
		case <-l.stop:
			cancel()
		case <-ctx.Done():
		}
	}()
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", net.JoinHostPort(l.host, strconv.Itoa(l.port)))
	if err != nil {
		return err
	}
	defer conn.Close() //nolint:errcheck // it is over
	l.mu.Lock()
	l.conn = conn
	l.mu.Unlock()
	if l.stopped() {
		return errLinkEnded
	}
	if conn, err = l.secured(ctx, conn); err != nil {
		return err
	}
	l.mu.Lock()
	l.conn = conn
	l.mu.Unlock()
	l.phase.Store(int32(phaseHandshake))
	l.in = bufio.NewReaderSize(l, replicaPiece)
	if err := l.greet(); err != nil {
		return err
	}
	if err := l.sync(); err != nil {
		return err
	}
	l.phase.Store(int32(phaseConnected))
	slog.Info("replica of a master", "host", l.host, "port", l.port, "offset", l.server.Stream.End())
	return l.stream()
}

// send writes a request.
func (l *link) send(words ...string) error {
	_ = l.conn.SetWriteDeadline(time.Now().Add(l.timeout()))
	_, err := l.conn.Write(appendRequest(nil, words...))
	return err
}

// line reads a line that is not empty: an empty one says that the master is still there.
func (l *link) line() (string, error) {
	for {
		b, err := l.in.ReadSlice('\n')
		if err != nil {
			return "", err
		}
		if len(b) > replicaLine {
			return "", errors.New("the master sends something else than a line")
		}
		if text := strings.TrimRight(string(b), "\r\n"); text != "" {
			return text, nil
		}
	}
}

// ask sends a request and returns the reply, which is a line.
func (l *link) ask(words ...string) (string, error) {
	if err := l.send(words...); err != nil {
		return "", err
	}
	return l.line()
}

// greet says who we are.
func (l *link) greet() error {
	p := l.server.Params
	reply, err := l.ask("PING")
	if err != nil {
		return err
	}
	if reply[0] != '+' && !strings.HasPrefix(reply, "-NOAUTH") && !strings.HasPrefix(reply, "-NOPERM") &&
		!strings.HasPrefix(reply, "-ERR operation not permitted") {
		return fmt.Errorf("the master answers PING: %s", reply)
	}
	if password := p.value("masterauth"); password != "" {
		words := []string{"AUTH", password}
		if user := p.value("masteruser"); user != "" {
			words = []string{"AUTH", user, password}
		}
		if reply, err = l.ask(words...); err != nil {
			return err
		}
		if reply[0] == '-' {
			return fmt.Errorf("the master answers AUTH: %s", reply)
		}
	}
	port := p.value("replica-announce-port")
	if port == "0" {
		port = p.value("port")
		if secure := p.value("tls-port"); secure != "0" && p.value("tls-replication") == "yes" {
			port = secure
		}
	}
	said := [][]string{{"listening-port", port}}
	if address := p.value("replica-announce-ip"); address != "" {
		said = append(said, []string{"ip-address", address})
	}
	said = append(said, []string{"capa", "eof", "capa", "psync2"})
	for _, words := range said {
		if reply, err = l.ask(append([]string{"REPLCONF"}, words...)...); err != nil {
			return err
		}
		if reply[0] == '-' {
			slog.Info("the master does not know a part of the handshake", "part", words[0], "reply", reply)
		}
	}
	return nil
}

// sync gets what the stream goes on from: what was missed, or all the data.
func (l *link) sync() error {
	id, from := "?", int64(-1)
	if l.id != "" {
		id, from = l.id, l.server.Stream.End()+1
	}
	request, takesOver := []string{"PSYNC", id, strconv.FormatInt(from, 10)}, l.server.handover.now() == handoverAsks
	if takesOver {
		request = append(request, "FAILOVER")
	}
	reply, err := l.ask(request...)
	if err != nil {
		return err
	}
	words := strings.Fields(reply)
	if takesOver {
		if reply[0] == '-' {
			l.server.abortFailover("the replica refuses: " + reply)
			return errLinkEnded
		}
		l.server.endFailover()
	}
	switch {
	case words[0] == "+CONTINUE" && l.id != "":
		l.server.openStream(false)
		if len(words) > 1 && words[1] != l.id {
			l.server.replica.history.Store(&history{words[1], l.id, from})
			l.id = words[1]
			l.server.disconnectFollowers() // who are to learn of it
		}
		return nil
	case words[0] == "+FULLRESYNC" && len(words) == 3:
		offset, err := strconv.ParseInt(words[2], 10, 64)
		if err != nil || len(words[1]) != len(noHistory) {
			return fmt.Errorf("the master answers PSYNC: %s", reply)
		}
		l.phase.Store(int32(phaseSync))
		return l.fetch(words[1], offset)
	}
	return fmt.Errorf("the master answers PSYNC: %s", reply)
}

// fetch gets all the data and puts it in the place of what there is.
func (l *link) fetch(id string, offset int64) error {
	f, err := os.CreateTemp(l.server.Params.directory(), "temp-replica-*.rdb")
	if err != nil {
		return err
	}
	defer f.Close() //nolint:errcheck // nothing of it is to last
	if err := os.Remove(f.Name()); err != nil {
		return err
	}
	l.read.Store(0)
	reply, err := l.line()
	switch {
	case err != nil:
		return err
	case strings.HasPrefix(reply, "$EOF:") && len(reply) == len("$EOF:")+eofMark:
		l.total.Store(-1)
		err = l.receiveUntil(f, []byte(reply[len("$EOF:"):]))
	case reply[0] == '$':
		var size int64
		if size, err = strconv.ParseInt(reply[1:], 10, 64); err != nil || size < 0 {
			return fmt.Errorf("the master announces its data: %s", reply)
		}
		l.total.Store(size)
		_, err = io.Copy(&counting{f, &l.read}, io.LimitReader(l.in, size))
		if err == nil && l.read.Load() < size {
			err = io.ErrUnexpectedEOF
		}
	default:
		return fmt.Errorf("the master announces its data: %s", reply)
	}
	if err != nil {
		return fmt.Errorf("the data of the master: %w", err)
	}
	return l.load(f, id, offset)
}

// counting notes how much was written.
type counting struct {
	to io.Writer
	n  *atomic.Int64
}

func (c *counting) Write(b []byte) (int, error) {
	n, err := c.to.Write(b)
	c.n.Add(int64(n))
	return n, err
}

// receiveUntil writes what comes to f, until a mark ends it. Nothing comes behind the mark before the
// master has heard that it was read.
func (l *link) receiveUntil(f *os.File, mark []byte) error {
	var tail []byte // the last bytes, which may be of the mark
	b := make([]byte, replicaPiece)
	to := &counting{f, &l.read}
	for {
		n, err := l.in.Read(b)
		tail = append(tail, b[:n]...)
		if bytes.HasSuffix(tail, mark) {
			_, err := to.Write(tail[:len(tail)-len(mark)])
			return err
		}
		if spare := len(tail) - len(mark); spare > 0 {
			if _, err := to.Write(tail[:spare]); err != nil {
				return err
			}
			tail = append(tail[:0], tail[spare:]...)
		}
		if err != nil {
			return err
		}
	}
}

// load puts the data of a file in the place of what there is. Clients are told meanwhile that it is being
// loaded.
func (l *link) load(f *os.File, id string, offset int64) error {
	l.loading.Store(true)
	defer l.loading.Store(false)
	over := make(chan struct{})
	defer close(over)
	go func() {
		select {
		case <-l.stop:
			_ = f.Close() // which ends the loading
		case <-over:
		}
	}()
	s, begun := l.server, time.Now()
	var failed error
	err := l.do(func(w *Worker) {
		l.enter()
		if l.stopped() {
			s.scripts.leave()
			failed = errLinkEnded
			return
		}
		s.disconnectFollowers() // who get it in their turn
		s.replica.torn.Store(true)
		l.id = ""
		w.empty()
		s.clearFunctions()
		s.scripts.leave()
		l.forget(w)
		var db int
		if db, failed = s.Snapshots.LoadFile(w.Worker, f, replicaLag); failed != nil {
			w.empty() // a part of the data is worth nothing
		}
		s.replica.db.Store(int64(db))
	})
	if err = errors.Join(err, failed); err != nil {
		return err
	}
	s.replica.torn.Store(false)
	l.id = id
	s.replica.history.Store(&history{id, noHistory, -1})
	s.Stream.Restart(offset)
	s.openStream(false)
	slog.Info("the data of the master is loaded", "took", time.Since(begun).Round(time.Millisecond))
	return nil
}

// empty removes all keys.
func (w *Worker) empty() {
	w.LockAll()
	w.FlushAll()
	w.Unlock()
	w.Settle()
}

// enter waits until no script runs, and lets none begin.
func (l *link) enter() {
	for !l.server.scripts.enter() {
		time.Sleep(time.Millisecond)
	}
}

// stream carries out what the master sends until the link is over.
func (l *link) stream() error {
	l.parser = resp.Parser{Authenticated: true}
	over := make(chan struct{})
	defer close(over)
	conn := l.conn
	go l.acknowledge(conn, over)
	if err := l.do(l.begin); err != nil {
		return err
	}
	var held []byte
	for {
		held = slices.Grow(held, max(replicaPiece, l.parser.Need()))
		n, err := l.in.Read(held[len(held):cap(held)])
		if err != nil {
			return err
		}
		held = held[:len(held)+n]
		used, failed := 0, error(nil)
		if err := l.do(func(w *Worker) { used, failed = l.carryOut(w, held) }); err != nil || failed != nil {
			return errors.Join(err, failed)
		}
		held = append(held[:0], held[used:]...)
		if l.acked.Swap(false) {
			if err := l.ack(conn); err != nil {
				return err
			}
		}
	}
}

// acknowledge tells the master now and then how far we are.
func (l *link) acknowledge(conn net.Conn, over <-chan struct{}) {
	tick := time.NewTicker(replicaAck)
	defer tick.Stop()
	for {
		if l.ack(conn) != nil {
			_ = conn.Close()
			return
		}
		select {
		case <-over:
			return
		case <-tick.C:
		}
	}
}

func (l *link) ack(conn net.Conn) error {
	offset := strconv.FormatInt(l.server.Stream.End(), 10)
	_, err := conn.Write(appendRequest(nil, "REPLCONF", "ACK", offset))
	return err
}

// begin makes the client of the stream, or has it go on where the last link broke off.
func (l *link) begin(w *Worker) {
	l.half = l.half[:0]
	if c := l.client; c != nil {
		if !c.Killed {
			c.discard()
			return
		}
		l.forget(w)
	}
	allowed := new(atomic.Bool) // whatever the default user may do
	allowed.Store(true)
	c := w.NewClient(&masterPeer{l}, protocol.NewOutput(&w.agentPool))
	c.ofMaster, c.authenticated, c.unchecked = true, true, allowed
	c.seen.setFlag(seenMaster, true)
	c.selectDB(int(l.server.replica.db.Load()))
	l.client = c
}

// forget ends the client of the stream.
func (l *link) forget(*Worker) {
	if l.client != nil {
		l.client.Close()
		l.client.Reply.Out.Release()
		l.client = nil
	}
}

// leave gives back what the link holds.
func (l *link) leave() {
	if l.client != nil {
		_ = l.do(l.forget)
	}
}

// carryOut carries out the requests that are whole in b, and returns how many bytes they were.
func (l *link) carryOut(w *Worker, b []byte) (used int, err error) {
	ms, us := w.NowMS, w.NowUS
	w.NowMS, w.NowUS = ms-replicaLag, us-replicaLag*1000
	defer func() { w.NowMS, w.NowUS = ms, us }()
	defer l.client.seen.lastMS.Set(ms)
	l.parser.MaxBulk = int(l.server.Params.ProtoMaxBulkLen())
	x, c := &l.server.replica, l.client
	for x.of.Load() == l.replica {
		n, err := l.parser.Parse(b[used:])
		if err != nil || n == 0 {
			return used, err
		}
		x.applying.Lock()
		if args := l.parser.Args(); len(args) > 0 {
			l.execute(w, args)
		}
		l.relay(b[used : used+n])
		x.applying.Unlock()
		used += n
		if c.Killed {
			return used, errLinkEnded
		}
	}
	return used, errLinkEnded
}

// relay puts what was carried out into the stream of this server's own replicas, a transaction when it is whole.
func (l *link) relay(b []byte) {
	if l.client.tx.active || len(l.half) > 0 {
		l.half = append(l.half, b...)
		if l.client.tx.active {
			return
		}
		b = l.half
	}
	l.server.replica.db.Store(int64(l.client.DB))
	l.server.Stream.Relay(b)
	if l.half = l.half[:0]; cap(l.half) > keptBytes {
		l.half = nil
	}
}

// execute carries out one request of the master. No script runs meanwhile.
func (l *link) execute(w *Worker, args [][]byte) {
	c := l.client
	if equalName(args[0], "replconf") {
		l.acked.Store(true) // GETACK
		return
	}
	s := w.Server.Table.resolve(args)
	runsAside := s != nil && s.Flags&(Scripted|Alone) != 0 || c.tx.flags&(Scripted|Alone) != 0
	if !runsAside {
		l.enter()
	}
	c.Execute(args)
	if !runsAside {
		l.server.scripts.leave()
	}
	out := c.Reply.Out
	if b := out.Front(); len(b) > 0 && b[0] == '-' {
		line, _, _ := bytes.Cut(b, []byte("\r\n"))
		slog.Error("a write of the master was refused: the data is not the same any more",
			"command", string(args[0]), "error", string(line))
	}
	for out.Len() > 0 {
		out.Discard(len(out.Front()))
	}
}

// masterPeer is the connection to the master as its client sees it.
type masterPeer struct{ *link }

// Post implements Peer. CLIENT KILL is a reason to hang up.
func (p *masterPeer) Post(fn func()) {
	p.server.replica.post(func() {
		fn()
		if c := p.client; c != nil && c.Killed {
			p.hangUp()
		}
	})
}

func (p *masterPeer) RemoteAddr() string { return net.JoinHostPort(p.host, strconv.Itoa(p.port)) }
func (p *masterPeer) LocalAddr() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.conn.LocalAddr().String()
}
func (p *masterPeer) FD() int   { return -1 }
func (p *masterPeer) Loop() int { return p.server.replica.worker.ID }
func (p *masterPeer) Flush()    {}
