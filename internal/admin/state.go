package admin

import (
	"fmt"
	"net/http"
	"sync/atomic"
)

// Phase is where the server is in its life.
type Phase int32

// The phases. A load balancer should send clients only to a Serving server.
const (
	Starting Phase = iota // listeners are not open yet
	Serving
	Draining // no new clients; those there are finish
)

// String names the phase as /readyz does.
func (p Phase) String() string {
	switch p {
	case Starting:
		return "starting"
	case Serving:
		return "serving"
	case Draining:
		return "draining"
	}
	return fmt.Sprintf("phase %d", int32(p))
}

// State is what /healthz and /readyz answer from. Any goroutine may use it.
type State struct {
	phase atomic.Int32
	// alive reports whether the loops make progress; a server that is not
	// alive should be restarted.
	alive func() bool
}

// NewState returns the state of a server that is starting. alive is asked at
// each /healthz, from any goroutine.
func NewState(alive func() bool) *State { return &State{alive: alive} }

// Enter moves to a phase.
func (s *State) Enter(p Phase) { s.phase.Store(int32(p)) }

// Phase returns the current phase.
func (s *State) Phase() Phase { return Phase(s.phase.Load()) }

// serveReady answers 200 while clients are welcome and 503 otherwise.
func (s *State) serveReady(w http.ResponseWriter, _ *http.Request) {
	p := s.Phase()
	answer(w, p == Serving, p.String())
}

// serveHealth answers 200 while the loops make progress, draining included.
func (s *State) serveHealth(w http.ResponseWriter, _ *http.Request) {
	if s.alive() {
		answer(w, true, "ok")
		return
	}
	answer(w, false, "a loop does not make progress")
}

func answer(w http.ResponseWriter, good bool, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	if !good {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	fmt.Fprintln(w, text) // a client that is gone needs no answer
}
