package netloop

import (
	"time"

	"golang.org/x/sys/unix"
)

// drain stops accepting and starts to close connections as they fall idle,
// all that are left at the deadline.
func (l *loop) drain(deadline time.Time) {
	if l.draining {
		return
	}
	l.draining, l.drainEnd = true, deadline
	l.unlistenAll()
}

// drainStep closes what can be closed without losing anything: requests that
// are in the socket are still answered, replies still sent.
func (l *loop) drainStep() {
	late := !l.now.Before(l.drainEnd)
	for _, c := range l.conns {
		switch {
		case c.killed || c.detached:
		case late, !c.sending && c.socket.Output.Len() == 0 && unread(c.socket.FD) == 0:
			c.kill(nil)
		}
	}
}

// finished reports whether the loop was drained to the end.
func (l *loop) finished() bool {
	return l.draining && len(l.conns) == 0 && len(l.dirty) == 0
}

// stop gives back everything the loop holds.
func (l *loop) stop() {
	for m := l.mail.seal(); m != nil; m = m.next {
		if m.adopt {
			l.load.Add(-1)
			_ = unix.Close(m.fd)
		}
	}
	for l.posters.Load() > 0 {
		time.Sleep(time.Microsecond) // a thread is about to wake us: the driver must outlive that
	}
	l.worker.Stopped()
	l.driver.Close()
}
