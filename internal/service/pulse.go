package service

import (
	"sync"
	"time"
)

// Pulse tells whether a set of loops makes progress. A loop wakes up ten times
// a second even when idle, so a wake-up counter that stands still means that
// the loop is stuck.
type Pulse struct {
	patience time.Duration
	count    func(loop int) uint64
	now      func() time.Time

	mu    sync.Mutex
	beats []beat
}

// beat is the last count of a loop and when it was first seen.
type beat struct {
	count uint64
	seen  time.Time
}

// NewPulse watches loops loops. count returns how often a loop woke up; it is
// called from any goroutine. patience is how long a counter may stand still.
func NewPulse(loops int, patience time.Duration, count func(loop int) uint64) *Pulse {
	p := &Pulse{patience: patience, count: count, now: time.Now}
	p.Watch(loops)
	return p
}

// Watch watches loops loops from now on, those that it has been watching among them.
func (p *Pulse) Watch(loops int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := len(p.beats); i < loops; i++ {
		p.beats = append(p.beats, beat{p.count(i), p.now()})
	}
}

// Alive reports whether every counter has moved within the patience. Any
// goroutine may call it, at any rate: between two calls that are further apart
// than the patience a counter must have moved.
func (p *Pulse) Alive() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	now, alive := p.now(), true
	for i := range p.beats {
		b := &p.beats[i]
		if c := p.count(i); c != b.count {
			*b = beat{c, now}
		}
		alive = alive && now.Sub(b.seen) <= p.patience
	}
	return alive
}
