package load

import (
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// spinBelow is the wait that isn't worth sleeping for: waking up late would cost more than the CPU time spent here.
const spinBelow = 30 * time.Microsecond

// pace is the schedule of one thread in an open loop: request k is due at start + k*interval, whatever became of the ones
// before. A request that finds no room in any pipeline stays due, and its latency goes on counting.
type pace struct {
	interval float64 // nanoseconds
	offset   float64 // of the first request, so that threads don't fire together
	start    int64
	next     uint64
	nextConn int
	// blocked is set while requests wait for room: their delay is the server's, not the generator's.
	blocked bool
	// slip is how late requests left without being blocked, in the measured window.
	slip *hdrhistogram.Histogram
}

func newPace(rate float64, index, threads int) *pace {
	interval := 1e9 * float64(threads) / rate
	return &pace{interval: interval, offset: interval * float64(index) / float64(threads), slip: newHistogram()}
}

func (p *pace) begin(now int64) { p.start = now }

func (p *pace) due() int64 { return p.start + int64(p.offset+float64(p.next)*p.interval) }

// release sends everything that is due and for which there is room, and returns the time until the next is due.
func (t *thread) release(now int64) time.Duration {
	p := t.pace
	for len(t.owed) > 0 { // what a read-through owes isn't on the schedule: it is due now
		slot, found := t.room()
		if !found {
			break
		}
		t.out = t.out[:0]
		if !t.encode(&t.conns[slot], now) {
			break
		}
		t.send(slot)
	}
	for {
		due := p.due()
		if due > now {
			p.blocked = false
			if wait := time.Duration(due - now); wait > spinBelow {
				return wait - spinBelow/2
			}
			return 0
		}
		slot, found := t.room()
		if !found {
			p.blocked = true
			return idleWait
		}
		if !p.blocked {
			t.recordSlip(now - due)
		}
		t.out = t.out[:0]
		if !t.encode(&t.conns[slot], due) {
			return idleWait
		}
		t.send(slot)
		p.next++
	}
}

func (t *thread) recordSlip(late int64) {
	if t.phase == measuring {
		_ = t.pace.slip.RecordValue(min(late, latencyMax)) // in range by construction
	}
}

// room finds the next connection, in turn, whose pipeline isn't full.
func (t *thread) room() (slot int, found bool) {
	for range t.conns {
		slot = t.pace.nextConn
		if t.pace.nextConn++; t.pace.nextConn == len(t.conns) {
			t.pace.nextConn = 0
		}
		if c := &t.conns[slot]; c.up && c.inFlight() < t.run.config.Pipeline && (c.life > 0 || t.run.config.Churn == 0) {
			return slot, true
		}
	}
	return 0, false
}
