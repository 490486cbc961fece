package command

import (
	"bytes"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/crucible-cache/crucible/internal/keyspace"
)

// tracking is one stretch of CLIENT TRACKING, from ON to OFF. What the tables of
// tracked keys still hold of one that is over counts for nothing.
type tracking struct {
	client *Client
	over   atomic.Bool
	broken atomic.Bool // the client that it is redirected to is gone

	redirect             atomic.Int64 // to the client of that ID, 0 = none
	noLoop               atomic.Bool  // of its own writes it is not told
	bcast, optIn, optOut bool
	caching              bool     // CLIENT CACHING was given for what comes next
	prefixes             []string // with bcast, sorted
}

// Tracks implements keyspace.Tracker.
func (t *tracking) Tracks() bool { return !t.over.Load() }

// wants reports whether the keys of the command that just ran are to be tracked.
func (t *tracking) wants() bool {
	return !t.bcast && (!t.optIn || t.caching) && (!t.optOut || !t.caching)
}

// trackers are all clients that track, and the prefixes that some of them
// listen to.
type trackers struct {
	mu       sync.Mutex
	count    int
	prefixes atomic.Pointer[[]prefix] // replaced as a whole
}

// prefix is a beginning of keys' names and who is told of such keys.
type prefix struct {
	text string
	of   []*tracking
}

func (t *trackers) list() []prefix {
	if p := t.prefixes.Load(); p != nil {
		return *p
	}
	return nil
}

// change enters x under each of texts, or takes it out. All lists of prefixes are in order.
func (t *trackers) change(x *tracking, texts []string, enter bool) {
	old := t.list()
	list := make([]prefix, 0, len(old)+len(texts))
	begin := func(text string) {
		if enter {
			list = append(list, prefix{text, []*tracking{x}})
		}
	}
	texts = slices.Sorted(slices.Values(texts))
	for _, p := range old {
		for ; len(texts) > 0 && texts[0] < p.text; texts = texts[1:] {
			begin(texts[0])
		}
		if len(texts) > 0 && texts[0] == p.text {
			texts = texts[1:]
			p.of = slices.DeleteFunc(slices.Clone(p.of), func(o *tracking) bool { return o == x })
			if enter {
				p.of = append(p.of, x)
			}
		}
		if len(p.of) > 0 {
			list = append(list, p)
		}
	}
	for _, text := range texts {
		begin(text)
	}
	t.prefixes.Store(&list)
}

// trackingOptions are what CLIENT TRACKING asks for.
type trackingOptions struct {
	redirect                     int64
	bcast, optIn, optOut, noLoop bool
	prefixes                     []string
}

func clientTrackingCommand(c *Client, args [][]byte) {
	var o trackingOptions
	if !o.parse(c, args[3:]) {
		return
	}
	switch {
	case equalName(args[2], "on"):
		if problem := o.problem(c.tracking); problem != "" {
			c.Error(problem)
			return
		}
		c.track(&o)
	case equalName(args[2], "off"):
		c.trackNoMore()
	default:
		c.Error(errSyntax)
		return
	}
	c.Reply.SimpleString("OK")
}

// parse reads the options, or replies with an error.
func (o *trackingOptions) parse(c *Client, options [][]byte) bool {
	for i := 0; i < len(options); i++ {
		word, more := options[i], i+1 < len(options)
		switch {
		case equalName(word, "redirect") && more:
			i++
			if o.redirect != 0 {
				c.Error(errTrackRedirects)
				return false
			}
			id, ok := parseInt(options[i])
			if !ok {
				c.Error(errNotInteger)
				return false
			}
			if len(c.W.Server.Clients.get([]int64{id})) == 0 {
				c.Error(errTrackRedirect)
				return false
			}
			o.redirect = id
		case equalName(word, "bcast"):
			o.bcast = true
		case equalName(word, "optin"):
			o.optIn = true
		case equalName(word, "optout"):
			o.optOut = true
		case equalName(word, "noloop"):
			o.noLoop = true
		case equalName(word, "prefix") && more:
			i++
			o.prefixes = append(o.prefixes, string(options[i]))
		default:
			c.Error(errSyntax)
			return false
		}
	}
	return true
}

// problem says why the options do not go together, or with those of the
// tracking that is on already, if there is one.
func (o *trackingOptions) problem(had *tracking) string {
	switch {
	case len(o.prefixes) > 0 && !o.bcast:
		return errTrackPrefix
	case had != nil && had.bcast != o.bcast:
		return errTrackBcast
	case o.bcast && (o.optIn || o.optOut):
		return errTrackOpt
	case o.optIn && o.optOut:
		return errTrackBoth
	case had != nil && (o.optIn && had.optOut || o.optOut && had.optIn):
		return errTrackSwitch
	}
	for i, p := range o.prefixes {
		if had != nil {
			// None of those begins with another, so that it can only be the one before or behind.
			at, _ := slices.BinarySearch(had.prefixes, p)
			for _, other := range had.prefixes[max(at-1, 0):min(at+1, len(had.prefixes))] {
				if overlap(p, other) {
					return errTrackOverlap(p, "an existing", other)
				}
			}
		}
		for _, other := range o.prefixes[i+1:] {
			if overlap(p, other) {
				return errTrackOverlap(p, "another provided", other)
			}
		}
	}
	return ""
}

func overlap(a, b string) bool { return strings.HasPrefix(a, b) || strings.HasPrefix(b, a) }

// track begins tracking, or changes how it goes on.
func (c *Client) track(o *trackingOptions) {
	s, t := c.W.Server, c.tracking
	if o.bcast && len(o.prefixes) == 0 && (t == nil || len(t.prefixes) == 0) {
		o.prefixes = []string{""}
	}
	s.trackers.mu.Lock()
	if t == nil {
		t = &tracking{client: c}
		c.tracking = t
		c.published.Store(t)
		s.trackers.count++
		s.attend(attendTracking, true)
	}
	t.bcast, t.optIn, t.optOut = o.bcast, o.optIn, o.optOut
	t.noLoop.Store(o.noLoop)
	t.redirect.Store(o.redirect)
	t.broken.Store(false)
	if len(o.prefixes) > 0 {
		for _, p := range o.prefixes {
			at, _ := slices.BinarySearch(t.prefixes, p)
			t.prefixes = slices.Insert(t.prefixes, at, p)
		}
		s.trackers.change(t, o.prefixes, true)
		c.holdNames(len(o.prefixes), totalLength(o.prefixes))
	}
	c.seen.setFlag(seenBroadcast, t.bcast)
	s.trackers.mu.Unlock()
	c.broadcast()
}

// trackNoMore ends tracking.
func (c *Client) trackNoMore() {
	t := c.tracking
	if t == nil {
		return
	}
	s := c.W.Server
	t.over.Store(true)
	c.tracking = nil
	c.published.Store(nil)
	c.seen.setFlag(seenBroadcast, false)
	s.trackers.mu.Lock()
	s.trackers.change(t, t.prefixes, false)
	c.holdNames(-len(t.prefixes), -totalLength(t.prefixes))
	s.trackers.count--
	s.attend(attendTracking, s.trackers.count > 0)
	s.trackers.mu.Unlock()
	c.broadcast()
}

// broadcast has the keyspace tell of all writes if anybody wants to know.
func (c *Client) broadcast() {
	s := c.W.Server
	s.broadcasting.Lock()
	defer s.broadcasting.Unlock()
	if want := len(s.trackers.list()) > 0; want != s.broadcasts {
		s.broadcasts = want
		c.W.Broadcast(want)
	}
}

func clientCachingCommand(c *Client, args [][]byte) {
	t := c.tracking
	yes := equalName(args[2], "yes")
	switch {
	case t == nil:
		c.Error(errCachingMode)
	case !yes && !equalName(args[2], "no"):
		c.Error(errSyntax)
	case yes && !t.optIn:
		c.Error(errCachingYes)
	case !yes && !t.optOut:
		c.Error(errCachingNo)
	default:
		t.caching = true
		c.Reply.SimpleString("OK")
	}
}

func clientGetredirCommand(c *Client, _ [][]byte) { c.Reply.Int(c.redirection()) }

// redirection is the client that invalidations are redirected to, 0 for none
// and -1 if there is no tracking. Any thread may call it.
func (c *Client) redirection() int64 {
	if t := c.published.Load(); t != nil {
		return t.redirect.Load()
	}
	return -1
}

func clientTrackinginfoCommand(c *Client, _ [][]byte) {
	t := c.tracking
	flags, prefixes := []string{"off"}, []string(nil)
	if t != nil {
		prefixes = t.prefixes
		flags[0] = "on"
		for _, f := range []struct {
			name string
			set  bool
		}{
			{"bcast", t.bcast},
			{"optin", t.optIn},
			{"caching-yes", t.optIn && t.caching},
			{"optout", t.optOut},
			{"caching-no", t.optOut && t.caching},
			{"noloop", t.noLoop.Load()},
			{"broken_redirect", t.broken.Load()},
		} {
			if f.set {
				flags = append(flags, f.name)
			}
		}
	}
	c.Reply.MapLen(3)
	c.Reply.BulkString("flags")
	c.Reply.SetLen(len(flags))
	for _, f := range flags {
		c.Reply.BulkString(f)
	}
	c.Reply.BulkString("redirect")
	c.Reply.Int(c.redirection())
	c.Reply.BulkString("prefixes")
	c.Reply.ArrayLen(len(prefixes))
	for _, p := range prefixes {
		c.Reply.BulkString(p)
	}
}

// trackRead notes the keys that a command has read for the client that sent it,
// or the transaction or script that it is part of. Their shards are locked.
func (c *Client) trackRead(s *Spec, args [][]byte) {
	t := c.W.current.tracking
	if t == nil {
		return
	}
	if s.Flags&ReadOnly != 0 && t.wants() {
		s.eachKey(args, func(at int, _ *KeySpec) {
			if k := c.Key(args, at); c.W.Holds(k) {
				c.W.Track(k, t)
			}
		})
	}
	if !c.tx.active && (s.parent == nil || s.parent.Name != "client") {
		t.caching = false
	}
}

// Invalid implements keyspace.TrackObserver.
func (s *Server) Invalid(kw *keyspace.Worker, k keyspace.Key, have []keyspace.Tracker) {
	w := s.Workers()[kw.ID()]
	var keys []byte // made for the first who is told
	for _, x := range have {
		t := x.(*tracking)
		if !t.Tracks() || t.bcast || t.noLoop.Load() && t.client == w.current {
			continue
		}
		if keys == nil {
			keys = appendKeys(nil, [][]byte{k.Name})
		}
		w.invalidate(t, keys)
	}
	w.rouse()
}

// appendKeys appends names as an array.
func appendKeys(b []byte, names [][]byte) []byte {
	b = append(b, '*')
	b = append(b, itoa(len(names))...)
	b = append(b, '\r', '\n')
	for _, name := range names {
		b = append(b, '$')
		b = append(b, itoa(len(name))...)
		b = append(b, '\r', '\n')
		b = append(b, name...)
		b = append(b, '\r', '\n')
	}
	return b
}

// broadcastKey is a key that was written to and who did.
type broadcastKey struct {
	name []byte
	by   *Client
}

// Modified implements keyspace.TrackObserver. What one request writes to is told
// of together, when it is through.
func (s *Server) Modified(kw *keyspace.Worker, k keyspace.Key) {
	w := s.Workers()[kw.ID()]
	if !slices.ContainsFunc(s.trackers.list(), func(p prefix) bool { return strings.HasPrefix(string(k.Name), p.text) }) {
		return
	}
	for i := range w.modified {
		if bytes.Equal(w.modified[i].name, k.Name) {
			w.modified[i].by = w.current
			return
		}
	}
	w.modified = append(w.modified, broadcastKey{bytes.Clone(k.Name), w.current})
	if len(w.modified) == 1 {
		w.postLetter(w.ID, broadcastLetter{w}, 0)
		w.rouse()
	} else if len(w.modified) >= broadcastMost {
		w.tellModified()
	}
}

// broadcastMost is how many keys are told of together at most.
const broadcastMost = 256

// broadcastLetter is a worker's to itself: the request is through.
type broadcastLetter struct{ w *Worker }

// Open implements push.Letter.
func (l broadcastLetter) Open(int) { l.w.tellModified() }

// tellModified tells of the keys that were written to.
func (w *Worker) tellModified() {
	keys := w.modified
	w.modified = nil
	for _, p := range w.Server.trackers.list() {
		var all []byte
		for _, t := range p.of {
			if t.noLoop.Load() {
				w.invalidateSome(t, p.text, keys, t.client)
				continue
			}
			if all == nil {
				if all = prefixed(p.text, keys, nil); all == nil {
					break
				}
			}
			w.invalidate(t, all)
		}
	}
	w.rouse()
}

// invalidateSome is for a client that is not told of what it wrote itself.
func (w *Worker) invalidateSome(t *tracking, text string, keys []broadcastKey, but *Client) {
	if some := prefixed(text, keys, but); some != nil {
		w.invalidate(t, some)
	}
}

// prefixed returns as an array the keys that begin with text and were not
// written to by a client; nil if there are none.
func prefixed(text string, keys []broadcastKey, but *Client) []byte {
	var names [][]byte
	for _, k := range keys {
		if strings.HasPrefix(string(k.name), text) && (but == nil || k.by != but) {
			names = append(names, k.name)
		}
	}
	if names == nil {
		return nil
	}
	return appendKeys(nil, names)
}

// Flushed implements keyspace.TrackObserver: everybody's copies are out of date.
// Who did it is told before the reply.
func (s *Server) Flushed(kw *keyspace.Worker) {
	if s.attention.Load()&attendTracking == 0 {
		return
	}
	w := s.Workers()[kw.ID()]
	for _, c := range s.Clients.snapshot() {
		t := c.published.Load()
		if t == nil {
			continue
		}
		null := "$-1\r\n"
		if c.seen.proto.Load() >= 3 {
			null = "_\r\n"
		}
		l := w.invalidation(t, []byte(null))
		switch {
		case l == nil:
		case l.to == c && c == w.current:
			l.Open(w.ID)
		default:
			w.postLetter(l.to.W.ID, l, len(l.keys))
		}
	}
	w.rouse()
}

// invalidation is a letter to one client: keys, an array or nothing, are out of
// date.
type invalidation struct {
	to         *Client
	keys       []byte
	redirected bool
	broken     int64 // in place of keys: the client of that ID is gone
}

// invalidate tells who tracks, or whom that is redirected to. rouse follows.
func (w *Worker) invalidate(t *tracking, keys []byte) {
	if l := w.invalidation(t, keys); l != nil {
		w.postLetter(l.to.W.ID, l, len(keys))
	}
}

func (w *Worker) invalidation(t *tracking, keys []byte) *invalidation {
	id := t.redirect.Load()
	if id == 0 {
		return &invalidation{to: t.client, keys: keys}
	}
	if to := w.Server.Clients.get([]int64{id}); len(to) == 1 {
		return &invalidation{to: to[0], keys: keys, redirected: true}
	}
	t.broken.Store(true)
	return &invalidation{to: t.client, broken: id}
}

// Open implements push.Letter. In RESP2 only a subscriber can be told, who has
// another client's invalidations redirected to it.
func (l *invalidation) Open(int) {
	c := l.to
	if c.gone || c.Closing || c.Killed {
		return
	}
	switch {
	case c.Reply.Proto >= 3 && l.broken != 0:
		r := c.news()
		r.PushLen(2)
		r.BulkString("tracking-redir-broken")
		r.Int(l.broken)
	case l.broken != 0:
	case c.Reply.Proto >= 3:
		r := c.news()
		r.PushLen(2)
		r.BulkString("invalidate")
		r.Out.Write(l.keys)
	case l.redirected && c.Listening():
		r := c.news()
		r.PushLen(3)
		r.BulkString("message")
		r.BulkString("__redis__:invalidate")
		r.Out.Write(l.keys)
	}
}
