package script

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

var debuggerHelp = strings.Split(`Redis Lua debugger help:
[h]elp               Show this help.
[s]tep               Run current line and stop again.
[n]ext               Alias for step.
[c]ontinue           Run till next breakpoint.
[l]ist               List source code around current line.
[l]ist [line]        List source code around [line].
                     line = 0 means: current position.
[l]ist [line] [ctx]  In this form [ctx] specifies how many lines
                     to show before/after [line].
[w]hole              List all source code. Alias for 'list 1 1000000'.
[p]rint              Show all the local variables.
[p]rint <var>        Show the value of the specified variable.
                     Can also show global vars KEYS and ARGV.
[b]reak              Show all breakpoints.
[b]reak <line>       Add a breakpoint to the specified line.
[b]reak -<line>      Remove breakpoint from the specified line.
[b]reak 0            Remove all breakpoints.
[t]race              Show a backtrace.
[e]val <code>        Execute some Lua code (in a different callframe).
[r]edis <cmd>        Execute a Redis command.
[m]axlen [len]       Trim logged Redis replies and Lua var dumps to len.
                     Specifying zero as <len> means unlimited.
[a]bort              Stop the execution of the script. In sync
                     mode dataset changes will be retained.

Debugger functions you can call from Lua scripts:
redis.debug()        Produce logs in the debugger console.
redis.breakpoint()   Stop execution like if there was a breakpoint in the
                     next line of code.`, "\n")

// command carries out a command of the one who debugs; goOn is that the script does.
func (d *debugger) command(L *lua.LState, words []string) (goOn bool, err error) {
	args := words[1:]
	switch name := strings.ToLower(words[0]); {
	case name == "h" || name == "help":
		for _, line := range debuggerHelp {
			d.print(line)
		}
	case name == "s" || name == "step" || name == "n" || name == "next":
		d.step = true
		return true, nil
	case name == "c" || name == "continue":
		return true, nil
	case name == "a" || name == "abort":
		return false, errAborted
	case name == "t" || name == "trace":
		d.trace(L)
	case name == "m" || name == "maxlen":
		d.setMaxlen(args)
	case name == "b" || name == "break":
		d.setBreakpoints(args)
	case name == "e" || name == "eval":
		d.eval(L, strings.Join(args, " "))
	case (name == "r" || name == "redis") && len(args) > 0:
		d.redis(L, args)
	case name == "p" || name == "print":
		if len(args) == 1 {
			d.printVariable(L, args[0])
		} else {
			d.printVariables(L)
		}
	case name == "l" || name == "list":
		d.list(args)
	case name == "w" || name == "whole":
		d.printAround(1, len(d.source))
	default:
		d.print("<error> Unknown Redis Lua debugger command or wrong number of arguments.")
	}
	return false, nil
}

// leadingNumber reads as much of a word as is a number, 0 if nothing is.
func leadingNumber(word string) int {
	end := 0
	for end < len(word) && (word[end] >= '0' && word[end] <= '9' || end == 0 && (word[0] == '-' || word[0] == '+')) {
		end++
	}
	n, _ := strconv.Atoi(word[:end])
	return n
}

func (d *debugger) list(args []string) {
	around, more := d.line, 5
	if len(args) > 0 {
		if n := leadingNumber(args[0]); n > 0 {
			around = n
		}
	}
	if len(args) > 1 {
		more = leadingNumber(args[1])
	}
	more = max(-1, min(more, len(d.source)))
	d.printAround(min(around, 2*len(d.source)+1), more)
}

func (d *debugger) setMaxlen(args []string) {
	if len(args) == 1 {
		d.hinted = true
		d.maxlen = leadingNumber(args[0])
		if d.maxlen != 0 {
			d.maxlen = max(d.maxlen, maxlenLeast)
		}
	}
	if d.maxlen == 0 {
		d.print("<value> replies are unlimited.")
		return
	}
	d.print(fmt.Sprintf("<value> replies are truncated at %d bytes.", d.maxlen))
}

func (d *debugger) setBreakpoints(args []string) {
	if len(args) == 0 {
		if len(d.breakpoints) == 0 {
			d.print("No breakpoints set. Use 'b <line>' to add one.")
			return
		}
		d.print(fmt.Sprintf("%d breakpoints set:", len(d.breakpoints)))
		for _, line := range d.breakpoints {
			d.printLine(line)
		}
		return
	}
	for _, word := range args {
		d.setBreakpoint(word)
	}
}

func (d *debugger) setBreakpoint(word string) {
	line, err := strconv.Atoi(word)
	at := slices.Index(d.breakpoints, max(line, -line))
	switch {
	case err != nil || strconv.Itoa(line) != word:
		d.print("Invalid argument:'" + word + "'")
	case line == 0:
		d.breakpoints = nil
		d.print("All breakpoints removed.")
	case line < 0 && at < 0:
		d.print("No breakpoint in the specified line.")
	case line < 0:
		d.breakpoints = slices.Delete(d.breakpoints, at, at+1)
		d.print("Breakpoint removed.")
	case len(d.breakpoints) == breakpointsMost:
		d.print("Too many breakpoints set.")
	case at >= 0 || line > len(d.source):
		d.print("Wrong line number.")
	default:
		d.breakpoints = append(d.breakpoints, line)
		d.printAround(line, 1)
	}
}

// trace prints the calls of the script that are under way.
func (d *debugger) trace(L *lua.LState) {
	for level := 0; ; level++ {
		dbg, ok := L.GetStack(level)
		if !ok {
			return
		}
		if _, err := L.GetInfo("Sln", dbg, lua.LNil); err != nil || dbg.Source != userScript {
			continue
		}
		from, name := "From", dbg.Name
		if level == 0 {
			from = "In"
		}
		if name == "" || dbg.What == "main" {
			name = "top level"
		}
		d.print(from + " " + name + ":")
		d.printLine(dbg.CurrentLine)
	}
}

func (d *debugger) printVariables(L *lua.LState) {
	shown := false
	d.eachLocal(L, 0, func(name string, value lua.LValue) bool {
		d.printShort("<value> " + name + " = " + d.describe(value))
		shown = true
		return true
	})
	if !shown {
		d.print("No local variables in the current context.")
	}
}

func (d *debugger) printVariable(L *lua.LState, wanted string) {
	found := false
	for level := 0; !found; level++ {
		if !d.eachLocal(L, level, func(name string, value lua.LValue) bool {
			if found = name == wanted; found {
				d.printShort("<value> " + d.describe(value))
			}
			return !found
		}) {
			break
		}
	}
	switch {
	case found:
	case wanted == "KEYS" || wanted == "ARGV":
		d.printShort("<value> " + d.describe(d.state.env.RawGetString(wanted)))
	default:
		d.print("No such variable.")
	}
}

// evalChunk is what messages call code of the one who debugs.
const evalChunk = "ldb_eval"

// eval runs an expression, or statements, apart from the script.
func (d *debugger) eval(L *lua.LState, code string) {
	proto, err := compile("return "+code, evalChunk)
	if err != nil {
		proto, err = compile(code, evalChunk)
	}
	if err != nil {
		d.print("<error> " + err.Error())
		return
	}
	value, problem := d.run(L, proto, nil)
	if problem != "" {
		d.print("<error> " + problem)
		return
	}
	d.printShort("<retval> " + d.describe(value))
}

// redisCode calls a command, which is told of as those of the script are.
const redisCode = "return redis.call(...)"

func (d *debugger) redis(L *lua.LState, args []string) {
	proto, err := compile(redisCode, evalChunk)
	if err != nil {
		d.print("<error> " + err.Error())
		return
	}
	d.step = true
	_, _ = d.run(L, proto, args)
	d.step = false
}

// run runs code on a stack of its own, in the midst of an instruction of the script. Its
// instructions are counted as the script's are.
func (d *debugger) run(L *lua.LState, proto *lua.FunctionProto, args []string) (value lua.LValue, problem string) {
	s := d.state
	thread, cancel := L.NewThread()
	if cancel != nil {
		defer cancel()
	}
	defer thread.Close()
	thread.SetContext(&s.meter)
	fn := thread.NewFunctionFromProto(proto)
	fn.Env = s.env
	thread.Push(fn)
	for _, a := range args {
		thread.Push(lua.LString(a))
	}
	if err := thread.PCall(len(args), 1, s.wording); err != nil {
		problem = err.Error()
		if fault, ok := err.(*lua.ApiError); ok { //nolint:errorlint // never wrapped
			problem = s.display(fault.Object)
			if text, ok := toText(fault.Object); ok {
				problem = text
			} else if t, ok := fault.Object.(*lua.LTable); ok {
				problem, _ = toText(t.RawGetString("err"))
			}
		}
		return nil, problem
	}
	return thread.Get(-1), ""
}
