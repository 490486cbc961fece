package netloop

import "time"

// SetKeepAlive changes after how long without traffic TCP probes the clients that come from now on, of the listeners
// with an ID; 0 sends no probes. Any thread may call it, also a loop's; a loop follows with its next wake-up.
func (e *Engine) SetKeepAlive(id int, idle time.Duration) {
	if e.group != nil {
		e.group.mu.Lock()
		defer e.group.mu.Unlock()
		for _, from := range e.group.listeners {
			if from.ID == id {
				from.keepAlive.Store(int64(idle))
			}
		}
		return
	}
	for _, l := range e.loops {
		l.Post(func() { l.setKeepAlive(id, idle) })
	}
}

// setKeepAlive changes the listening sockets of the loop, of which connections inherit it. It is advice, as when a
// connection is made: a Unix socket refuses.
func (l *loop) setKeepAlive(id int, idle time.Duration) {
	if l.draining {
		return // they are closed
	}
	for _, one := range l.listeners {
		if one != nil && one.ID == id {
			_ = setKeepAlive(one.FD, idle)
		}
	}
}
