package command

import (
	"errors"
	"iter"
	"slices"
	"time"
)

// aside is where a worker carries out a request that runs scripts: on a
// goroutine of its own, which shares the loop's thread and runs only while the loop waits
// for it to return (iter.Pull switches without the scheduler, in some 100 ns). A
// script that takes long can so be held up between two instructions while the
// loop serves others, and be gone on with later, a slice at a time.
//
// While it is held up it has nothing locked, and its worker is as free as between
// two requests. That nobody sees what it has done so far is the business of
// scripts.busy: no other request that touches keys is carried out.
type aside struct {
	next  func() (suspended, ok bool)
	stop  func()
	yield func(bool) bool

	client *Client // whose request it is, nil if there is none
	spec   *Spec
	args   [][]byte

	muted bool      // its reply is dropped
	nowMS int64     // the time that it goes by
	slice time.Time // when this slice began
}

// asideSlice is for how long a script that takes long runs before others are
// looked at.
const asideSlice = time.Millisecond

// errStopped ends a script because its loop ends.
var errStopped = errors.New("Script killed by user with SHUTDOWN NOSAVE.") //nolint:staticcheck,revive // in the manner of Redis' texts

// runAside carries out a request that runs scripts. It may return before that is
// done: the client is blocked then.
func (c *Client) runAside(s *Spec, args [][]byte) {
	w := c.W
	a := &w.aside
	if a.next == nil {
		a.next, a.stop = iter.Pull(func(yield func(bool) bool) {
			a.yield = yield
			for {
				a.client.carryOut(a.spec, a.args)
				if !yield(false) {
					return
				}
			}
		})
	}
	a.client, a.spec, a.args = c, s, args
	w.goOnAside()
}

// goOnAside runs the request until it is done or held up.
func (w *Worker) goOnAside() {
	a, c := &w.aside, w.aside.client
	clock, mark := w.NowMS, c.Reply.Out.Len()
	if c.aside {
		w.NowMS = a.nowMS
	}
	suspended, _ := a.next()
	w.NowMS = clock
	if c.aside && a.muted {
		c.Reply.Out.Truncate(mark)
	}
	if suspended {
		if !a.prompting() {
			w.Rouse(w)
		}
		return
	}
	a.client, a.spec, a.args = nil, nil, nil
	switch {
	case !c.aside:
	case c.gone:
		c.aside = false
		c.Close()
	default:
		c.aside = false
		c.Peer.Post(func() {}) // what the client sent meanwhile is looked at
	}
}

// suspend lets the loop serve others and returns when it is the script's turn
// again, or with an error if there will be none.
func (w *Worker) suspend() error {
	a, c := &w.aside, w.aside.client
	if !c.aside {
		c.aside, a.muted, a.nowMS = true, c.mute != replyOn && c.mute != replyDebugging, w.NowMS
		a.args = cloneArgs(a.args)
	}
	held, current, outer := w.Worker.Suspend(), w.current, w.unit
	w.current, w.unit = nil, unit{}
	goOn := a.yield(true)
	w.current, w.unit = current, outer
	w.Worker.Continue(held)
	a.slice = time.Now()
	if !goOn {
		return errStopped
	}
	return nil
}

// Stopped ends the script that the worker holds up, if there is one, and what else goes on
// beside the loop, which calls it when it ends.
func (w *Worker) Stopped() {
	w.alarm.silence()
	if w.aside.stop != nil {
		w.aside.stop()
	}
}

// cloneArgs copies a request.
func cloneArgs(args [][]byte) [][]byte {
	own := make([][]byte, len(args))
	for i, a := range args {
		own[i] = slices.Clone(a)
	}
	return own
}
