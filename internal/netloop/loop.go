package netloop

import (
	"fmt"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/crucible-cache/crucible/internal/netloop/driver"
)

// Stats are the counters of one loop. Any thread may read them.
type Stats = driver.Stats

// loop is one thread with its driver, its worker and its connections.
type loop struct {
	index  int
	config Config
	peers  []*loop // all loops of the engine, this one included
	driver driver.Driver
	worker Worker

	mail    mailbox
	posters atomic.Int32 // threads between pushing a letter and waking the loop
	load    atomic.Int32 // connections open and on their way here
	stats   Stats

	now       time.Time // of this wake-up
	nextTick  time.Time
	pace      driver.Pace
	conns     []*conn     // all of them, in no order
	dirty     []*conn     // to be flushed before the loop waits
	flushing  []*conn     // the other buffer of dirty
	lingering []*conn     // see conn.linger
	listeners []*listener // by the number the driver knows them by

	draining bool
	drainEnd time.Time
	ended    chan struct{} // closed when the thread is through
}

// drainStep is how often a draining loop looks for connections to close.
const drainStep = 5 * time.Millisecond

// run is the life of a loop; its thread ends with it. It tells started whether
// the loop could start.
func (l *loop) run(open opener, worker func(Loop) Worker, started chan<- error) {
	runtime.LockOSThread() // never unlocked: the thread's affinity and rings die with it
	defer close(l.ended)
	l.stats.Thread.Set(threadID())
	if err := l.start(open); err != nil {
		started <- err
		return
	}
	l.now = time.Now()
	l.nextTick = l.now.Add(l.config.Tick)
	l.worker = worker(l)
	started <- nil
	for !l.finished() {
		if err := l.driver.Wait(l.timeout()); err != nil {
			panic(fmt.Sprintf("netloop: loop %d cannot wait: %v", l.index, err))
		}
		l.readMail()
		l.tick()
		l.flush()
		l.stats.Rest()
		l.pace.Turn(l.now)
	}
	l.stop()
}

func (l *loop) start(open opener) error {
	if list := l.config.Affinity; len(list) > 0 {
		if err := pinThread(list[l.index%len(list)]); err != nil {
			return fmt.Errorf("loop %d: run on CPU %d: %w: choose CPUs this process may use (taskset -p, cpuset cgroup)", l.index, list[l.index%len(list)], err)
		}
	}
	d, err := open(l, &l.stats)
	if err != nil {
		return fmt.Errorf("loop %d: %w", l.index, err)
	}
	l.driver = d
	return nil
}

// timeout returns how long the loop may wait, and lets others know that it has to be
// woken from then on.
func (l *loop) timeout() time.Duration {
	if len(l.dirty) > 0 {
		return 0
	}
	l.mail.asleep.Store(true)
	if !l.mail.empty() {
		l.mail.asleep.Store(false)
		return 0
	}
	wait := l.nextTick.Sub(l.now)
	if l.draining {
		wait = min(wait, drainStep)
	}
	return l.pace.Bound(wait)
}

// Awake implements driver.Host.
func (l *loop) Awake() {
	l.mail.asleep.Store(false)
	l.stats.Awake()
	l.now = time.Now()
	l.worker.Awake(l.now)
}

func (l *loop) readMail() {
	if l.mail.empty() {
		return
	}
	for m := l.mail.take(); m != nil; m = m.next {
		l.stats.Mail.Add(1)
		switch {
		case m.adopt:
			l.adopt(m.fd, m.listener)
		case m.to != nil:
			m.to.run(m.fn)
		default:
			m.fn()
		}
	}
}

func (l *loop) tick() {
	if l.now.Before(l.nextTick) {
		return
	}
	if l.nextTick = l.nextTick.Add(l.config.Tick); l.nextTick.Before(l.now) {
		l.nextTick = l.now.Add(l.config.Tick) // we are late: skip what was missed
	}
	begin := time.Now()
	l.worker.Tick()
	l.listenAgain()
	l.expireLingering()
	l.stats.TickNS.Add(uint64(time.Since(begin))) //nolint:gosec // not negative
}

// flush sends what the wake-up produced, once for each connection. What a
// send makes possible (a resumed session, a rest to send) is done after the next
// wait, which then does not block, so that no connection holds up the others.
func (l *loop) flush() {
	if l.draining {
		l.drainStep()
	}
	dirty := l.dirty
	l.dirty = l.flushing[:0]
	for _, c := range dirty {
		c.dirty = false
		c.flush()
	}
	clear(dirty)
	l.flushing = dirty[:0]
}

func (l *loop) expireLingering() {
	kept := l.lingering[:0]
	for _, c := range l.lingering {
		switch {
		case c.gone:
		case l.now.After(c.deadline):
			c.kill(c.cause)
		default:
			kept = append(kept, c)
		}
	}
	clear(l.lingering[len(kept):])
	l.lingering = kept
}

// forget drops a connection that was closed.
func (l *loop) forget(c *conn) {
	last := len(l.conns) - 1
	l.conns[c.place] = l.conns[last]
	l.conns[c.place].place = c.place
	l.conns[last] = nil
	l.conns = l.conns[:last]
	l.stats.Closed.Add(1)
	l.stats.Connections.Add(-1)
	l.load.Add(-1)
}

// post pushes m from any thread. A loop that has ended drops it.
func (l *loop) post(m *letter) {
	l.posters.Add(1)
	defer l.posters.Add(-1)
	if l.mail.push(m) && l.mail.rouse() {
		l.driver.Wake()
	}
}

// postFrom is post for the thread of the loop from. It reports whether m will be read.
func (l *loop) postFrom(from *loop, m *letter) bool {
	l.posters.Add(1)
	defer l.posters.Add(-1)
	if !l.mail.push(m) {
		return false
	}
	if l.mail.rouse() {
		from.stats.WakesSent.Add(1)
		from.driver.WakeOther(l.driver)
	}
	return true
}

// Index implements Loop.
func (l *loop) Index() int { return l.index }

// Post implements Loop.
func (l *loop) Post(fn func()) { l.post(&letter{fn: fn}) }

// Tell implements Loop.
func (l *loop) Tell(other Loop, fn func()) {
	to, native := other.(*loop)
	if !native {
		other.Post(fn)
		return
	}
	to.tellFrom(l, &letter{fn: fn})
}

// tellFrom is post for the thread of the loop from, which may be of another
// engine: drivers wake only their own kind.
func (l *loop) tellFrom(from *loop, m *letter) {
	if len(l.peers) > 0 && len(from.peers) > 0 && l.peers[0] == from.peers[0] {
		l.postFrom(from, m)
		return
	}
	l.post(m)
}

// Stats implements Loop.
func (l *loop) Stats() *Stats { return &l.stats }
