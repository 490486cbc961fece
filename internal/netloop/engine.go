package netloop

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/crucible-cache/crucible/internal/netloop/driver"
)

// Engine is a set of running loops.
type Engine struct {
	choice Choice
	loops  []*loop
	group  *group // the goroutine runtime, in place of loops

	mu        sync.Mutex  // of what follows
	listeners []*listener // of the loops, that were not closed by Unlisten
	ended     bool        // the loops: what comes is closed at once
}

// opener makes the driver of a loop, on the loop's thread.
type opener func(h driver.Host, stats *Stats) (driver.Driver, error)

// Start starts an engine that serves the listeners, and takes them over also
// if it fails. newWorker is called once for each loop, on the loop's thread.
func Start(cfg Config, listeners []Listener, newWorker func(Loop) Worker) (*Engine, error) {
	cfg = cfg.withDefaults()
	own := listeners // what is still ours to close
	defer func() {
		for _, one := range own {
			_ = unix.Close(one.FD)
		}
	}()
	choice, err := Choose(cfg)
	if err != nil {
		return nil, err
	}
	e := &Engine{choice: choice}
	if choice.Engine == Goroutine {
		own = nil
		e.group, err = startGroup(cfg, listeners, newWorker)
		return e, err
	}
	for _, one := range listeners {
		if err := e.check(one, cfg); err != nil {
			return nil, err
		}
	}
	if err := e.startLoops(cfg, newWorker); err != nil {
		return nil, err
	}
	own = nil
	if err := e.listen(listeners); err != nil {
		e.drain(time.Now())
		e.join()
		return nil, err
	}
	return e, nil
}

// check reports why the loops cannot serve a listener, and prepares it if they can.
func (e *Engine) check(one Listener, cfg Config) error {
	if one.TLS != nil {
		return fmt.Errorf("listener %d: TLS is served by the engine %q, not by %q", one.ID, Goroutine, e.choice.Engine)
	}
	if one.Loop != Anywhere && (one.Loop < 0 || one.Loop >= cfg.Loops) {
		return fmt.Errorf("listener %d: there is no loop %d of %d", one.ID, one.Loop, cfg.Loops)
	}
	return prepareListener(one)
}

// startLoops starts every loop or none.
func (e *Engine) startLoops(cfg Config, newWorker func(Loop) Worker) error {
	e.loops = make([]*loop, cfg.Loops)
	for i := range e.loops {
		e.loops[i] = &loop{index: i, config: cfg, peers: e.loops, ended: make(chan struct{})}
	}
	var failed []error
	for i, l := range e.loops {
		started := make(chan error)
		go l.run(e.choice.open, newWorker, started)
		if err := <-started; err != nil {
			failed = append(failed, err)
			<-l.ended
			e.loops = e.loops[:i]
			break
		}
	}
	if failed != nil {
		e.drain(time.Now())
		e.join()
	}
	return errors.Join(failed...)
}

// listen gives each listener to the loop that accepts from it.
func (e *Engine) listen(listeners []Listener) error {
	var failed []error
	for _, one := range listeners {
		added := e.enter(one)
		result := make(chan error)
		added.owner.Post(func() { result <- added.owner.listen(added) })
		failed = append(failed, <-result)
	}
	return errors.Join(failed...)
}

// Choice says which engine runs and why.
func (e *Engine) Choice() Choice { return e.choice }

// Loops returns the loops, by index.
func (e *Engine) Loops() []Loop {
	if e.group != nil {
		return e.group.list()
	}
	all := make([]Loop, len(e.loops))
	for i, l := range e.loops {
		all[i] = l
	}
	return all
}

// Shutdown stops accepting and closes the connections: each when it has no
// request waiting and no reply left to send, all of them when ctx is done. It returns
// when every loop has ended, with the error of ctx if that cut anybody off.
func (e *Engine) Shutdown(ctx context.Context) error {
	deadline, limited := ctx.Deadline()
	if !limited {
		deadline = time.Now().Add(forever)
	}
	e.drain(deadline)
	cut := context.AfterFunc(ctx, func() { e.drainNow() })
	e.join()
	if !cut() {
		return ctx.Err()
	}
	return nil
}

const forever = 100 * 365 * 24 * time.Hour

func (e *Engine) drain(deadline time.Time) {
	if e.group != nil {
		e.group.drain(deadline)
		return
	}
	for _, l := range e.loops {
		l.Post(func() { l.drain(deadline) })
	}
}

// drainNow moves the deadline of a drain to the present.
func (e *Engine) drainNow() {
	if e.group != nil {
		e.group.drainNow()
		return
	}
	for _, l := range e.loops {
		l.Post(func() { l.drainEnd = l.now })
	}
}

func (e *Engine) join() {
	if e.group != nil {
		e.group.join()
		return
	}
	for _, l := range e.loops {
		<-l.ended
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.ended = true
	for _, one := range e.listeners {
		one.close() // of those that came too late for their loop
	}
}
