package command

import (
	"errors"
	"log/slog"
	"sync/atomic"

	"github.com/crucible-cache/crucible/internal/snapshot"
)

// ShutdownRequest holds the options of SHUTDOWN.
type ShutdownRequest struct {
	NoSave, Save, Now, Force, Abort bool

	// Saved says that what there is has just been saved: only what changes from now on
	// is not.
	Saved bool
}

// leaving is a shutdown that waits for its snapshot.
type leaving struct{ aborted atomic.Bool }

// shutdownCommand replies only when the server stays: otherwise the client sees
// its connection close.
func shutdownCommand(c *Client, args [][]byte) {
	r, ok := parseShutdown(args[1:])
	s := c.W.Server
	busy := s.scripts.busy.Load()
	switch {
	case !ok:
		c.Error(errSyntax)
	case busy != nil && !r.NoSave:
		c.Error(busy.refusal())
	case r.Abort:
		c.abortShutdown()
	case s.Shutdown == nil:
		c.Error(errShutdown)
	case r.Save, !r.NoSave && s.Params.SavesAtExit():
		c.saveAndShutdown(args, r)
	default:
		c.shutdown(r)
	}
}

func (c *Client) shutdown(r ShutdownRequest) {
	if err := c.W.Server.Shutdown(r); err != nil {
		c.Error(errShutdown)
	}
}

// abortShutdown has a shutdown that waits for its snapshot fail when that is written.
func (c *Client) abortShutdown() {
	if l := c.W.Server.leaving.Load(); l != nil && l.aborted.CompareAndSwap(false, true) {
		c.Reply.SimpleString("OK")
		return
	}
	c.Error(errNoShutdown)
}

// saveAndShutdown stops the server once a snapshot is written, and leaves it running if
// that fails, unless the request says otherwise. The client waits meanwhile, and nobody else.
func (c *Client) saveAndShutdown(args [][]byte, r ShutdownRequest) {
	s, mine := c.W.Server, &leaving{}
	if !s.leaving.CompareAndSwap(nil, mine) {
		c.Error(errShutdown)
		return
	}
	c.await(args)
	x := c.waiter.Load()
	saved := func(err error) {
		s.leaving.Store(nil)
		reply := []byte("-" + errShutdown + "\r\n")
		switch {
		case mine.aborted.Load():
			slog.Warn("SHUTDOWN was aborted")
		case err != nil && !r.Force:
			slog.Error("SHUTDOWN refused: there is no snapshot of what would be lost", "error", err)
		default:
			r.Saved, r.NoSave = err == nil, err != nil
			if s.Shutdown(r) == nil {
				reply = nil
			}
		}
		if x.cancel() {
			x.post(reply)
		}
	}
	switch err := s.Snapshots.Start(saved); {
	case errors.Is(err, snapshot.ErrRunning):
		go func() {
			for errors.Is(err, snapshot.ErrRunning) {
				s.Snapshots.Wait()
				err = s.Snapshots.Save()
			}
			saved(err)
		}()
	case err != nil:
		saved(err)
	}
}

// SavedWhole reports whether the last snapshot has all that is there, as far as keys go.
func (s *Server) SavedWhole() bool { return s.Snapshots.Status().SavedAt == s.changes() }

func parseShutdown(options [][]byte) (r ShutdownRequest, ok bool) {
	for _, o := range options {
		switch {
		case equalName(o, "nosave"):
			r.NoSave = true
		case equalName(o, "save"):
			r.Save = true
		case equalName(o, "now"):
			r.Now = true
		case equalName(o, "force"):
			r.Force = true
		case equalName(o, "abort"):
			r.Abort = true
		default:
			return r, false
		}
	}
	return r, !(r.Abort && (r.NoSave || r.Save || r.Now || r.Force)) && !(r.NoSave && r.Save)
}
