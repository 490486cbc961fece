package command

import (
	"log/slog"

	"github.com/crucible-cache/crucible/internal/stream"
)

// replicasEveryMS is how often what is due for replicas is done, but for looking who is too far behind.
const replicasEveryMS = 1000

// openStream begins to keep the writes. What was not kept is nothing to go on from, so a data set with a history of its
// own has a new one from here on, if anew is set.
func (s *Server) openStream(anew bool) {
	s.followers.mu.Lock()
	defer s.followers.mu.Unlock()
	if s.Stream.Wanted() {
		return
	}
	if anew {
		s.replica.history.Store(&history{randomHistory(), noHistory, -1})
	}
	s.followers.lackMS = 0
	s.Stream.Open()
	s.attend(attendStream, true)
}

// tendFollowers does what is due for replicas. One worker calls it on each tick, with nothing locked.
func (s *Server) tendFollowers(nowMS int64) {
	x := &s.followers
	if !s.Stream.Wanted() {
		return
	}
	x.waiters.ask(s, nowMS)
	s.tendFailover(nowMS)
	all := x.each()
	for _, f := range all {
		if why := f.lost(nowMS); why != "" {
			slog.Warn("a replica is disconnected", "replica", f.name(), "reason", why)
			f.disconnect()
		}
	}
	if nowMS-x.lastMS < replicasEveryMS {
		return
	}
	x.lastMS = nowMS
	s.Stream.Tidy()
	s.noteGood(nowMS)
	if s.isReplica() {
		return
	}
	if len(all) == 0 {
		s.closeStream(nowMS)
		return
	}
	// To count as having everything a replica must have the PING too, and say so.
	quiet := s.closing.Load() || s.handover.now() != handoverNone
	if !quiet && nowMS-x.pingMS.Load() >= s.Params.seconds("repl-ping-replica-period")*1000 {
		x.pingMS.Store(nowMS)
		s.tellFollowers("PING")
	}
}

// tellFollowers appends a request to the stream that is not about the data.
func (s *Server) tellFollowers(words ...string) {
	s.Stream.Append([]stream.Part{{DB: stream.AnyDB, Request: appendRequest(nil, words...)}})
}

// closeStream drops the writes when nobody has followed them for long enough.
func (s *Server) closeStream(nowMS int64) {
	x, ttl := &s.followers, s.Params.backlog.ttl.Load()
	x.mu.Lock()
	defer x.mu.Unlock()
	switch {
	case len(x.list) > 0 || ttl == 0:
	case x.lackMS == 0:
		x.lackMS = nowMS
	case nowMS-x.lackMS > ttl*1000:
		// One who comes back would not know of what changes from now on.
		s.replica.history.Store(&history{randomHistory(), noHistory, -1})
		s.attend(attendStream, false)
		s.Stream.Close()
		slog.Info("the stream of writes ends: nobody has followed it for repl-backlog-ttl")
	}
}

// noteGood counts the replicas that are near enough for min-replicas-to-write.
func (s *Server) noteGood(nowMS int64) {
	s.followers.mu.Lock()
	defer s.followers.mu.Unlock()
	s.countGood(nowMS)
}

// countGood is noteGood for one who holds the mutex of followers.
func (s *Server) countGood(nowMS int64) {
	good := int64(0)
	for _, f := range s.followers.list {
		if f.state() == stageOnline && f.lag(nowMS) <= s.Params.maxLag.Load() {
			good++
		}
	}
	s.Params.good.Store(good)
	s.Params.settle()
}

// disconnectFollowers has all replicas come back, for what they follow is another history now.
func (s *Server) disconnectFollowers() {
	for _, f := range s.followers.each() {
		f.disconnect()
	}
}
