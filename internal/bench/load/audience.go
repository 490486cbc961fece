package load

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/crucible-cache/crucible/internal/bench/driver"
	"github.com/crucible-cache/crucible/internal/bench/procstat"
	"github.com/crucible-cache/crucible/internal/bench/wire"
	"github.com/crucible-cache/crucible/internal/bench/workload"
)

// Subscribers are connections that listen to channels while the load publishes. All are served by one more thread. They
// speak RESP2 whatever the load speaks: messages are the same bytes but for one.
type Subscribers struct {
	// Connections is how many there are, none when it is 0. Each listens to one of Channels channels, named Prefix and a
	// number from 0, in turn; or, with Pattern, to all of them.
	Connections int
	Prefix      string
	Channels    int
	Pattern     bool
}

const (
	// deliveryGrace is how long after the last reply messages are waited for.
	deliveryGrace  = time.Second
	subscribersMax = 1 << 14
	// prefixMax keeps a channel's name shorter than any payload that carries a time.
	prefixMax = 20
)

func (s *Subscribers) validate(p wire.Protocol) error {
	switch {
	case s.Connections == 0:
		return nil
	case p != wire.RESP:
		return errors.New("subscribers need protocol resp")
	case s.Connections < 0 || s.Connections > subscribersMax:
		return fmt.Errorf("subscribers %d: at most %d", s.Connections, subscribersMax)
	case s.Channels < 1:
		return errors.New("subscribers need a channel")
	case len(s.request(0)) > prefixMax+len("*2\r\n$10\r\nPSUBSCRIBE\r\n$20\r\n\r\n"):
		return fmt.Errorf("the channels' prefix has more than %d bytes", prefixMax)
	}
	return nil
}

// request is what the subscriber of a slot sends.
func (s *Subscribers) request(slot int) []byte {
	if s.Pattern {
		return wire.RESPCommand("PSUBSCRIBE", s.Prefix+"*")
	}
	return wire.RESPCommand("SUBSCRIBE", fmt.Sprintf("%s%d", s.Prefix, slot%s.Channels))
}

// Delivery is what subscribers heard.
type Delivery struct {
	// Messages came in the measured window; Lost were counted by PUBLISH as delivered, over the whole run, and didn't come.
	Messages, Lost uint64
	// Latency is from the moment a PUBLISH was due to the message's arrival, in nanoseconds. Empty for messages too short
	// to carry a time.
	Latency *hdrhistogram.Histogram
}

// audience serves the subscribers of a run, on a thread of its own.
type audience struct {
	run    *run
	ended  sync.WaitGroup
	over   atomic.Bool
	seated atomic.Int64
	failed atomic.Pointer[loss]

	expected, heard atomic.Int64 // over the whole run

	// The rest belongs to the thread, until it has ended.
	driver  driver.Driver
	parsers []wire.RESPParser
	count   uint64
	latency *hdrhistogram.Histogram
	wrong   ErrorCounts
}

// seat has the subscribers listen, and returns when all of them do.
func (r *run) seat(ctx context.Context) error {
	if r.config.Subscribers.Connections == 0 {
		return nil
	}
	a := r.audience
	r.began("subscribe: %d connections", r.config.Subscribers.Connections)
	a.ended.Go(func() {
		if err := a.serve(); err != nil {
			a.failed.Store(&loss{err})
		}
	})
	for deadline := time.Now().Add(connectTimeout); a.seated.Load() < int64(r.config.Subscribers.Connections); time.Sleep(time.Millisecond) {
		if f := a.failed.Load(); f != nil {
			return fmt.Errorf("subscribe: %w", f.err)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%d of %d subscribers after %v", a.seated.Load(), r.config.Subscribers.Connections, connectTimeout)
		}
	}
	return nil
}

// newAudience returns nil without subscribers.
func newAudience(r *run) *audience {
	n := r.config.Subscribers.Connections
	if n == 0 {
		return nil
	}
	a := &audience{run: r, parsers: make([]wire.RESPParser, n), latency: newHistogram(), wrong: ErrorCounts{}}
	for i := range a.parsers {
		a.parsers[i].Keep(a.body)
	}
	return a
}

// expect counts the receivers of a message.
func (a *audience) expect(n int64) {
	if a != nil {
		a.expected.Add(n)
	}
}

// dismiss waits for the messages that are still under way.
func (a *audience) dismiss() {
	if a == nil {
		return
	}
	for deadline := time.Now().Add(deliveryGrace); a.heard.Load() < a.expected.Load() && a.failed.Load() == nil && time.Now().Before(deadline); {
		time.Sleep(time.Millisecond)
	}
}

// stop ends the thread.
func (a *audience) stop() {
	if a != nil {
		a.over.Store(true)
		a.ended.Wait()
	}
}

// delivery makes the result; the thread has ended. What went wrong is added to the run's errors.
func (a *audience) delivery(out *Result) *Delivery {
	d := &Delivery{Messages: a.count, Latency: a.latency, Lost: uint64(max(0, a.expected.Load()-a.heard.Load()))}
	out.Errors.merge(a.wrong)
	if f := a.failed.Load(); f != nil {
		out.Errors.addString("subscriber: " + f.err.Error())
	}
	if d.Lost > 0 {
		out.Errors["messages that were not delivered"] += d.Lost
	}
	return d
}

// serve is the life of the thread.
func (a *audience) serve() error {
	runtime.LockOSThread() // never unlocked: the driver dies with the thread
	c := &a.run.config
	if n := len(c.CPUs); n > 0 {
		if err := procstat.PinThread(c.CPUs[c.Threads%n:][:1]); err != nil {
			return err
		}
	}
	var err error
	if a.driver, err = driver.New(c.Engine, c.Target, c.Subscribers.Connections, c.TLS); err != nil {
		return err
	}
	defer func() { _ = a.driver.Shutdown() }()
	for slot := range c.Subscribers.Connections {
		if err := a.driver.Dial(slot); err != nil {
			return err
		}
	}
	for !a.over.Load() && a.failed.Load() == nil {
		if err := a.driver.Wait(idleWait, a); err != nil {
			return err
		}
	}
	return nil
}

// Connected implements driver.Handler.
func (a *audience) Connected(slot int) {
	for _, line := range a.run.config.Credentials {
		a.driver.Send(slot, line)
	}
	a.driver.Send(slot, a.run.config.Subscribers.request(slot))
}

// Ended implements driver.Handler: a subscriber that is gone has lost messages, and doesn't come back.
func (a *audience) Ended(_ int, err error) { a.failed.CompareAndSwap(nil, &loss{err}) }

// Received implements driver.Handler.
func (a *audience) Received(slot int, data []byte) {
	p := &a.parsers[slot]
	for len(data) > 0 {
		n, done, err := p.Feed(data)
		if err != nil {
			a.Ended(slot, err)
			return
		}
		if data = data[n:]; done {
			a.replied(p.Reply())
		}
	}
}

// replied takes one whole array: a message has three bodies (four from a pattern) and no number, the answer to SUBSCRIBE
// has a number.
func (a *audience) replied(r *wire.Reply) {
	message := 3
	if a.run.config.Subscribers.Pattern {
		message = 4
	}
	switch {
	case r.Failed:
		a.failed.CompareAndSwap(nil, &loss{fmt.Errorf("the server answers %q", r.Text)})
	case r.Values == message:
		a.heard.Add(1)
		if a.run.phase() == measuring {
			a.count++
		}
	case r.Number > 0:
		a.seated.Add(1)
	}
}

// body is shown every body of a message; of them only a payload is long enough to be a value of this load.
func (a *audience) body(b []byte) {
	if len(b) < workload.VersionedSize {
		return
	}
	due, err := a.run.config.Workload.Values.Check(b, workload.AnyKey)
	if err != nil {
		a.wrong.addString("message: " + err.Error())
		return
	}
	if a.run.phase() == measuring {
		_ = a.latency.RecordValue(min(max(a.run.now()-int64(due), 0), latencyMax)) // in range by construction
	}
}
