package load

import (
	"errors"
	"runtime"
	"sync/atomic"
	"time"

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
	// spent is the thread's CPU time once it has ended, when its id is nobody's any more.
	spent atomic.Int64
}

// thread is one load thread: everything in it belongs to the OS thread that runs loop, but published.
type thread struct {
	run    *run
	driver driver.Driver
	source workload.Source
	refill *workload.Generator // makes the stores of a read-through
	alike  *workload.Generator // is the source, and its requests differ in their keys alone; else nil
	keys   []uint64            // as many as a pipeline has, for alike
	conns  []conn
	cpus   []int

	pace    *pace // nil in a closed loop
	phase   phase
	counts  counters
	pages   pages // latencies
	errors  ErrorCounts
	out     []byte // where requests are encoded; the driver copies what the socket doesn't take
	request workload.Request

	// owed are the keys a read-through has yet to store. Every one was a read in flight, so the pipelines bound it.
	owed      []uint64
	left      uint64 // of the measured requests, when the run has an end by count
	inFlight  int
	exhausted bool // there is nothing more to send
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
	defer t.finish()
	c := &t.run.config
	var err error
	if t.driver, err = driver.New(c.Engine, c.Target, len(t.conns), c.TLS); err != nil {
		return err
	}
	defer func() { _ = t.driver.Shutdown() }() // what the run measured stands
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
		t.pages.turn()
	}
}

// finish leaves the CPU time behind for whoever samples it after the thread.
func (t *thread) finish() {
	t.publish()
	if spent, err := procstat.ReadThreadCPU(procstat.ThreadID()); err == nil {
		t.public.spent.Store(int64(spent))
	}
}

// over reports whether nothing is left to do: no more requests, and no reply outstanding.
func (t *thread) over() bool {
	return t.inFlight == 0 && (t.phase == draining || t.exhausted && t.phase > connecting)
}

// loading reports whether requests are to be sent.
func (t *thread) loading() bool { return t.phase == warming || t.phase == measuring }

// observe follows the run into its next phase.
func (t *thread) observe(now phase) {
	if now == t.phase {
		return
	}
	before := t.phase
	t.phase = now
	if now == measuring {
		t.left = t.run.countFor(t)
	}
	if before != connecting || !t.loading() {
		return
	}
	if t.pace != nil {
		t.pace.begin(t.run.now())
		return
	}
	for slot := range t.conns {
		if t.conns[slot].up {
			t.fill(slot, t.run.now())
		}
	}
}

// work does what time asks for, sends what is due and dials what was lost, and returns how long there is to wait.
func (t *thread) work() time.Duration {
	wait := idleWait
	if t.down > 0 && t.phase < draining {
		t.redial(t.run.now())
	}
	if t.pace != nil && t.loading() {
		wait = min(wait, t.release(t.run.now()))
	}
	return wait
}

// Received implements driver.Handler. The clock is read once: the replies in one piece of data arrived together.
func (t *thread) Received(slot int, data []byte) {
	now := t.run.now()
	c := &t.conns[slot]
	t.counts.bytesIn += uint64(len(data))
	var same tally
	for len(data) > 0 {
		if n := t.receiveHits(c, data, &same, now); n > 0 {
			data = data[n:]
			continue
		}
		n, done, err := c.parser.Feed(data)
		if err == nil && done && c.inFlight() == 0 && c.greetings == 0 {
			err = errUnasked
		}
		if err != nil {
			t.driver.Close(slot)
			t.Ended(slot, err)
			return
		}
		data = data[n:]
		switch {
		case !done:
		case c.greetings > 0:
			t.greeted(slot)
		default:
			t.account(c)
			p := c.pop()
			t.inFlight--
			same.add(t, &p, now)
		}
	}
	same.record(t, now)
	if c.inFlight() > 0 || !t.loading() || !c.up {
		return
	}
	if c.life == 0 && t.run.config.Churn > 0 {
		t.churn(slot)
	} else if t.pace == nil {
		t.fill(slot, now)
	}
}

// receiveHits takes the values at the start of data and accounts for them, and returns how many bytes they were.
func (t *thread) receiveHits(c *conn, data []byte, same *tally, now int64) int {
	if c.hitter == nil || c.greetings > 0 {
		return 0
	}
	n, count := c.hitter.Hits(data, c.inFlight())
	for range count {
		p := c.first()
		if t.run.effects[p.command] == workload.Read {
			t.counts.hits++
			t.counts.misses += uint64(max(1, p.keys) - 1)
		}
		same.add(t, p, now)
		c.head++
	}
	t.counts.requests += uint64(count)
	t.inFlight -= count
	return n
}

var errUnasked = errors.New("a reply that nothing was asked for")

// account counts the reply to the connection's oldest request.
func (t *thread) account(c *conn) {
	t.counts.requests++
	p, r, effect := c.first(), c.parser.Reply(), t.run.effects[c.first().command]
	if effect == workload.Write && t.run.ledger != nil {
		t.run.ledger.settle(p.key, !r.Failed)
	}
	if r.Failed {
		t.counts.errors++
		t.errors.add(r.Text)
		return
	}
	switch effect {
	case workload.Publish:
		t.run.audience.expect(r.Number)
		return
	case workload.Read:
	default:
		return
	}
	if r.CAS != 0 {
		c.token, c.tokenKey = r.CAS, p.key
	}
	missed := max(0, int(p.keys)-r.Values)
	t.counts.hits += uint64(r.Values)
	t.counts.misses += uint64(missed)
	if missed > 0 && p.keys == 1 && t.refill != nil {
		t.owed = append(t.owed, p.key)
	}
}

// verify judges one value of the reply to the connection's oldest request.
func (t *thread) verify(c *conn, value []byte) {
	if c.inFlight() == 0 || t.run.effects[c.first().command] != workload.Read {
		return
	}
	p := c.first()
	key := p.key
	if p.keys != 1 {
		key = workload.AnyKey // which of the keys it is for is not remembered
	}
	version, err := t.run.config.Workload.Values.Check(value, key)
	if err == nil && p.keys == 1 && len(value) >= workload.VersionedSize {
		err = t.run.ledger.check(version, p.version)
	}
	if err != nil {
		t.counts.errors++
		t.errors.addString(err.Error())
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
	_ = (*t.pages.filling)[y.command].RecordValues(latency, y.count)
}

// fill sends a whole pipeline on an empty connection.
func (t *thread) fill(slot int, now int64) {
	c := &t.conns[slot]
	t.out = t.out[:0]
	if t.alike != nil {
		t.encodeAlike(c, now)
	} else {
		for range t.run.config.Pipeline {
			if !t.encode(c, now) {
				break
			}
		}
	}
	t.send(slot)
}

// encodeAlike is encode for a whole pipeline of requests that differ in their keys alone.
func (t *thread) encodeAlike(c *conn, due int64) {
	keys := t.keys[:t.allow(len(t.keys))]
	t.alike.Keys(keys)
	t.out = t.run.encoder.AppendAlike(t.out, 0, keys)
	for _, key := range keys {
		c.push(pending{due: due, key: key, keys: 1})
	}
	t.inFlight += len(keys)
}

// allow returns how many of n requests may still be made, and counts them.
func (t *thread) allow(n int) int {
	if t.run.config.Requests == 0 || t.phase != measuring {
		return n
	}
	n = int(min(uint64(n), t.left))
	t.left -= uint64(n)
	t.exhausted = t.exhausted || n == 0
	return n
}

// encode appends one more request to out and puts it in flight on c; false when there is none, or c is to be churned.
func (t *thread) encode(c *conn, due int64) bool {
	if c.life == 0 && t.run.config.Churn > 0 || !t.next() {
		return false
	}
	r := &t.request
	if t.run.ledger != nil || t.run.audience != nil {
		t.stamp(r, due)
	}
	if t.run.usesCAS[r.Command] && c.token != 0 {
		r.Key, r.Token = c.tokenKey, c.token
	}
	t.out = t.run.encoder.Append(t.out, r)
	c.push(pending{due: due, key: r.Key, version: r.Version, keys: t.run.keys[r.Command], command: uint8(r.Command)})
	c.life--
	t.inFlight++
	return true
}

// next draws the next request: what a read-through owes comes first.
func (t *thread) next() bool {
	if t.exhausted {
		return false
	}
	if t.allow(1) == 0 {
		return false
	}
	if last := len(t.owed) - 1; last >= 0 {
		t.refill.Fill(&t.request, t.run.store, t.owed[last])
		t.owed = t.owed[:last]
		return true
	}
	if !t.source.Next(&t.request) {
		t.exhausted = true
		return false
	}
	return true
}

// stamp gives a write its version, a read the oldest version it may return, and a message the time it was due.
func (t *thread) stamp(r *workload.Request, due int64) {
	switch effect := t.run.effects[r.Command]; {
	case effect == workload.Publish:
		r.Version = uint64(due)
	case t.run.ledger == nil:
	case effect == workload.Write:
		r.Version = t.run.ledger.issue(r.Key)
	case effect == workload.Read:
		r.Version = t.run.ledger.oldest(r.Key)
	}
}

func (t *thread) send(slot int) {
	if len(t.out) > 0 {
		t.counts.bytesOut += uint64(len(t.out))
		t.driver.Send(slot, t.out)
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
