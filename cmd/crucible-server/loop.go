package main

import (
	"sync/atomic"

	"github.com/crucible-cache/crucible/internal/command"
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
	absorbed  bool                         // may be without a tick for long
	loop      atomic.Pointer[netloop.Loop] // nil until it runs
}

// settle tells a worker which loop it is the worker of, and how to reach those of
// all others, of whatever engine. Who has no loop yet has no clients either.
func (w *loopWorker) settle(own netloop.Loop, all func() []*loopWorker) {
	w.loop.Store(&own)
	w.Commands.Post = own.Post
	w.Commands.Rouse = func(other *command.Worker) {
		if loop := all()[other.ID].loop.Load(); loop != nil {
			own.Tell(*loop, other.ReadInbox)
		}
	}
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
