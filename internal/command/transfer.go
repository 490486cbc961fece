package command

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"io"
	"log/slog"
	"os"
	"strconv"
	"time"
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

// transfer is one copy of the data on its way to a client, which waits in a
// command that nobody ends. A goroutine has the file made and reads it; what it
// read goes to the client's loop a piece at a time, the next when the last was
// taken.
type transfer struct {
	*feed
	waiter *waiter
	want   wish
	psync  bool
}

// syncCommand sends one client a snapshot and closes the connection. One that
// wants to know what changes after that can't be served.
func syncCommand(c *Client, args [][]byte) {
	psync := len(args) > 1
	offset := true
	if psync {
		_, offset = parseInt(args[2])
	}
	switch x := c.wish; {
	case len(args) > 3 && equalName(args[3], "failover"):
		if !c.W.Server.isReplica() {
			c.Error(errFailoverMaster)
			return
		}
		if !equalName(args[1], c.W.Server.historyID()) {
			c.Error(errFailoverID)
			return
		}
		c.Error(errNoReplicas)
		return
	case c.W.Server.linkDown():
		c.Error(errNoMasterLink)
		return
	case x != nil && x.filtered && !x.eof:
		c.Error(errFilterEOF)
		return
	case !offset:
		c.Error(errNotInteger)
		return
	case x == nil || !x.once:
		c.Error(errNoReplicas)
		return
	}
	c.await(args)
	t := &transfer{feed: c.beFed(), waiter: c.waiter.Load(), want: *c.wish, psync: psync}
	t.waiter.cancel() // CLIENT UNBLOCK has nothing to end
	c.seen.setFlag(seenReplica, true)
	go t.run()
}

// run has the file made and sends it.
func (t *transfer) run() {
	slots := t.client.W.Server.transfers
	if !t.pinging(func() error {
		select {
		case slots <- struct{}{}:
			return nil
		case <-t.gone:
			return errLeft
		}
	}) {
		return
	}
	defer func() { <-slots }()
	var f *os.File
	if !t.pinging(func() (err error) {
		f, err = t.client.W.Server.Snapshots.Copy(t.want.parts, t.gone)
		return err
	}) {
		return
	}
	defer f.Close() //nolint:errcheck // it has no name: nothing is lost
	switch err := t.send(f); {
	case errors.Is(err, errLeft):
	case err != nil:
		slog.Warn("a snapshot was not sent whole", "client", t.client.ID, "error", err)
		t.client.Peer.Post(func() { t.client.Killed = true })
	default:
		t.finish("")
	}
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
				slog.Error("a snapshot for a client failed", "client", t.client.ID, "error", err)
				t.finish(errSyncFailed)
			}
			return err == nil
		case <-tick.C:
			t.client.Peer.Post(func() { t.client.Reply.Out.WriteString("\n") })
		}
	}
}

// finish closes the connection behind what was sent, or behind an error.
func (t *transfer) finish(failure string) {
	c := t.client
	c.Peer.Post(func() {
		if failure != "" {
			c.Error(failure)
		}
		c.unblock(t.waiter, nil)
		c.Closing = true
	})
}

// send sends the file with what stands before it, and the mark behind it if the
// client finds the end by that.
func (t *transfer) send(f *os.File) error {
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	var head, mark []byte
	if t.psync {
		head = append(head, "+FULLRESYNC "+t.client.W.Server.historyID()+" 0\r\n"...)
	}
	if t.want.eof {
		var random [endMark]byte
		_, _ = rand.Read(random[:]) // it does not fail
		mark = hex.AppendEncode(nil, random[:])
		head = append(append(append(head, "$EOF:"...), mark...), "\r\n"...)
	} else {
		head = append(strconv.AppendInt(append(head, '$'), size, 10), "\r\n"...)
	}
	if err := t.piece(head); err != nil {
		return err
	}
	for b := make([]byte, transferPiece); size > 0; {
		n, err := io.ReadFull(f, b[:min(size, transferPiece)])
		if err != nil {
			return err
		}
		if err := t.piece(b[:n]); err != nil {
			return err
		}
		size -= int64(n)
	}
	if len(mark) == 0 {
		return nil
	}
	return t.piece(mark)
}
