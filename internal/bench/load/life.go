package load

import (
	"fmt"
	"time"

	"github.com/crucible-cache/crucible/internal/bench/workload"
)

// redialAfter spaces the attempts to reach a server that isn't there.
const redialAfter = 50 * time.Millisecond

// Connected implements driver.Handler.
func (t *thread) Connected(slot int) {
	c := &t.conns[slot]
	c.life = t.run.config.Churn
	if greeting := t.run.config.Greeting; len(greeting) > 0 {
		c.greetings = len(greeting)
		for _, g := range greeting {
			t.driver.Send(slot, g)
		}
		return
	}
	t.ready(slot)
}

// greeted takes the reply to one line of the greeting. A refused greeting ends the run: what would follow would be
// answered by nothing but errors.
func (t *thread) greeted(slot int) {
	c := &t.conns[slot]
	c.greetings--
	if r := c.parser.Reply(); r.Failed {
		t.run.failure.CompareAndSwap(nil, &loss{fmt.Errorf("the server refuses the greeting: %s", r.Text)})
	}
	if c.greetings == 0 {
		t.ready(slot)
	}
}

// ready takes a connection into use.
func (t *thread) ready(slot int) {
	t.conns[slot].up = true
	t.public.connected.Add(1)
	if t.pace == nil && t.loading() {
		t.fill(slot, t.run.now())
	}
}

// Ended implements driver.Handler: the requests in flight are lost, and the connection is made again after a moment.
func (t *thread) Ended(slot int, err error) {
	c := &t.conns[slot]
	lost := c.inFlight()
	t.retire(c)
	if t.phase < draining || lost > 0 {
		text := "connection lost: " + err.Error()
		for range max(1, lost) {
			t.counts.errors++
			t.errors.addString(text)
		}
		c.redialAt = t.run.now() + int64(redialAfter)
		t.down++
	}
	t.run.lastLoss.Store(&loss{err})
}

// retire takes a connection out of use, and its requests out of flight.
func (t *thread) retire(c *conn) {
	for l := t.run.ledger; l != nil && c.inFlight() > 0; c.head++ {
		if p := c.first(); t.run.effects[p.command] == workload.Write {
			l.settle(p.key, false)
		}
		t.inFlight--
	}
	t.inFlight -= c.inFlight()
	if c.up {
		t.public.connected.Add(-1)
	}
	c.up, c.head, c.tail, c.greetings = false, 0, 0, 0
	c.parser.Reset()
}

// churn closes an idle connection that has had its share of requests and makes it again.
func (t *thread) churn(slot int) {
	t.driver.Close(slot)
	t.retire(&t.conns[slot])
	t.dial(slot)
}

// redial dials the lost connections whose time has come.
func (t *thread) redial(now int64) {
	for slot := range t.conns {
		c := &t.conns[slot]
		if c.redialAt == 0 || c.redialAt > now {
			continue
		}
		c.redialAt = 0
		t.down--
		t.dial(slot)
	}
}

func (t *thread) dial(slot int) {
	t.counts.reconnects++
	if err := t.driver.Dial(slot); err != nil {
		t.Ended(slot, err)
	}
}
