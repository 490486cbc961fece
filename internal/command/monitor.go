package command

import (
	"slices"
	"strconv"
	"strings"
)

// attention says that something other than its keys is concerned by a request,
// so that the path of all others has one word to look at.
const (
	attendMonitors uint32 = 1 << iota
	attendTracking
	attendStream // Server.Stream is wanted
)

// attend switches one of the bits. No shard is locked.
func (s *Server) attend(bit uint32, on bool) {
	if bit == attendStream {
		s.Keyspace.Follow(on)
	}
	for {
		old := s.attention.Load()
		now := old | bit
		if !on {
			now = old &^ bit
		}
		if s.attention.CompareAndSwap(old, now) {
			return
		}
	}
}

// attended does what a request that was just carried out means for others.
func (c *Client) attended(s *Spec, args [][]byte) {
	c.trackRead(s, args)
	if c.waiter.Load() == nil {
		c.wrote = c.W.Server.Stream.End()
	}
	if s.Flags&(SkipMonitor|Admin) == 0 {
		c.monitored(args)
	}
}

// monitored shows a request to the monitors, if there are any.
func (c *Client) monitored(args [][]byte) {
	if c.W.Server.attention.Load()&attendMonitors != 0 {
		c.showMonitors(c.monitorAddress(), args)
	}
}

// monitorCommand has the client see every request from now on. One that does
// already gets no reply, as from the reference server.
func monitorCommand(c *Client, _ [][]byte) {
	switch {
	case c.follower.Load() != nil:
	case c.tx.running:
		c.Error(errMonitorMulti)
	case !c.monitoring:
		c.W.hearFirst()
		c.setMonitoring(true)
		c.Reply.SimpleString("OK")
	}
}

// setMonitoring enters the client into the monitors of its loop, or takes it out.
func (c *Client) setMonitoring(on bool) {
	if c.monitoring == on {
		return
	}
	w := c.W
	c.monitoring = on
	if on {
		w.monitors = append(w.monitors, c)
	} else {
		w.monitors = slices.Delete(w.monitors, slices.Index(w.monitors, c), slices.Index(w.monitors, c)+1)
	}
	w.monitored.Store(int32(len(w.monitors)))
	c.seen.setFlag(seenMonitor, on)
	c.noteListening()
	w.Server.monitors.Lock()
	defer w.Server.monitors.Unlock()
	some := slices.ContainsFunc(w.Server.Workers(), func(w *Worker) bool { return w.monitored.Load() > 0 })
	w.Server.attend(attendMonitors, some)
}

// monitorLine is a request as monitors are shown it.
type monitorLine struct {
	server *Server
	text   []byte
}

// Open implements push.Letter.
func (l *monitorLine) Open(loop int) {
	for _, c := range l.server.Workers()[loop].monitors {
		if !c.Closing && !c.Killed {
			r := c.news()
			r.Out.Write(l.text)
		}
	}
}

// showMonitors shows a request to all monitors: when it was, whose, and its
// words, without passwords.
func (c *Client) showMonitors(from string, args [][]byte) {
	w := c.W
	b := append(make([]byte, 0, monitorLineMin+requestBytes(args)), '+')
	b = strconv.AppendInt(b, w.NowUS/1_000_000, 10)
	micros := strconv.FormatInt(1_000_000+w.NowUS%1_000_000, 10)
	b = append(b, '.')
	b = append(b, micros[1:]...)
	b = append(b, " ["...)
	b = strconv.AppendInt(b, int64(c.DB), 10)
	b = append(b, ' ')
	b = append(b, from...)
	b = append(b, ']')
	for i, a := range args {
		b = append(b, ' ')
		if secret(args, i) {
			b = append(b, `"(redacted)"`...)
		} else {
			b = appendQuoted(b, a)
		}
	}
	l := &monitorLine{w.Server, append(b, '\r', '\n')}
	for _, to := range w.Server.Workers() {
		if to.monitored.Load() > 0 {
			w.postLetter(to.ID, l, len(l.text))
		}
	}
	w.rouse()
}

// monitorLineMin is about what a line has beside the words of the request, in bytes.
const monitorLineMin = 96

// monitorAddress is the client's address as monitors see it.
func (c *Client) monitorAddress() string {
	if c.scripting() {
		return "lua"
	}
	addr := c.Peer.RemoteAddr()
	if strings.HasPrefix(addr, "/") {
		return "unix:" + strings.TrimSuffix(addr, ":0")
	}
	return addr
}

// secret reports whether a word of a request is a user or a password: all of
// AUTH, the two words behind AUTH in HELLO, what MIGRATE is given to log in with.
func secret(args [][]byte, i int) bool {
	behind := func(word string, n int) bool {
		for at := 1; at <= n && i-at > 0; at++ {
			if equalName(args[i-at], word) {
				return true
			}
		}
		return false
	}
	switch {
	case i == 0:
		return false
	case equalName(args[0], "auth"):
		return true
	case equalName(args[0], "hello"):
		return behind("auth", 2)
	case equalName(args[0], "migrate"):
		return i > 5 && (behind("auth", 1) || behind("auth2", 2))
	}
	return false
}

// appendQuoted appends text in double quotes, with escapes for what can't be shown.
func appendQuoted(b, text []byte) []byte {
	const hex = "0123456789abcdef"
	b = append(b, '"')
	for _, x := range text {
		switch {
		case x == '"' || x == '\\':
			b = append(b, '\\', x)
		case x >= ' ' && x <= '~':
			b = append(b, x)
		default:
			if at := strings.IndexByte("\n\r\t\a\b", x); at >= 0 {
				b = append(b, '\\', "nrtab"[at])
			} else {
				b = append(b, '\\', 'x', hex[x>>4], hex[x&15])
			}
		}
	}
	return append(b, '"')
}
