package main

import (
	"github.com/crucible-cache/crucible/internal/metrics"
	"github.com/crucible-cache/crucible/internal/netloop"
	"github.com/crucible-cache/crucible/internal/session"
)

// loopWorker joins the engine and the sessions: to a loop it is the Worker
// that makes sessions, to the sessions of that loop what they share.
type loopWorker struct {
	*session.Worker
	protocols []session.Protocol // by listener ID
	ticks     metrics.Counter
}

// Accept makes the session of a new connection.
func (w *loopWorker) Accept(p netloop.Peer, listener int) netloop.Session {
	return w.Worker.Accept(p, w.protocols[listener])
}

// Tick also leaves a sign of life.
func (w *loopWorker) Tick() {
	w.Worker.Tick()
	w.ticks.Add(1)
}
