package load

import (
	"sync/atomic"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// intervalLength is the resolution of a Timeline.
const intervalLength = time.Second

// turnTicks is how many looks at the run a thread has to turn its page. One that the scheduler keeps from it for longer
// hands over in the next interval.
const turnTicks = 8

// Interval is one piece of the measured window.
type Interval struct {
	// Start counts from the beginning of the window; Length is about a second, less for the last one.
	Start, Length    time.Duration
	Requests, Errors uint64
	// P50, P99 and Max are latencies of the replies that came in it.
	P50, P99, Max time.Duration
}

// Rate is requests per second.
func (i *Interval) Rate() float64 {
	if i.Length <= 0 {
		return 0
	}
	return float64(i.Requests) / i.Length.Seconds()
}

// page is one thread's histograms, by command, of one interval. A thread fills one page while the coordinating goroutine
// reads the other: the two change hands through atomics, so that a request costs the thread one histogram update and no
// lock however closely it is watched.
type page []*hdrhistogram.Histogram

func newPage(commands int) *page {
	p := make(page, commands)
	for i := range p {
		p[i] = newHistogram()
	}
	return &p
}

// pages is the exchange between a thread and the coordinating goroutine.
type pages struct {
	filling *page                // the thread's
	empty   atomic.Pointer[page] // given to the thread, which then turns over
	full    atomic.Pointer[page] // given back
}

// turn is called by the thread once per wake-up.
func (p *pages) turn() {
	if p.empty.Load() == nil {
		return
	}
	// It may have been taken back in between: only who gets it by Swap has it.
	if empty := p.empty.Swap(nil); empty != nil {
		p.full.Store(p.filling)
		p.filling = empty
	}
}

// timeline collects the pages. It belongs to the coordinating goroutine.
type timeline struct {
	run       *run
	start     time.Time
	intervals []Interval
	totals    page    // over the whole window, by command
	spare     []*page // by thread; nil while the thread has both
	open      Interval
	waited    int // ticks since the threads were asked to turn the page at the end of the open interval, 0 when they weren't
	last      counters
}

func newTimeline(r *run, at sample) *timeline {
	l := &timeline{run: r, start: at.at, last: at.counters, totals: *newPage(len(r.config.Workload.Commands))}
	for range r.threads {
		l.spare = append(l.spare, newPage(len(r.config.Workload.Commands)))
	}
	return l
}

// tick is called at every look at the run. An interval ends when its time is over, and is written down at a later tick,
// when the threads have turned their pages.
func (l *timeline) tick(now time.Time) (finished *Interval) {
	if l.waited > 0 {
		if l.waited++; l.waited <= turnTicks && !l.turned() {
			return nil
		}
		l.waited = 0
		return l.finish(false)
	}
	if now.Sub(l.start)-l.open.Start < intervalLength {
		return nil
	}
	l.count(now)
	for i, t := range l.run.threads {
		t.pages.empty.Store(l.spare[i])
		l.spare[i] = nil
	}
	l.waited = 1
	return nil
}

// turned reports whether every thread has given a page back.
func (l *timeline) turned() bool {
	for _, t := range l.run.threads {
		if t.pages.full.Load() == nil {
			return false
		}
	}
	return true
}

// count closes the open interval's counters.
func (l *timeline) count(now time.Time) {
	c := l.run.counters()
	l.open.Length = now.Sub(l.start) - l.open.Start
	l.open.Requests, l.open.Errors = c.requests-l.last.requests, c.errors-l.last.errors
	l.last = c
}

// finish reads the pages that were turned over, or when the threads have ended all of them.
func (l *timeline) finish(ended bool) *Interval {
	all := newHistogram()
	take := func(p *page) {
		for i, h := range *p {
			all.Merge(h)
			l.totals[i].Merge(h)
			h.Reset()
		}
	}
	for i, t := range l.run.threads {
		if full := t.pages.full.Swap(nil); full != nil {
			take(full)
			l.spare[i] = full
		} else if l.spare[i] == nil {
			// The thread slept through the tick: it will hand over later, into the next interval.
			if taken := t.pages.empty.Swap(nil); taken != nil {
				l.spare[i] = taken
			}
		}
		if ended {
			take(t.pages.filling)
		}
	}
	o := &l.open
	o.P50, o.P99, o.Max = time.Duration(all.ValueAtQuantile(50)), time.Duration(all.ValueAtQuantile(99)), time.Duration(all.Max())
	l.intervals = append(l.intervals, *o)
	l.open = Interval{Start: o.Start + o.Length}
	return &l.intervals[len(l.intervals)-1]
}

// close writes down what is left when the threads have ended; end is that of the window.
func (l *timeline) close(end sample) {
	if l.waited > 0 {
		l.finish(false)
	}
	l.open.Length = end.at.Sub(l.start) - l.open.Start
	l.open.Requests, l.open.Errors = end.counters.requests-l.last.requests, end.counters.errors-l.last.errors
	l.finish(true)
}
