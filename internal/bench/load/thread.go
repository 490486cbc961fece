package load

import (
	"errors"
	"fmt"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/crucible-cache/crucible/internal/bench/driver"
	"github.com/crucible-cache/crucible/internal/bench/procstat"
	"github.com/crucible-cache/crucible/internal/bench/workload"
)

// counters grow for the whole life of a thread. The thread counts in plain memory and publishes once per wake-up.
type counters struct {
	requests, hits, misses, errors, bytesIn, bytesOut, reconnects uint64
}

// published is what other goroutines may read of a thread at any time.
type published struct {
	requests, hits, misses, errors, bytesIn, bytesOut, reconnects atomic.Uint64
	connected                                                     atomic.Int64
	threadID                                                      atomic.Int64
}

// thread is one load thread: everything in it belongs to the OS thread that runs loop, but published.
type thread struct {
	run    *run
	driver driver.Driver
	source workload.Source
	conns  []conn
	cpus   []int

	pace    *pace // nil in a closed loop
	phase   phase
	counts  counters
	latency []*hdrhistogram.Histogram // by command
	errors  ErrorCounts
	out     []byte // where requests are encoded; the driver copies what the socket doesn't take
	request workload.Request

	inFlight  int
	exhausted bool // the source has no more
	down      int  // connections waiting to be dialled again

	public published
}

// loop runs the thread to its end. It returns an error only for what makes the whole run senseless.
func (t *thread) loop() error {
	runtime.LockOSThread() // and never unlocked: a thread that was pinned ends with its goroutine
	if err := procstat.PinThread(t.cpus); err != nil {
		return err
	}
	t.public.threadID.Store(int64(procstat.ThreadID()))
	for slot := range t.conns {
		if err := t.driver.Dial(slot); err != nil {
			return err
		}
	}
	for {
		t.observe(t.run.phase())
		if t.phase == stopped || t.over() {
			return nil
		}
		if err := t.driver.Wait(t.work(), t); err != nil {
			return err
		}
		t.publish()
	}
}

// over reports whether nothing is left to do: no more requests, and no reply outstanding.
func (t *thread) over() bool {
	return t.inFlight == 0 && (t.phase == draining || t.exhausted && t.phase > connecting)
}

// observe follows the run into its next phase.
func (t *thread) observe(now phase) {
	if now == t.phase {
		return
	}
	before := t.phase
	t.phase = now
	if before != connecting || now > measuring {
		return
	}
	if t.pace != nil {
		t.pace.begin(t.run.now())
		return
	}
	for slot := range t.conns {
		if t.conns[slot].up {
			t.refill(slot, t.run.now())
		}
	}
}

// work does what time asks for, sends what is due and dials what was lost, and returns how long there is to wait.
func (t *thread) work() time.Duration {
	wait := idleWait
	if t.down > 0 && t.phase < draining {
		t.redial(t.run.now())
	}
	if t.pace != nil && (t.phase == warming || t.phase == measuring) {
		wait = min(wait, t.release(t.run.now()))
	}
	return wait
}

// Connected implements driver.Handler.
func (t *thread) Connected(slot int) {
	t.conns[slot].up = true
	t.public.connected.Add(1)
	if t.pace == nil && (t.phase == warming || t.phase == measuring) {
		t.refill(slot, t.run.now())
	}
}

// Received implements driver.Handler. The clock is read once: the replies in one piece of data arrived together.
func (t *thread) Received(slot int, data []byte) {
	now := t.run.now()
	c := &t.conns[slot]
	t.counts.bytesIn += uint64(len(data))
	var same tally
	for len(data) > 0 {
		n, done, err := c.parser.Feed(data)
		if err == nil && done && c.inFlight() == 0 {
			err = errUnasked
		}
		if err != nil {
			t.driver.Close(slot)
			t.Ended(slot, err)
			return
		}
		data = data[n:]
		if done {
			p := c.pop()
			t.inFlight--
			t.account(c, &p)
			same.add(t, &p, now)
		}
	}
	same.record(t, now)
	if t.pace == nil && c.inFlight() == 0 && t.phase <= measuring {
		t.refill(slot, now)
	}
}

var errUnasked = errors.New("a reply that nothing was asked for")

// account counts one reply.
func (t *thread) account(c *conn, p *pending) {
	t.counts.requests++
	r := c.parser.Reply()
	if r.Failed {
		t.counts.errors++
		t.errors.add(r.Text)
		return
	}
	if t.run.effects[p.command] == workload.Read {
		t.counts.hits += uint64(r.Values)
		t.counts.misses += uint64(max(0, int(p.keys)-r.Values))
	}
}

// tally joins the replies of one wake-up that have the same latency, so that a pipeline costs one histogram update.
type tally struct {
	due     int64
	count   int64
	command uint8
}

func (y *tally) add(t *thread, p *pending, now int64) {
	if y.count > 0 && (y.due != p.due || y.command != p.command) {
		y.record(t, now)
		y.count = 0
	}
	y.due, y.command = p.due, p.command
	y.count++
}

func (y *tally) record(t *thread, now int64) {
	if y.count == 0 || t.phase != measuring {
		return
	}
	latency := min(max(now-y.due, 0), latencyMax)
	// In range by construction, which is all that RecordValues can refuse.
	_ = t.latency[y.command].RecordValues(latency, y.count)
}

// refill sends a whole pipeline on an empty connection.
func (t *thread) refill(slot int, now int64) {
	c := &t.conns[slot]
	t.out = t.out[:0]
	for range t.run.config.Pipeline {
		if !t.encode(c, now) {
			break
		}
	}
	t.send(slot)
}

// encode appends one more request to out and puts it in flight on c; false when the source is exhausted.
func (t *thread) encode(c *conn, due int64) bool {
	r := &t.request
	if t.exhausted || !t.source.Next(r) {
		t.exhausted = true
		return false
	}
	t.out = t.run.encoder.Append(t.out, r)
	c.push(pending{due: due, key: r.Key, version: r.Version, keys: t.run.keys[r.Command], command: uint8(r.Command)})
	t.inFlight++
	return true
}

func (t *thread) send(slot int) {
	if len(t.out) > 0 {
		t.counts.bytesOut += uint64(len(t.out))
		t.driver.Send(slot, t.out)
	}
}

// Ended implements driver.Handler: the requests in flight are lost, and the connection is made again after a moment.
func (t *thread) Ended(slot int, err error) {
	c := &t.conns[slot]
	lost := c.inFlight()
	t.inFlight -= lost
	if c.up {
		t.public.connected.Add(-1)
	}
	c.up, c.head, c.tail = false, 0, 0
	c.parser.Reset()
	if t.phase < draining || lost > 0 {
		text := fmt.Appendf(nil, "connection lost: %v", err)
		for range max(1, lost) {
			t.counts.errors++
			t.errors.add(text)
		}
		c.redialAt = t.run.now() + int64(redialAfter)
		t.down++
	}
	t.run.lastLoss.Store(&loss{err})
}

// redialAfter spaces the attempts to reach a server that isn't there.
const redialAfter = 50 * time.Millisecond

// redial dials the lost connections whose time has come.
func (t *thread) redial(now int64) {
	for slot := range t.conns {
		c := &t.conns[slot]
		if c.redialAt == 0 || c.redialAt > now {
			continue
		}
		c.redialAt = 0
		t.down--
		t.counts.reconnects++
		if err := t.driver.Dial(slot); err != nil {
			t.Ended(slot, err)
		}
	}
}

func (t *thread) publish() {
	t.public.requests.Store(t.counts.requests)
	t.public.hits.Store(t.counts.hits)
	t.public.misses.Store(t.counts.misses)
	t.public.errors.Store(t.counts.errors)
	t.public.bytesIn.Store(t.counts.bytesIn)
	t.public.bytesOut.Store(t.counts.bytesOut)
	t.public.reconnects.Store(t.counts.reconnects)
}
