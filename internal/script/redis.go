package script

import (
	"crypto/sha1" //nolint:gosec // names scripts, protects nothing
	"encoding/hex"
	"math"
	"strings"
	"unsafe"

	lua "github.com/yuin/gopher-lua"

	"github.com/crucible-cache/crucible/internal/protocol/resp"
)

// What scripts are told of the server.
const (
	redisVersion    = "8.0.2"
	redisVersionNum = 8<<16 | 0<<8 | 2
)

// Where commands are propagated to: there is nowhere, but scripts may say so.
const (
	replNone = 0
	replAOF  = 1
	replSome = 2
	replAll  = replAOF | replSome
)

func (s *State) redisLibrary() *lua.LTable {
	lib := s.library(map[string]lua.LGFunction{
		"call": s.redisCall, "pcall": s.redisPcall,
		"error_reply": s.redisErrorReply, "status_reply": s.redisStatusReply,
		"sha1hex": s.redisSha1hex, "log": s.redisLog, "setresp": s.redisSetresp,
		"acl_check_cmd": s.redisACLCheck, "set_repl": s.redisSetRepl,
		"replicate_commands": func(L *lua.LState) int { L.Push(lua.LTrue); return 1 },
		"breakpoint":         s.redisBreakpoint, "debug": s.redisDebug,
	})
	for name, n := range map[string]int{
		"LOG_DEBUG": 0, "LOG_VERBOSE": 1, "LOG_NOTICE": 2, "LOG_WARNING": 3,
		"REPL_NONE": replNone, "REPL_AOF": replAOF, "REPL_SLAVE": replSome, "REPL_REPLICA": replSome, "REPL_ALL": replAll,
		"REDIS_VERSION_NUM": redisVersionNum,
	} {
		lib.RawSetString(name, lua.LNumber(n))
	}
	lib.RawSetString("REDIS_VERSION", lua.LString(redisVersion))
	return lib
}

// errorValue makes the table that stands for an error.
func (s *State) errorValue(L *lua.LState, text string) *lua.LTable {
	t := L.CreateTable(0, 2)
	t.RawSetString("err", lua.LString(withCode(text)))
	return t
}

// withCode gives an error the code ERR if it has none: only what begins with a
// dash, and goes on behind a blank, has one.
func withCode(text string) string {
	rest, ok := strings.CutPrefix(text, "-")
	if !ok {
		return "ERR " + text
	}
	rest = strings.Trim(rest, "\r\n")
	if !strings.Contains(rest, " ") {
		return "ERR " + rest
	}
	return rest
}

// withoutCode is the opposite of withCode.
func withoutCode(text string) string {
	if rest, ok := strings.CutPrefix(text, "ERR "); ok {
		return rest
	}
	return "-" + text
}

// raiseTable ends the script with an error that has a code.
func (s *State) raiseTable(L *lua.LState, text string) int {
	L.Error(s.errorValue(L, text), 0)
	return 0
}

func (s *State) redisCall(L *lua.LState) int  { return s.command(L, true) }
func (s *State) redisPcall(L *lua.LState) int { return s.command(L, false) }

// command carries out a command and pushes its reply.
func (s *State) command(L *lua.LState, raise bool) int {
	args, problem := s.commandArgs(L)
	if problem == "" && s.host == nil {
		problem = "redis.call can only be called inside a script invocation"
	}
	if problem != "" {
		return s.failed(L, s.errorValue(L, problem), raise)
	}
	if s.debugger.stepping() {
		s.debugger.tellCall(args)
	}
	if refusal := s.host.Call(args); refusal != "" {
		if s.debugger.stepping() {
			s.debugger.tellError(withoutCode(refusal))
		}
		e := L.NewTable()
		e.RawSetString("err", lua.LString(refusal))
		e.RawSetString("ignore_error_stats_update", lua.LTrue)
		return s.failed(L, e, raise)
	}
	v := s.decodeReply()
	if e, ok := v.(*lua.LTable); ok && raise && e.RawGetString("ignore_error_stats_update") == lua.LTrue {
		return s.failed(L, e, raise)
	}
	L.Push(v)
	return 1
}

func (s *State) failed(L *lua.LState, e *lua.LTable, raise bool) int {
	if raise {
		L.Error(e, 0)
	}
	L.Push(e)
	return 1
}

// commandArgs reads the arguments of a call. They are good until the next one.
func (s *State) commandArgs(L *lua.LState) (args [][]byte, problem string) {
	n := L.GetTop()
	if n == 0 {
		return nil, "Please specify at least one argument for this redis lib call"
	}
	s.args, s.text = s.args[:0], s.text[:0]
	for i := 1; i <= n; i++ {
		switch v := L.Get(i).(type) {
		case lua.LString:
			arg := []byte{} // nil would be no argument
			if v != "" {
				arg = unsafe.Slice(unsafe.StringData(string(v)), len(v))
			}
			s.args = append(s.args, arg)
		case lua.LNumber:
			// An earlier number stays where it is when the slice grows.
			from := len(s.text)
			s.text = appendArgument(s.text, float64(v))
			s.args = append(s.args, s.text[from:len(s.text):len(s.text)])
		default:
			return nil, "Lua redis lib command arguments must be strings or integers"
		}
	}
	if cap(s.text) > keptArgs {
		s.text = nil
	}
	return s.args, ""
}

// appendArgument writes a number as the argument of a command.
func appendArgument(dst []byte, f float64) []byte {
	switch {
	case f == 0:
		return append(dst, '0')
	case math.IsNaN(f):
		return append(dst, formatG(f, numberDigits)...)
	}
	return resp.AppendDouble(dst, f)
}

// singleField makes a table of one field, a string that is the only argument.
func (s *State) singleField(L *lua.LState, table func(text string) *lua.LTable) int {
	text, ok := L.Get(1).(lua.LString)
	if !ok || L.GetTop() != 1 {
		L.Push(s.errorValue(L, "wrong number or type of arguments"))
		return 1
	}
	L.Push(table(string(text)))
	return 1
}

// redisErrorReply takes a text with or without the dash: its first word is the
// code, if there is another.
func (s *State) redisErrorReply(L *lua.LState) int {
	return s.singleField(L, func(text string) *lua.LTable {
		text = "-" + strings.TrimPrefix(text, "-")
		if s.debugger.stepping() {
			s.debugger.tellError(text)
		}
		return s.errorValue(L, text)
	})
}

func (s *State) redisStatusReply(L *lua.LState) int {
	return s.singleField(L, func(text string) *lua.LTable {
		t := L.NewTable()
		t.RawSetString("ok", lua.LString(text))
		return t
	})
}

// Sum returns the name of a script: 40 hexadecimal digits.
func Sum(source []byte) string {
	sum := sha1.Sum(source) //nolint:gosec // names scripts, protects nothing
	return hex.EncodeToString(sum[:])
}

func (s *State) redisSha1hex(L *lua.LState) int {
	if L.GetTop() != 1 {
		return s.raiseTable(L, "wrong number of arguments")
	}
	text, _ := toText(L.Get(1))
	L.Push(lua.LString(Sum([]byte(text))))
	return 1
}

func (s *State) redisLog(L *lua.LState) int {
	n := L.GetTop()
	if n < 2 {
		return s.raiseTable(L, "redis.log() requires two arguments or more.")
	}
	level, ok := L.Get(1).(lua.LNumber)
	if !ok {
		return s.raiseTable(L, "First argument must be a number (log level).")
	}
	if level < 0 || level >= 4 {
		return s.raiseTable(L, "Invalid log level.")
	}
	var words []string
	for i := 2; i <= n; i++ {
		if text, ok := toText(L.Get(i)); ok {
			words = append(words, text)
		}
	}
	if s.host != nil {
		s.host.Log(int(level), strings.Join(words, " "))
	}
	return 0
}

func (s *State) redisSetresp(L *lua.LState) int {
	if L.GetTop() != 1 {
		return s.raiseTable(L, "redis.setresp() requires one argument.")
	}
	version, _ := toNumber(L.Get(1))
	if v := toInt64(version); v != 2 && v != 3 {
		return s.raiseTable(L, "RESP version must be 2 or 3.")
	}
	s.setProto(int(version))
	return 0
}

func (s *State) redisACLCheck(L *lua.LState) int {
	args, problem := s.commandArgs(L)
	if problem != "" {
		return s.raiseTable(L, problem)
	}
	allowed := true
	if s.host != nil {
		if allowed, problem = s.host.Allowed(args); problem != "" {
			return s.raiseTable(L, problem)
		}
	}
	L.Push(lua.LBool(allowed))
	return 1
}

func (s *State) redisSetRepl(L *lua.LState) int {
	if L.GetTop() != 1 {
		return s.raiseTable(L, "redis.set_repl() requires one argument.")
	}
	flags, _ := toNumber(L.Get(1))
	if toInt64(flags)&^replAll != 0 {
		return s.raiseTable(L, "Invalid replication flags. Use REPL_AOF, REPL_REPLICA, REPL_ALL or REPL_NONE.")
	}
	if s.host != nil {
		s.host.Replicate(toInt64(flags)&replSome != 0)
	}
	return 0
}
