package command

import (
	"strconv"

	"github.com/crucible-cache/crucible/internal/script"
)

func evalCommand(c *Client, args [][]byte)      { c.evalOrDebug(args, false) }
func evalROCommand(c *Client, args [][]byte)    { c.evalOrDebug(args, true) }
func evalshaCommand(c *Client, args [][]byte)   { c.evalsha(args, false) }
func evalshaROCommand(c *Client, args [][]byte) { c.evalsha(args, true) }

// evalOrDebug is EVAL. In a transaction there is no debugger: its client awaits all replies at
// once.
func (c *Client) evalOrDebug(args [][]byte, readOnly bool) {
	switch {
	case c.debugs == debugForked:
		c.debugCopy(args)
	case c.debugs == debugSync && !c.tx.running:
		c.debug(args, readOnly)
	default:
		c.eval(args, readOnly)
	}
}

// sumLength is how long the name of a script is.
const sumLength = 40

// scriptKeys reads how many of the arguments from the third on are keys, and
// replies with an error if that can't be.
func (c *Client) scriptKeys(args [][]byte) (keys, rest [][]byte, ok bool) {
	n, isInt := parseInt(args[2])
	switch {
	case !isInt:
		c.Error(errNotInteger)
	case n > int64(len(args)-3):
		c.Error(errKeysTooMany)
	case n < 0:
		c.Error(errKeysNegative)
	default:
		return args[3 : 3+n], args[3+n:], true
	}
	return nil, nil, false
}

func (c *Client) eval(args [][]byte, readOnly bool) {
	keys, rest, ok := c.scriptKeys(args)
	if !ok {
		return
	}
	sum := script.Sum(args[1])
	cache := c.W.Server.scripts.cache
	p := cache.Find(sum)
	if p == nil {
		var err error
		if p, err = script.Compile(args[1]); err != nil {
			c.Error(err.Error())
			return
		}
		cache.Add(sum, string(args[1]), p, false)
	}
	c.runScript(p, sum, keys, rest, readOnly)
}

func (c *Client) evalsha(args [][]byte, readOnly bool) {
	switch {
	case len(args[1]) != sumLength:
		c.Error(errNoScript)
		return
	case c.debugs != debugOff:
		c.Error("ERR Please use EVAL instead of EVALSHA for debugging")
		return
	}
	keys, rest, ok := c.scriptKeys(args)
	if !ok {
		return
	}
	cache := c.W.Server.scripts.cache
	p := cache.FindBytes(args[1])
	if p == nil {
		p = cache.Find(lowered(args[1]))
	}
	if p == nil {
		c.Error(errNoScript)
		return
	}
	c.runScript(p, p.Sum, keys, rest, readOnly)
}

// runScript runs a script, which has the name sum, and replies with its value.
func (c *Client) runScript(p *script.Program, sum string, keys, rest [][]byte, readOnly bool) {
	h := c.W.scriptHost()
	if h.state == nil {
		h.state = script.NewState(c.W.scriptLimits())
	}
	if problem := h.unfit(p.Flags, readOnly); problem != "" {
		c.Error(problem)
		return
	}
	run := &scriptRun{name: sum}
	h.begin(c, run, p.Flags, readOnly)
	var failure *script.Failure
	if c.debugging != nil {
		failure, c.debugging.rest = h.state.Debug(p, c.debugging.source, keys, rest, h, c.debugging)
	} else {
		failure = h.state.Run(p, keys, rest, h)
	}
	c.replyScript(h.state, failure, sum)
	h.end()
	if h.state.Spoilt() {
		h.state.Close()
		h.state = nil
	}
}

// unfit says why a script with these flags may not be run now, "" if it may.
func (h *host) unfit(flags script.Flags, readOnly bool) string {
	if flags&script.NoCluster != 0 && h.w.Server.cluster != nil {
		return errScriptCluster
	}
	if flags&script.Compat != 0 || flags&script.NoWrites != 0 {
		return ""
	}
	if readOnly {
		return errScriptRO
	}
	if h.w.Server.unsaved() {
		return errMisconf
	}
	switch {
	case h.w.Server.lacksReplicas():
		return errLackReplicas
	case h.w.Server.barsWrites():
		return errReadOnlyScript
	}
	if h.oom && flags&script.AllowOOM == 0 {
		return errOutOfMemory
	}
	return ""
}

// replyScript replies with what a script left or with what ended it.
func (c *Client) replyScript(state *script.State, failure *script.Failure, name string) {
	c.W.errorsSeen = c.W.Stats.ErrorReplies.Load() // a script has failed if its reply is an error
	if failure == nil {
		state.Reply(script.Replies{Writer: &c.Reply, Fail: c.scriptError})
		return
	}
	text := failure.Message
	if failure.Source != "" {
		text += " script: " + name + ", on " + failure.Source + ":" + strconv.Itoa(failure.Line) + "."
	}
	c.scriptError(text, !failure.Counted)
}

// scriptError replies with an error, counted unless what caused it was.
func (c *Client) scriptError(text string, counted bool) {
	if counted {
		c.Error(text)
		return
	}
	c.W.errorsSeen-- // it has failed, though this error was counted before
	c.Reply.Error(text)
}

// scriptLimits bounds scripts by the memory that there is.
func (w *Worker) scriptLimits() script.Limits {
	return script.Limits{Memory: max(w.Keyspace().Maxmemory()/scriptShare, scriptLeast)}
}

// A script may make the heap grow by a scriptShare-th of maxmemory, and always by
// scriptLeast bytes.
const (
	scriptShare = 8
	scriptLeast = 16 << 20
)

func scriptLoadCommand(c *Client, args [][]byte) {
	sum := script.Sum(args[2])
	cache := c.W.Server.scripts.cache
	p := cache.Find(sum)
	if p == nil {
		var err error
		if p, err = script.Compile(args[2]); err != nil {
			c.Error(err.Error())
			return
		}
	}
	cache.Add(sum, string(args[2]), p, true)
	c.Reply.BulkString(sum)
}

func scriptExistsCommand(c *Client, args [][]byte) {
	c.Reply.ArrayLen(len(args) - 2)
	for _, sum := range args[2:] {
		found := int64(0)
		if c.W.Server.scripts.cache.Find(lowered(sum)) != nil {
			found = 1
		}
		c.Reply.Int(found)
	}
}

func scriptFlushCommand(c *Client, args [][]byte) {
	if len(args) > 3 || len(args) == 3 && !isWord(args[2], "sync", "async") {
		c.Error(errScriptFlush)
		return
	}
	c.W.Server.scripts.cache.Flush()
	c.Reply.SimpleString("OK")
}

func scriptKillCommand(c *Client, _ [][]byte) { c.scriptKill(false) }
