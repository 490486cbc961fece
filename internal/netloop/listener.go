package netloop

import (
	"errors"
	"fmt"
	"slices"
	"sync"

	"golang.org/x/sys/unix"
)

// listener is a listening socket as the loop that accepts from it sees it.
type listener struct {
	Listener
	owner *loop
	open  bool // the driver accepts from it

	mu     sync.Mutex
	closed bool
}

// hush has the kernel refuse connections from now on, of any thread, while the
// socket is still its loop's to close.
func (one *listener) hush() {
	one.mu.Lock()
	defer one.mu.Unlock()
	if !one.closed && !one.Inherited {
		_ = unix.Shutdown(one.FD, unix.SHUT_RDWR)
	}
}

func (one *listener) close() {
	one.mu.Lock()
	defer one.mu.Unlock()
	if !one.closed {
		one.closed = true
		_ = unix.Close(one.FD)
	}
}

// Listen has a running engine accept from more sockets, which it takes over also
// if it fails. The kernel takes connections already; a loop serves them from its next
// wake-up on. Any thread may call it, also a loop's.
func (e *Engine) Listen(more []Listener) error {
	var failed []error
	for _, one := range more {
		if e.group != nil {
			failed = append(failed, e.group.listen(one))
			continue
		}
		if err := e.check(one, Config{Loops: len(e.loops)}); err != nil {
			failed = append(failed, err, unix.Close(one.FD))
			continue
		}
		added := e.enter(one)
		added.owner.Post(func() { _ = added.owner.listen(added) })
	}
	return errors.Join(failed...)
}

// Unlisten closes the listening socket of that name. From its return on the kernel
// refuses connections; those there are stay. Any thread may call it, also a
// loop's.
func (e *Engine) Unlisten(name any) {
	if e.group != nil {
		e.group.unlisten(name)
		return
	}
	e.mu.Lock()
	at := slices.IndexFunc(e.listeners, func(one *listener) bool { return one.Name == name })
	if at < 0 {
		e.mu.Unlock()
		return
	}
	one := e.listeners[at]
	e.listeners = slices.Delete(e.listeners, at, at+1)
	e.mu.Unlock()
	one.hush()
	one.owner.Post(func() { one.owner.unlisten(one) })
}

// enter gives a socket to the loop that is to accept from it.
func (e *Engine) enter(one Listener) *listener {
	added := &listener{Listener: one, owner: e.loops[max(one.Loop, 0)]} // Anywhere: loop 0 accepts
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.ended {
		added.close()
	} else {
		e.listeners = append(e.listeners, added)
	}
	return added
}

// listen starts accepting from a socket, in a place that is free. If that fails
// it is tried again at the next tick.
func (l *loop) listen(one *listener) error {
	if l.draining {
		one.close()
		return nil
	}
	n := slices.Index(l.listeners, nil)
	if n < 0 {
		n, l.listeners = len(l.listeners), append(l.listeners, nil)
	}
	l.listeners[n] = one
	if err := l.driver.Listen(n, one.FD); err != nil {
		return fmt.Errorf("listener %d: %w", one.ID, err)
	}
	one.open = true
	return nil
}

// unlisten closes a listening socket, if the loop still has it.
func (l *loop) unlisten(one *listener) {
	n := slices.Index(l.listeners, one)
	if n < 0 {
		return
	}
	if one.open {
		l.driver.Unlisten(n)
		one.open = false
	}
	l.listeners[n] = nil
	one.close()
}

// unlistenAll closes the listening sockets.
func (l *loop) unlistenAll() {
	for _, one := range l.listeners {
		if one != nil {
			l.unlisten(one)
		}
	}
}

// listen has the runtime accept from one more socket, or closes it.
func (g *group) listen(one Listener) error {
	from, err := newSource(one)
	if err != nil {
		return err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.cutOff != nil {
		return from.socket.Close()
	}
	g.listeners = append(g.listeners, from)
	g.acceptors.Add(1)
	go g.accept(from)
	return nil
}

func (g *group) unlisten(name any) {
	g.mu.Lock()
	defer g.mu.Unlock()
	at := slices.IndexFunc(g.listeners, func(from *source) bool { return from.Name == name })
	if at >= 0 {
		_ = g.listeners[at].socket.Close()
		g.listeners = slices.Delete(g.listeners, at, at+1)
	}
}
