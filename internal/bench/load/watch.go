package load

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/crucible-cache/crucible/internal/bench/procstat"
)

const (
	// watchInterval is how often the coordinating goroutine looks at a run.
	watchInterval = 100 * time.Millisecond
	// progressInterval is how often Config.Progress is called outside the measured window.
	progressInterval = time.Second
	// absenceTimeout is how long a server may refuse every connection in the middle of a run.
	absenceTimeout = 2 * time.Second
)

// ErrStalled is returned when the server has stopped answering, ErrGone when no connection to it is left.
var (
	ErrStalled = errors.New("the server has stopped answering")
	ErrGone    = errors.New("the server is gone")
)

// connect waits until every connection stands.
func (r *run) connect(ctx context.Context) error {
	deadline := time.Now().Add(connectTimeout)
	for r.connected() < int64(r.config.Connections) {
		if err := r.broken(ctx); err != nil {
			return err
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%d of %d connections to %s after %v%s", r.connected(), r.config.Connections, r.config.Target, connectTimeout, r.lastWords())
		}
		time.Sleep(time.Millisecond)
	}
	return nil
}

func (r *run) connected() (n int64) {
	for _, t := range r.threads {
		n += t.public.connected.Load()
	}
	return n
}

func (r *run) requests() (n uint64) {
	for _, t := range r.threads {
		n += t.public.requests.Load()
	}
	return n
}

// lastWords is why the last lost connection was lost, as an addition to an error.
func (r *run) lastWords() string {
	if l := r.lastLoss.Load(); l != nil {
		return ": " + l.err.Error()
	}
	return ""
}

// broken reports what ends a run early, whatever its phase.
func (r *run) broken(ctx context.Context) error {
	if f := r.failure.Load(); f != nil {
		return f.err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if pid := r.config.ServerPID; pid != 0 {
		if _, err := procstat.ReadCPU(pid); err != nil && !errors.Is(err, procstat.ErrUnsupported) {
			return fmt.Errorf("%w: process %d has ended", ErrGone, pid)
		}
	}
	return nil
}

// watch lets the run go on for a time, or with a time of 0 until its threads have nothing left to do, and returns early
// with what breaks it.
func (r *run) watch(ctx context.Context, name string, length time.Duration) error {
	w := watcher{run: r, name: name, length: length, start: time.Now(), first: r.requests()}
	w.lastReply, w.lastConnected, w.lastReport = w.start, w.start, w.start
	w.seen, w.reported = w.first, w.first
	for {
		wait := watchInterval
		if length > 0 {
			left := length - time.Since(w.start)
			if left <= 0 {
				return nil
			}
			wait = min(wait, left)
		}
		select {
		case <-r.idle:
			return r.broken(ctx)
		case <-time.After(wait):
		}
		if err := w.check(ctx); err != nil {
			return err
		}
	}
}

// watcher is the state of one watch.
type watcher struct {
	run    *run
	name   string
	length time.Duration
	start  time.Time

	first, seen, reported                uint64 // requests
	lastReply, lastConnected, lastReport time.Time
}

func (w *watcher) check(ctx context.Context) error {
	if err := w.run.broken(ctx); err != nil {
		return err
	}
	now, requests := time.Now(), w.run.requests()
	if requests != w.seen {
		w.run.noteSilence(now.Sub(w.lastReply))
		w.seen, w.lastReply = requests, now
	}
	if w.run.connected() > 0 {
		w.lastConnected = now
	}
	if absent := now.Sub(w.lastConnected); absent > absenceTimeout {
		return fmt.Errorf("%w: no connection for %v%s", ErrGone, absent.Round(time.Millisecond), w.run.lastWords())
	}
	if silent := now.Sub(w.lastReply); silent > w.run.patience() {
		return fmt.Errorf("%w: no reply for %v during %s", ErrStalled, silent.Round(time.Millisecond), w.name)
	}
	w.report(now)
	return nil
}

// noteSilence counts a silence that is over, if it was a stall of the measured window. It is known to watchInterval.
func (r *run) noteSilence(length time.Duration) {
	if limit := r.config.StallLimit; r.timeline == nil || limit == 0 || length < limit+r.gap() {
		return
	}
	r.stalls++
	r.longestStall = max(r.longestStall, length)
}

// gap is the silence that a low rate brings with it.
func (r *run) gap() time.Duration {
	if r.config.Rate > 0 {
		return time.Duration(2 * float64(time.Second) / r.config.Rate)
	}
	return 0
}

// patience is the silence that counts as a stall; at a low rate silence is what was asked for.
func (r *run) patience() time.Duration {
	return stallTimeout + r.gap()
}

// report tells Config.Progress about once a second. In the measured window an interval of the timeline is the occasion.
func (w *watcher) report(now time.Time) {
	var interval *Interval
	if w.run.timeline != nil {
		if interval = w.run.timeline.tick(now); interval == nil {
			return
		}
	}
	since := now.Sub(w.lastReport)
	if w.run.config.Progress == nil || interval == nil && since < progressInterval {
		return
	}
	p := Progress{
		Phase: w.name, Elapsed: now.Sub(w.start), Done: w.seen - w.first,
		Rate: float64(w.seen-w.reported) / since.Seconds(),
	}
	if interval != nil {
		p.Rate, p.P99 = interval.Rate(), interval.P99
	}
	if w.length > 0 {
		p.Left = max(0, w.length-p.Elapsed)
	}
	w.run.config.Progress(p)
	w.reported, w.lastReport = w.seen, now
}

// drain waits for the outstanding replies.
func (r *run) drain() error {
	select {
	case <-r.idle:
	case <-time.After(drainTimeout):
		return fmt.Errorf("%w: requests left unanswered %v after the run", ErrStalled, drainTimeout)
	}
	if f := r.failure.Load(); f != nil {
		return f.err
	}
	return nil
}
