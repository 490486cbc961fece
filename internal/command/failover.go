package command

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"
)

// handover is FAILOVER: the server changes places with one of its replicas. First nobody may write until a replica has everything; then this
// server becomes the replica of that one, and asks it to be the master.
type handover struct {
	mu      sync.Mutex
	state   handoverState
	to      *failoverTarget // nil for any replica
	force   bool            // when the time is over the target takes over whatever it has
	untilMS int64           // unix, 0 for ever
}

type failoverTarget struct {
	host string
	port int
}

type handoverState int32

const (
	handoverNone handoverState = iota
	handoverWaits
	handoverAsks
)

func (h handoverState) String() string {
	return [...]string{"no-failover", "waiting-for-sync", "failover-in-progress"}[h]
}

// now returns how far it is. Any thread may call it.
func (h *handover) now() handoverState {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.state
}

// failoverCommand begins a failover, or ends one that is under way.
func failoverCommand(c *Client, args [][]byte) {
	s := c.W.Server
	h := &s.handover
	if s.cluster != nil {
		c.Error(errFailoverCluster)
		return
	}
	if len(args) == 2 && equalName(args[1], "abort") {
		if h.now() == handoverNone {
			c.Error(errFailoverAbort)
			return
		}
		s.abortFailover("the failover was aborted")
		c.Reply.SimpleString("OK")
		return
	}
	to, timeoutMS, force, failure := parseFailover(args)
	if failure != "" {
		c.Error(failure)
		return
	}
	online := slices.DeleteFunc(s.followers.each(), func(f *follower) bool { return f.want.once })
	switch {
	case h.now() != handoverNone:
		failure = errFailoverTwice
	case s.isReplica():
		failure = errReplicaFailover
	case len(online) == 0:
		failure = errFailoverNone
	case force && (timeoutMS == 0 || to == nil):
		failure = errFailoverForce
	case to != nil:
		at := slices.IndexFunc(online, to.is)
		switch {
		case at < 0:
			failure = errFailoverWhere
		case online[at].state() != stageOnline:
			failure = errFailoverOffline
		}
	}
	if failure != "" {
		c.Error(failure)
		return
	}
	h.mu.Lock()
	h.state, h.to, h.force, h.untilMS = handoverWaits, to, force, 0
	if timeoutMS > 0 {
		h.untilMS = c.W.NowMS + timeoutMS
	}
	h.mu.Unlock()
	s.beginPause(maxInt64, false)
	slog.Info("a failover begins: nobody writes until a replica has everything")
	c.Reply.SimpleString("OK")
}

func (t *failoverTarget) is(f *follower) bool { return f.host == t.host && f.port == t.port }

// parseFailover reads the options.
func parseFailover(args [][]byte) (to *failoverTarget, timeoutMS int64, force bool, failure string) {
	for i := 1; i < len(args); i++ {
		left := len(args) - i - 1
		switch {
		case equalName(args[i], "timeout") && left >= 1 && timeoutMS == 0:
			i++
			n, ok := parseInt(args[i])
			if !ok {
				return nil, 0, false, errNotInteger
			}
			if n <= 0 {
				return nil, 0, false, errFailoverBounds
			}
			timeoutMS = n
		case equalName(args[i], "to") && left >= 2 && to == nil:
			i += 2
			port, ok := parseInt(args[i])
			if !ok {
				return nil, 0, false, errNotInteger
			}
			to = &failoverTarget{string(args[i-1]), int(int32(port))}
		case equalName(args[i], "force") && !force:
			force = true
		default:
			return nil, 0, false, errSyntax
		}
	}
	return to, timeoutMS, force, ""
}

// tendFailover goes on when a replica has everything, or time is over.
func (s *Server) tendFailover(nowMS int64) {
	h := &s.handover
	h.mu.Lock()
	if h.state != handoverWaits {
		h.mu.Unlock()
		return
	}
	to, late, force := h.to, h.untilMS > 0 && nowMS > h.untilMS, h.force
	h.mu.Unlock()
	end := s.Stream.End()
	for _, f := range s.followers.each() {
		if (to == nil || to.is(f)) && f.state() == stageOnline && f.acked.Load() == end {
			s.proceedFailover(&failoverTarget{f.host, f.port})
			return
		}
	}
	switch {
	case late && force:
		s.proceedFailover(to)
	case late:
		s.abortFailover("no replica had everything in time")
	}
}

// proceedFailover makes the server the replica of its own.
func (s *Server) proceedFailover(to *failoverTarget) {
	slog.Info("the failover goes on: this server becomes the replica of its own", "host", to.host, "port", to.port)
	s.handover.mu.Lock()
	s.handover.state = handoverAsks
	s.handover.mu.Unlock()
	s.Follow(to.host, to.port)
}

// abortFailover leaves, or makes, the server the master.
func (s *Server) abortFailover(why string) {
	slog.Warn("no failover", "reason", why)
	if s.handover.now() == handoverAsks && s.isReplica() {
		s.replicate(nil)
	}
	s.endFailover()
}

// endFailover lets clients write again, those of a master.
func (s *Server) endFailover() {
	s.handover.mu.Lock()
	was := s.handover.state
	s.handover.state, s.handover.to = handoverNone, nil
	s.handover.mu.Unlock()
	if was != handoverNone {
		s.endPause(maxInt64)
	}
}

// awaitStep is how often AwaitReplicas looks.
const awaitStep = 10 * time.Millisecond

// AwaitReplicas returns when all replicas say that they have everything, or when ctx ends. Nobody may write meanwhile, nor after
// that. A server that stops calls it, on any thread.
func (s *Server) AwaitReplicas(ctx context.Context) {
	lacking := func() *follower {
		end, all := s.Stream.End(), s.followers.each()
		at := slices.IndexFunc(all, func(f *follower) bool { return !f.want.once && f.acked.Load() != end })
		if at < 0 || s.isReplica() {
			return nil
		}
		return all[at]
	}
	if lacking() == nil {
		return
	}
	s.closing.Store(true)
	s.beginPause(maxInt64, false)
	for f := lacking(); f != nil; f = lacking() {
		select {
		case <-ctx.Done():
			slog.Warn("a replica does not have everything", "replica", f.name(), "bytes", s.Stream.End()-f.acked.Load())
			return
		case <-time.After(awaitStep):
		}
	}
}
