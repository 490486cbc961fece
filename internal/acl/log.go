package acl

import (
	"slices"
	"sync"
	"sync/atomic"
)

// Context says where a request came from that was refused.
type Context string

// The contexts.
const (
	TopLevel Context = "toplevel"
	InMulti  Context = "multi"
	InScript Context = "lua"
)

// Event is something that was refused.
type Event struct {
	Reason   Reason
	Context  Context
	Object   string // the command, key or channel
	Username string
	Client   string // as CLIENT LIST describes it
	UnixMS   int64
}

// Entry is an event in the log, or several that are alike.
type Entry struct {
	Event     // the last of them
	ID        int64
	Count     int64
	CreatedMS int64 // the first of them, unix
}

// Events that are alike become one entry when no more than groupedMS lie
// between them and the entry is one of the groupedDepth newest.
const (
	groupedMS    = 60 * 1000
	groupedDepth = 10
)

// DefaultLogLimit is how many entries a log keeps by default.
const DefaultLogLimit = 128

// Log keeps what was refused, the newest first. Any thread may call its methods.
type Log struct {
	// Counts of all events since the start, by reason.
	Counts [DeniedChannel + 1]atomic.Uint64

	mu      sync.Mutex
	entries []*Entry
	limit   int
	limited bool // limit was set
	nextID  int64
}

// SetLimit bounds the entries; what is over goes when the next one comes.
func (l *Log) SetLimit(n int) {
	l.mu.Lock()
	l.limit, l.limited = n, true
	l.mu.Unlock()
}

// Add enters an event.
func (l *Log) Add(e Event) {
	l.Counts[e.Reason].Add(1)
	l.mu.Lock()
	defer l.mu.Unlock()
	limit := DefaultLogLimit
	if l.limited {
		limit = l.limit
	}
	if limit == 0 {
		l.entries = nil
		return
	}
	for i, old := range l.entries[:min(len(l.entries), groupedDepth)] {
		if old.like(&e) {
			l.entries = slices.Insert(slices.Delete(l.entries, i, i+1), 0, old)
			old.Event = e
			old.Count++
			return
		}
	}
	l.entries = slices.Insert(l.entries, 0, &Entry{Event: e, ID: l.nextID, Count: 1, CreatedMS: e.UnixMS})
	l.nextID++
	l.entries = l.entries[:min(len(l.entries), limit)]
}

// like reports whether another event belongs to the entry.
func (e *Entry) like(o *Event) bool {
	apart := o.UnixMS - e.UnixMS
	return e.Reason == o.Reason && e.Context == o.Context && max(apart, -apart) <= groupedMS &&
		e.Object == o.Object && e.Username == o.Username
}

// Entries returns at most n entries, the newest first.
func (l *Log) Entries(n int) []Entry {
	l.mu.Lock()
	defer l.mu.Unlock()
	n = min(n, len(l.entries))
	out := make([]Entry, n)
	for i := range n {
		out[i] = *l.entries[i]
	}
	return out
}

// Reset empties the log.
func (l *Log) Reset() {
	l.mu.Lock()
	l.entries = nil
	l.mu.Unlock()
}
