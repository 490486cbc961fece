package command

import (
	"context"
	"log/slog"
	"runtime"
	"strings"
	"sync/atomic"
	"time"

	"github.com/crucible-cache/crucible/internal/acl"
	"github.com/crucible-cache/crucible/internal/protocol"
	"github.com/crucible-cache/crucible/internal/script"
	"github.com/crucible-cache/crucible/internal/spinlock"
)

// scripts is what all workers share to run scripts. One script runs at a time,
// on whatever loop, as in Redis; other requests go on meanwhile unless they need
// a shard that the script has locked.
type scripts struct {
	cache     *script.Cache
	functions *script.Functions // used with lock held; Count by any thread

	lock    spinlock.Lock             // held while a script runs
	running atomic.Pointer[scriptRun] // it
	busy    atomic.Pointer[scriptRun] // it, once it takes too long

	allowAll atomic.Bool // scripts may call what is not for them, see DEBUG
}

// scriptRun is one run of a script. Other threads read what is atomic, and what
// is set before it is published.
type scriptRun struct {
	function bool // of FCALL
	name     string
	args     [][]byte // of FCALL
	started  time.Time
	begun    time.Time // when it was first looked at

	wrote  atomic.Bool // it may not be killed any more
	killed atomic.Bool
}

// refusal is what other requests are answered while the script is busy.
func (r *scriptRun) refusal() string {
	if r.function {
		return errBusyFunction
	}
	return errBusyScript
}

// enter waits until no other script runs, and reports false if one takes too long.
func (s *scripts) enter() bool {
	for round := 0; !s.lock.TryLock(); round++ {
		switch {
		case s.busy.Load() != nil:
			return false
		case round < 100:
			runtime.Gosched()
		default:
			time.Sleep(50 * time.Microsecond)
		}
	}
	return true
}

// tryEnter is enter for one who does not wait.
func (s *scripts) tryEnter() bool { return s.lock.TryLock() }

func (s *scripts) leave() { s.lock.Unlock() }

// carryOut carries out a request that runs scripts. It runs aside.
func (c *Client) carryOut(s *Spec, args [][]byte) {
	w := c.W
	if !w.Server.scripts.enter() {
		c.reject(s, w.Server.busyRefusal())
		return
	}
	// Whether there is memory is found out before anything is locked.
	w.scriptHost().oom = w.Prepare(requestBytes(args)+len(c.tx.bytes)) != nil
	switch {
	case s == w.Server.Table.exec, s.Flags&Alone != 0: // which lock what they need themselves
		c.run(s, args)
	case s.Flags&DenyOOM != 0 && w.scriptHost().oom:
		c.reject(s, errOutOfMemory)
	default:
		w.noteKeys(s, args)
		w.LockKeys(w.keys)
		c.run(s, args)
		w.serveWaiters()
		w.Unlock()
	}
	w.Server.scripts.leave()
	if len(w.late) > 0 {
		w.serveLate()
	}
	w.Settle()
}

// busyRefusal is what a request is answered that must not be carried out now.
func (s *Server) busyRefusal() string {
	if run := s.scripts.busy.Load(); run != nil {
		return run.refusal()
	}
	return errBusyScript
}

// host is what a worker's scripts run for: it implements script.Host.
type host struct {
	w      *Worker
	state  *script.State
	client *Client // carries out what scripts call
	pool   protocol.Pool
	sink   *protocol.Output // of a client that is gone
	run    *scriptRun

	readOnly bool
	allowOOM bool
	oom      bool // memory was full when the script began
	caller   *Client

	// In a cluster what is called has its keys in slot, once that is not noSlot, unless
	// anySlot is set.
	slot    int
	anySlot bool
}

// scriptHost returns the worker's host, made when the first script comes.
func (w *Worker) scriptHost() *host {
	if w.host == nil {
		h := &host{w: w, client: &Client{W: w}}
		h.client.Reply.Out = protocol.NewOutput(&h.pool)
		h.sink = protocol.NewOutput(&h.pool)
		h.client.tx.running = true // nothing that a script calls may block
		w.host = h
	}
	return w.host
}

// scripting reports whether the client carries out what scripts call.
func (c *Client) scripting() bool {
	h := c.W.host
	return h != nil && c == h.client
}

// begin prepares a run for a client.
func (h *host) begin(c *Client, run *scriptRun, flags script.Flags, readOnly bool) {
	h.run, h.caller = run, c
	h.client.DB, h.client.noTouch, h.client.Reply.Proto = c.DB, c.noTouch, 2
	h.client.Peer = c.Peer
	if h.client.account != c.account {
		h.client.become(c.account, true)
	}
	h.readOnly = readOnly || flags&script.NoWrites != 0
	h.allowOOM = flags&script.AllowOOM != 0
	h.anySlot = flags&(script.Compat|script.AllowCrossSlot) != 0
	h.slot = c.slot
	h.w.Server.scripts.running.Store(run)
}

// end ends a run, and its being busy.
func (h *host) end() {
	s := &h.w.Server.scripts
	s.running.Store(nil)
	if s.busy.Load() != nil {
		s.busy.Store(nil)
		h.w.Server.hindered.Add(-1)
		h.w.Keyspace().Occupy(false)
		h.w.Keyspace().Thaw()
	}
	h.run, h.caller = nil, nil
	h.w.unit.mute = false
}

// Output implements script.Host.
func (h *host) Output() *protocol.Output { return h.client.Reply.Out }

// SetProto implements script.Host.
func (h *host) SetProto(version int) { h.client.Reply.Proto = version }

// Call implements script.Host.
func (h *host) Call(args [][]byte) (refusal string) {
	w, c := h.w, h.client
	s := w.Server.Table.resolve(args)
	if s == nil {
		w.countError(errScriptUnknown)
		return errScriptUnknown
	}
	if refusal := h.refuse(s, args); refusal != "" {
		w.Stats.PerCommand[s.index].Rejected.Add(1)
		w.countError(refusal)
		return refusal
	}
	if s.Flags&Write != 0 {
		h.run.wrote.Store(true)
	}
	w.noteKeys(s, args)
	switch s.locking {
	case lockOne:
		if !w.Holds(w.key) {
			w.keys = append(w.keys[:0], w.key)
			w.Extend(w.keys)
		}
	case lockKeys:
		w.Extend(w.keys)
	case lockAll, lockSelf:
		w.ExtendAll()
	}
	c.run(s, args)
	return ""
}

// refuse says why a script may not carry out a command, "" if it may.
func (h *host) refuse(s *Spec, args [][]byte) string {
	switch {
	case !s.arityFits(len(args)):
		return errScriptArity
	case s.Flags&NoScript != 0 && !h.w.Server.scripts.allowAll.Load():
		return errScriptCommand
	case s.Flags&(Write|MayReplicate) != 0 && h.readOnly:
		return errScriptReadOnly
	case s.Flags&Write != 0 && h.w.Server.lacksReplicas():
		return errLackReplicas
	case s.Flags&Write != 0 && h.w.Server.barsWrites():
		return errReadOnly
	case s.Flags&Write != 0 && h.w.Server.unsaved():
		return errMisconf
	case s.Flags&DenyOOM != 0 && h.oom && !h.allowOOM && !h.run.wrote.Load():
		return errOutOfMemory
	case h.w.Server.staleRefusal(s) != "":
		return h.w.Server.staleRefusal(s)
	case !h.client.unchecked.Load():
		if text := h.caller.Refusal(s, args, acl.InScript); text != "" {
			return errScriptPermission + text
		}
	}
	if h.w.Server.cluster != nil {
		return h.refuseSlots(s, args)
	}
	return ""
}

// refuseSlots says that what a script calls has keys of several slots, of one that the
// server can't serve, or of another than what it called before, "" if none of that is so.
func (h *host) refuseSlots(s *Spec, args [][]byte) string {
	if problem := h.client.slotProblem(s, args); problem != slotsFine {
		return problem.scriptRefusal(s)
	}
	switch slot := h.client.slot; {
	case slot == noSlot || h.anySlot:
	case h.slot == noSlot:
		h.slot = slot
	case h.slot != slot:
		return errScriptSlots
	}
	return ""
}

// Allowed implements script.Host.
func (h *host) Allowed(args [][]byte) (allowed bool, problem string) {
	s := h.w.Server.Table.resolve(args)
	switch {
	case s == nil:
		return false, errScriptCheckCommand
	case !s.arityFits(len(args)):
		return false, errScriptCheckArity
	}
	return h.client.Permitted(s, args), ""
}

// Replicate implements script.Host.
func (h *host) Replicate(on bool) { h.w.unit.mute = !on }

// Log implements script.Host.
func (h *host) Log(level int, text string) {
	levels := [...]slog.Level{slog.LevelDebug, slog.LevelDebug, slog.LevelInfo, slog.LevelWarn}
	slog.Log(context.Background(), levels[level], text, "source", "script")
}

// occupy has others answered BUSY until the script ends.
func (h *host) occupy() {
	s := h.w.Server
	if s.scripts.busy.Load() != nil {
		return
	}
	h.w.Keyspace().Freeze()
	h.w.Keyspace().Occupy(true)
	s.scripts.busy.Store(h.run)
	s.hindered.Add(1)
}

// Pause implements script.Host: it lets others be served once the script has
// run for too long.
func (h *host) Pause() error {
	a, run, s := &h.w.aside, h.run, h.w.Server
	if run == nil {
		return nil
	}
	if run.killed.Load() {
		return errScriptKilled
	}
	now := time.Now()
	if s.scripts.busy.Load() == nil {
		if run.begun.IsZero() {
			run.begun = now
		}
		if h.w.Rouse == nil || now.Sub(run.begun) < s.Params.BusyReplyThreshold() {
			return nil
		}
		slog.Warn("a script takes long; others are answered BUSY until it ends or is killed", "script", run.name)
		h.occupy()
	} else if now.Sub(a.slice) < asideSlice {
		return nil
	}
	return h.w.suspend()
}

// scriptKill is SCRIPT KILL and FUNCTION KILL.
func (c *Client) scriptKill(function bool) {
	run := c.W.Server.scripts.running.Load()
	switch {
	case run == nil:
		c.Error(errNotBusy)
	case run.wrote.Load():
		c.Error(errUnkillable)
	case run.function != function:
		c.Error(run.refusal())
	default:
		run.killed.Store(true)
		c.Reply.SimpleString("OK")
	}
}

func isWord(word []byte, words ...string) bool {
	for _, w := range words {
		if equalName(word, w) {
			return true
		}
	}
	return false
}

// lowered returns a sum in lower case, as scripts are known by.
func lowered(sum []byte) string { return strings.ToLower(string(sum)) }

// scriptOnlyReads reports whether a script is known to promise that it does not
// write.
func (c *Client) scriptOnlyReads(s *Spec, args [][]byte) bool {
	return c.scriptFlags(s, args)&(script.NoWrites|script.Compat) == script.NoWrites
}

// scriptFlags are those that the script of a request declares, if it is known and does;
// else it is a script that may do anything.
func (c *Client) scriptFlags(s *Spec, args [][]byte) script.Flags {
	if len(args) < 2 {
		return script.Compat
	}
	scripts := &c.W.Server.scripts
	switch s.Name {
	case "eval", "eval_ro":
		return script.FlagsOf(args[1])
	case "evalsha", "evalsha_ro":
		if p := scripts.cache.Find(lowered(args[1])); p != nil {
			return p.Flags
		}
	case "fcall", "fcall_ro":
		if !scripts.lock.TryLock() {
			break // a script runs: it is not worth waiting for
		}
		defer scripts.lock.Unlock()
		if fn := scripts.functions.Find(args[1]); fn != nil {
			return fn.Flags
		}
	}
	return script.Compat
}

// interpreterBytes is about what an interpreter takes with its libraries.
const interpreterBytes = 512 << 10

// scripts writes what the section memory tells of scripts. Interpreters are
// counted, not weighed: they are on the heap with everything else.
func (i *infoWriter) scripts() {
	s := &i.w.Server.scripts
	facts := s.cache.Facts()
	libraries, functions := s.functions.Count()
	eval, vm := i.w.Server.interpreters()
	library := s.functions.Bytes()
	i.bytes("used_memory_lua", eval)
	i.num("used_memory_vm_eval", eval)
	i.num("used_memory_scripts_eval", facts.Bytes)
	i.num("number_of_cached_scripts", int64(facts.Scripts))
	i.num("number_of_functions", int64(functions))
	i.num("number_of_libraries", int64(libraries))
	i.num("used_memory_vm_functions", vm)
	i.bytes("used_memory_vm_total", eval+vm)
	i.num("used_memory_functions", library)
	i.bytes("used_memory_scripts", facts.Bytes+library)
}

// interpreters returns about how many bytes the interpreters for EVAL have, and the one for functions.
func (s *Server) interpreters() (eval, functions int64) {
	if s.scripts.cache.Facts().Scripts > 0 {
		eval = interpreterBytes * int64(len(s.Workers()))
	}
	if libraries, _ := s.scripts.functions.Count(); libraries > 0 {
		functions = interpreterBytes
	}
	return eval, functions
}
