package command

import (
	"errors"

	"github.com/crucible-cache/crucible/internal/protocol"
)

// debugging is a client's session with the debugger of scripts. From EVAL on what the
// client sends are commands of the debugger, and the script waits for them held up as one that
// takes long: others are answered BUSY. It implements script.Console.
type debugging struct {
	client *Client
	out    *protocol.Output // what is shown goes before the reply of EVAL
	source string           // of the script
	rest   []string         // lines that were left when the script ended
	asking bool             // the script waits for a command
	words  []string         // that came
	since  int64            // unix ms, since when nothing came; 0 until the first tick of that
	idle   bool             // nothing came for too long
}

// debugMode is what SCRIPT DEBUG said.
type debugMode uint8

const (
	debugOff debugMode = iota
	debugSync
	debugForked // in a copy of the server, so that nothing that the script does stays
)

// debugIdle is for how long a debugger waits for its client: others wait, too. In milliseconds.
const debugIdle = 10 * 60 * 1000

// errDebugIdle ends a script whose debugger nobody speaks to.
var errDebugIdle = errors.New("script aborted: the debugger was idle for too long")

// scriptDebugCommand turns the debugger on for what the client evaluates, or off.
func scriptDebugCommand(c *Client, args [][]byte) {
	switch {
	case c.Reply.Out.Len() > 0 || c.tx.running:
		c.Error("ERR SCRIPT DEBUG must be called outside a pipeline")
	case equalName(args[2], "no"):
		c.debugs = debugOff
		c.Reply.SimpleString("OK")
	case equalName(args[2], "sync"):
		c.debugs = debugSync
		c.Reply.SimpleString("OK")
	case equalName(args[2], "yes"):
		c.debugs = debugForked
		c.Reply.SimpleString("OK")
	default:
		c.Error("ERR Use SCRIPT DEBUG YES/SYNC/NO")
	}
}

// debug carries out EVAL in the debugger. The session ends with the connection.
func (c *Client) debug(args [][]byte, readOnly bool) {
	d := &debugging{client: c, out: c.Reply.Out, source: string(args[1])}
	replies := protocol.NewOutput(&c.W.agentPool)
	c.debugging, c.Reply.Out, c.mute = d, replies, replyDebugging
	c.eval(args, readOnly)
	c.debugging, c.mute, c.debugs = nil, replyOn, debugOff
	if !c.gone {
		c.Reply.Out = d.out
	}
	d.Show(append(d.rest, "<endsession>"))
	replies.MoveTo(c.Reply.Out)
	replies.Release()
	c.Closing = true
}

// Show implements script.Console.
func (d *debugging) Show(lines []string) {
	if d.client.gone {
		return
	}
	r := d.client.Reply
	r.Out = d.out
	r.ArrayLen(len(lines))
	for _, line := range lines {
		r.SimpleString(oneLine(line))
	}
}

// Ask implements script.Console.
func (d *debugging) Ask() ([]string, error) {
	c, h := d.client, d.client.W.scriptHost()
	h.occupy()
	d.asking, d.since, d.idle = true, 0, false
	defer func() { d.asking, d.words = false, nil }()
	if c.aside {
		c.Peer.Post(func() {}) // what was shown is sent, and what the client sent meanwhile looked at
	}
	for d.words == nil {
		switch {
		case c.gone || c.Killed:
			return nil, nil
		case h.run.killed.Load():
			return nil, errScriptKilled
		case d.idle:
			return nil, errDebugIdle
		}
		if err := c.W.suspend(); err != nil {
			return nil, err
		}
	}
	return d.words, nil
}

// take gives the debugger a command of its client.
func (d *debugging) take(args [][]byte) {
	d.words = make([]string, len(args))
	for i, a := range args {
		d.words[i] = string(a)
	}
	d.client.W.goOnAside()
}

// tendDebugger looks after a script that waits for a command to its debugger: its client may be
// gone, or have been silent for too long.
func (w *Worker) tendDebugger() {
	if !w.aside.prompting() {
		return
	}
	d := w.aside.client.debugging
	if d.since == 0 {
		d.since = w.NowMS
	}
	d.idle = w.NowMS-d.since > debugIdle
	w.goOnAside()
}

// prompting reports whether the script that the worker holds up waits for a command to
// its debugger.
func (a *aside) prompting() bool {
	return a.client != nil && a.client.debugging != nil && a.client.debugging.asking
}
