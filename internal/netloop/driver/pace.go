package driver

import (
	"runtime"
	"time"
)

// Pace keeps Go's monitor thread away from a busy thread. A goroutine that waits
// in a driver never leaves its thread, so it would stay on one tick of the scheduler
// for ever; the monitor does not see that it gives way in every wait, takes its processor
// away in the midst of one wait after the other, and polls every 20 us for the next
// chance. That cost 15 to 25 % on top of what the thread itself spent. So who is busy
// makes brief waits and goes through the scheduler once in a window, which takes two
// thread switches, well under 1 %.
//
// A Pace belongs to the thread that waits.
type Pace struct {
	windowStart time.Time
	wakeups     int  // in this window
	busy        bool // in the last one
}

// Who wakes up busyWakeups times in busyWindow is busy. The window is shorter than
// the 10 ms after which Go's monitor thread takes a goroutine for a hog.
const (
	busyWindow  = 8 * time.Millisecond
	busyWakeups = 8
)

// Turn is called after each wake-up with its time, when what it brought is done.
func (p *Pace) Turn(now time.Time) {
	if p.wakeups++; now.Sub(p.windowStart) < busyWindow {
		return
	}
	p.windowStart = now
	p.busy = p.wakeups >= busyWakeups
	p.wakeups = 0
	if p.busy {
		runtime.Gosched()
	}
}

// Bound returns how long to wait at most of a wait that might be so long.
func (p *Pace) Bound(wait time.Duration) time.Duration {
	if p.busy {
		return min(wait, BriefWait)
	}
	return wait
}
