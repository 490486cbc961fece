package command

import (
	"time"

	"github.com/crucible-cache/crucible/internal/protocol"
	"github.com/crucible-cache/crucible/internal/protocol/resp"
	"github.com/crucible-cache/crucible/internal/push"
)

// inbox is how a worker's clients hear from other clients, and what it has put
// into the inboxes of others.
type inbox struct {
	push.Inbox
	rousing []*Worker        // who must be told to read
	crowded *Worker          // whose inbox holds a lot
	stirred []*Client        // whose outputs letters were appended to
	spare   []*Client        // the other buffer of stirred
	beside  *protocol.Output // see besideReply
}

// postLetter puts a letter into the inbox of a loop. What is locked may stay so;
// rouse follows.
func (w *Worker) postLetter(loop int, l push.Letter, n int) {
	to := w.Server.Workers()[loop]
	if to.inbox.Put(l, n) {
		w.inbox.rousing = append(w.inbox.rousing, to)
	}
	if to == w {
		w.pending = true
	} else if to.inbox.Crowded() {
		w.inbox.crowded, w.pending = to, true
	}
}

// rouse has the loops read that were written to. Also the worker's own is called:
// not every request ends with finish.
func (w *Worker) rouse() {
	for i, to := range w.inbox.rousing {
		w.inbox.rousing[i] = nil
		if w.Rouse != nil {
			w.Rouse(to)
		}
	}
	w.inbox.rousing = w.inbox.rousing[:0]
}

// ReadInbox has the worker's clients hear what came for them. The loop calls it,
// with nothing locked, when it was roused.
func (w *Worker) ReadInbox() {
	w.open(w.inbox.Answer())
	w.goOnPostponed()
	if w.aside.client != nil {
		w.goOnAside()
	}
}

// hearFirst has the worker's clients hear what came before one of them stops
// listening.
func (w *Worker) hearFirst() { w.open(w.inbox.Take()) }

// finish does what is left when a request is through and replied to: the
// client's own messages come behind the reply, also those that a letter has
// the worker write to itself.
func (c *Client) finish() {
	w := c.W
	if out := w.inbox.beside; out != nil {
		out.MoveTo(c.Reply.Out)
	}
	for w.pending {
		w.pending = false
		w.open(w.inbox.Take())
	}
	if to := w.inbox.crowded; to != nil {
		w.inbox.crowded = nil
		w.giveTime(to)
	}
}

// A loop whose letters pile up is given crowdRounds times crowdPause to read
// some, before the client that wrote them is served further.
const (
	crowdRounds = 100
	crowdPause  = 100 * time.Microsecond
)

// giveTime waits for another loop to read. Nothing is locked: it may wait for us.
func (w *Worker) giveTime(to *Worker) {
	for range crowdRounds {
		if !to.inbox.Crowded() {
			return
		}
		time.Sleep(crowdPause)
		w.open(w.inbox.Take())
	}
}

// open opens letters and has the loop send what they left in the outputs.
func (w *Worker) open(letters []push.Letter) {
	for _, l := range letters {
		l.Open(w.ID)
	}
	w.inbox.Return(letters)
	stirred := w.inbox.stirred
	w.inbox.stirred, w.inbox.spare = w.inbox.spare[:0], nil
	for _, c := range stirred {
		c.stirred = false
		c.Peer.Flush()
	}
	clear(stirred)
	w.inbox.spare = stirred[:0]
}

// stir notes that something was appended to the client's output which is no reply.
func (c *Client) stir() {
	if !c.stirred {
		c.stirred = true
		c.W.inbox.stirred = append(c.W.inbox.stirred, c)
	}
}

// besideReply is what writes what the client is to get behind the reply that is
// being made, or though it is mute.
func (c *Client) besideReply() resp.Writer {
	w := c.W
	if w.inbox.beside == nil {
		w.inbox.beside = protocol.NewOutput(&w.agentPool)
	}
	w.pending = true
	return resp.Writer{Out: w.inbox.beside, Proto: c.Reply.Proto}
}

// news is what writes something to the client that is no reply. In a transaction
// a reply is under way.
func (c *Client) news() resp.Writer {
	c.stir()
	if c.tx.running {
		return c.besideReply()
	}
	return c.Reply
}
