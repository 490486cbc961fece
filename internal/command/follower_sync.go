package command

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"io"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/crucible-cache/crucible/internal/snapshot"
)

const (
	transferPiece = 256 << 10 // bytes that are read from the file at a time

	// transferPing is how often a client that waits for its file is sent a line.
	transferPing = time.Second

	// transfersMax is how many files there may be at once; who asks for another
	// waits for one to be gone.
	transfersMax = 4

	endMark = 20 // bytes of the mark behind a file, sent as hexadecimal digits
)

// syncCommand is SYNC and PSYNC: the client becomes a replica, which goes on where it was if that is
// kept, or gets all the data. One that asked for that gets the data alone.
func syncCommand(c *Client, args [][]byte) {
	s := c.W.Server
	if c.follower.Load() != nil {
		return
	}
	psync := len(args) > 1
	if len(args) > 3 && equalName(args[3], "failover") && !c.takeOver(args[1]) {
		return
	}
	switch x := c.wish; {
	case s.handover.now() != handoverNone:
		c.Error(errNoSyncFailover)
		return
	case s.linkDown():
		c.Error(errNoMasterLink)
		return
	case c.Reply.Out.Len() > 0:
		c.Error(errSyncPending)
		return
	case x != nil && x.filtered && !x.eof:
		c.Error(errFilterEOF)
		return
	}
	if psync {
		from, isInt := parseInt(args[2])
		if !isInt {
			c.Error(errNotInteger)
			return
		}
		if c.goOn(string(args[1]), from) {
			s.followers.partial.Add(1)
			return
		}
		if args[1][0] != '?' {
			s.followers.refused.Add(1)
		}
	}
	s.followers.full.Add(1)
	t := &transfer{follower: c.becomeFollower(!psync), psync: psync}
	s.openStream(!s.isReplica())
	slog.Info("a replica asks for all the data", "replica", t.name())
	go t.run()
}

// takeOver has this server, a replica, become the master in the place of its own, who asks for it. It reports false if it
// replied with an error.
func (c *Client) takeOver(id []byte) bool {
	s := c.W.Server
	switch {
	case !s.isReplica():
		c.Error(errFailoverMaster)
		return false
	case !equalName(id, s.historyID()):
		c.Error(errFailoverID)
		return false
	}
	slog.Info("this server is the master now: its master asked for that", "client", c.Peer.RemoteAddr())
	s.replicate(nil)
	return true
}

// goOn has the client follow the stream from a byte of a history on, if it is this server's and that is kept.
func (c *Client) goOn(id string, from int64) bool {
	s := c.W.Server
	past := s.pastOfData()
	ours := strings.EqualFold(id, past.id) || strings.EqualFold(id, past.before) && from <= past.until
	if !ours {
		return false
	}
	var f *follower
	r := s.Stream.Read(from-1, func() { f.call() }) // which it is not before it has read
	if r == nil {
		return false
	}
	if c.wish != nil && c.wish.psync2 {
		c.Reply.SimpleString("CONTINUE " + past.id)
	} else {
		c.Reply.SimpleString("CONTINUE")
	}
	f = c.becomeFollower(false)
	f.start(r)
	slog.Info("a replica goes on where it was", "replica", f.name(), "bytes", r.Behind())
	f.online(false)
	return true
}

// transfer is all the data on its way to a follower. A goroutine has the file made and reads it; what it read goes to the
// client's loop a piece at a time, the next when the last was taken.
type transfer struct {
	*follower
	psync bool
	place snapshot.Place
}

// run has the file made and sends it.
func (t *transfer) run() {
	s := t.client.W.Server
	if !t.pinging(func() error {
		select {
		case s.transfers <- struct{}{}:
			return nil
		case <-t.gone:
			return errLeft
		}
	}) {
		return
	}
	defer func() { <-s.transfers }()
	t.place = snapshot.Place{Between: t.between, Settle: t.settle}
	var f *os.File
	if !t.pinging(func() (err error) {
		f, err = s.Snapshots.Copy(t.want.parts, &t.place, t.gone)
		return err
	}) {
		return
	}
	defer f.Close() //nolint:errcheck // it has no name: nothing is lost
	t.stage.Store(int32(stageSend))
	switch eof, err := t.send(f); {
	case errors.Is(err, errLeft):
	case err != nil:
		slog.Warn("a replica did not get all the data", "replica", t.name(), "error", err)
		t.disconnect()
	case t.want.once:
		t.end("")
	default:
		t.client.Peer.Post(func() { t.online(eof) })
	}
}

// between begins a snapshot at a moment when no script runs and nothing of a master is being carried out.
func (t *transfer) between(begin func() error) error {
	s := t.client.W.Server
	s.replica.applying.Lock()
	defer s.replica.applying.Unlock()
	for !s.scripts.tryEnter() {
		if t.left() {
			return errLeft
		}
		time.Sleep(time.Millisecond)
	}
	defer s.scripts.leave()
	return begin()
}

// settle finds the place in the stream that the data is of: nobody writes now.
func (t *transfer) settle(p *snapshot.Place) {
	s := t.client.W.Server
	r, offset := s.Stream.ReadOn(t.call)
	t.start(r)
	p.Offset, p.History, p.DB = offset, s.historyID(), s.streamDB()
}

// pinging waits for what is done for the client, and keeps the client waiting
// with empty lines, which it skips. It reports whether to go on.
func (t *transfer) pinging(do func() error) bool {
	done := make(chan error, 1)
	go func() { done <- do() }()
	tick := time.NewTicker(transferPing)
	defer tick.Stop()
	for {
		select {
		case err := <-done:
			if err != nil && !t.left() {
				slog.Error("a snapshot for a replica failed", "replica", t.name(), "error", err)
				t.end(errSyncFailed)
			}
			return err == nil
		case <-tick.C:
			t.client.Peer.Post(func() { t.client.Reply.Out.WriteString("\n") })
		}
	}
}

// end closes the connection behind what was sent, or behind an error.
func (t *transfer) end(failure string) {
	c := t.client
	c.Peer.Post(func() {
		if failure != "" {
			c.Error(failure)
		}
		c.Closing = true
	})
}

// send sends the file with what stands before it, and reports whether the client finds its end by a mark behind it:
// only then it may not be sent anything more before it says that it has read it.
func (t *transfer) send(f *os.File) (marked bool, err error) {
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return false, err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return false, err
	}
	var head, mark []byte
	if t.psync {
		head = append(head, "+FULLRESYNC "+t.place.History+" "+strconv.FormatInt(t.place.Offset, 10)+"\r\n"...)
	}
	if marked = t.want.eof && (t.want.filtered || t.client.W.Server.Params.value("repl-diskless-sync") == "yes"); marked {
		var random [endMark]byte
		_, _ = rand.Read(random[:]) // it does not fail
		mark = hex.AppendEncode(nil, random[:])
		head = append(append(append(head, "$EOF:"...), mark...), "\r\n"...)
	} else {
		head = append(strconv.AppendInt(append(head, '$'), size, 10), "\r\n"...)
	}
	if err := t.piece(head); err != nil {
		return marked, err
	}
	for b := make([]byte, transferPiece); size > 0; {
		n, err := io.ReadFull(f, b[:min(size, transferPiece)])
		if err != nil {
			return marked, err
		}
		if err := t.piece(b[:n]); err != nil {
			return marked, err
		}
		size -= int64(n)
	}
	if marked {
		err = t.piece(mark)
	}
	return marked, err
}
