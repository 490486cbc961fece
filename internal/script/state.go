package script

import (
	"context"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"github.com/crucible-cache/crucible/internal/script/lua51"
)

// State is an interpreter with the libraries. One script at a time runs in it.
type State struct {
	L      *lua.LState
	limits Limits
	host   Host
	meter  meter
	spoilt bool // a fault left the interpreter in a state that nobody knows

	shades  map[*lua.LTable]*lua.LTable // the real table of each read-only one
	env     *lua.LTable                 // globals of scripts
	globals *functionGlobals            // nil but for functions
	handler *lua.LFunction              // notes where an error happened
	wording *lua.LFunction              // only puts it into Lua's words
	where   position
	nested  int // coroutines that wait for another
	outer   int // calls under way in the coroutines that wait for the running one
	proto   int // of the replies that the script sees
	random  generator

	debugger *debugger // nil unless the script is debugged

	loaded map[*Program]*lua.LFunction
	args   [][]byte // of the command being called
	text   []byte   // numbers among them
	reply  []byte   // see decode
}

// position is a line of a source.
type position struct {
	source string
	line   int
}

const (
	callsMax     = 20000    // calls in one another, as in Lua
	callsSlack   = 5000     // how many more there may be before that is noticed
	stackMost    = 1 << 20  // values on the stack
	stackGrowth  = 8 << 10  // by how many it grows
	stackInitial = 2 << 10  // it begins with
	loadedMost   = 1000     // functions kept of programs
	keptArgs     = 64 << 10 // bytes of a scratch buffer that are kept
)

func init() {
	// A table is an array up to the highest index that was set, holes included,
	// so one index could cost a gigabyte; beyond this one they are hashed.
	lua.MaxArrayIndex = 1 << 22
}

// NewState makes an interpreter for the scripts of EVAL.
func NewState(limits Limits) *State {
	s := newState(limits)
	s.env = s.environment()
	return s
}

func newState(limits Limits) *State {
	s := &State{limits: limits, proto: 2, random: generatorStart, shades: map[*lua.LTable]*lua.LTable{}, loaded: map[*Program]*lua.LFunction{}}
	s.L = lua.NewState(lua.Options{
		CallStackSize: callsMax + callsSlack, MinimizeStackMemory: true,
		RegistrySize: stackInitial, RegistryMaxSize: stackMost, RegistryGrowStep: stackGrowth,
		SkipOpenLibs: true,
	})
	s.meter.state = s
	sentries.Do(stationSentry)
	s.handler = s.L.NewFunction(s.noteFault)
	s.wording = s.L.NewFunction(s.putFault)
	return s
}

// environment makes the globals of scripts.
func (s *State) environment() *lua.LTable {
	env := s.L.NewTable()
	s.openBase(env)
	for name, open := range libraries {
		s.install(env, name, open(s))
	}
	s.makeGlobals(env)
	return env
}

// libraries make the tables of functions that scripts find, by name.
var libraries map[string]func(*State) *lua.LTable

// libraryFields are the names under which Program finds the fields of libraries.
var libraryFields map[string]bool

func init() {
	libraries = map[string]func(*State) *lua.LTable{
		"redis":     (*State).redisLibrary,
		"string":    (*State).stringLibrary,
		"table":     (*State).tableLibrary,
		"math":      (*State).mathLibrary,
		"os":        (*State).osLibrary,
		"coroutine": (*State).coroutineLibrary,
		"bit":       (*State).bitLibrary,
		"struct":    (*State).structLibrary,
		"cjson":     (*State).cjsonLibrary,
		"cmsgpack":  (*State).cmsgpackLibrary,
	}
	s := newState(Limits{})
	libraryFields = map[string]bool{}
	for name, open := range libraries {
		open(s).ForEach(func(k, _ lua.LValue) {
			libraryFields[flat(name, k.String())] = true
		})
	}
	s.L.Close()
}

// Run runs a program with the keys and arguments given. Without a failure its
// value is to be taken with Reply.
func (s *State) Run(p *Program, keys, args [][]byte, host Host) *Failure {
	fn := s.load(p)
	s.env.RawSetString("KEYS", s.list(keys))
	s.env.RawSetString("ARGV", s.list(args))
	s.L.Push(fn)
	return s.call(0, host)
}

// load returns the function of a program.
func (s *State) load(p *Program) *lua.LFunction {
	if fn := s.loaded[p]; fn != nil {
		return fn
	}
	if len(s.loaded) >= loadedMost {
		clear(s.loaded)
	}
	s.L.Env = s.env
	fn := s.L.NewFunctionFromProto(p.proto)
	fn.Env = s.env
	s.loaded[p] = fn
	return fn
}

// list makes a table of strings, which share their memory.
func (s *State) list(items [][]byte) *lua.LTable {
	t := s.L.CreateTable(len(items), 0)
	size := 0
	for _, b := range items {
		size += len(b)
	}
	var joined strings.Builder
	joined.Grow(size)
	for _, b := range items {
		joined.Write(b)
	}
	all := joined.String()
	for i, b := range items {
		t.RawSetInt(i+1, lua.LString(all[:len(b)]))
		all = all[len(b):]
	}
	return t
}

// call calls the function on the stack below n arguments and leaves one value.
func (s *State) call(n int, host Host) *Failure {
	s.host = host
	s.setProto(2)
	s.meter.begin()
	s.outer, s.nested = 0, 0
	s.where = position{}
	s.L.SetContext(&s.meter)
	err := s.L.PCall(n, 1, s.handler)
	s.host = nil
	if err != nil {
		return s.failure(err)
	}
	return nil
}

func (s *State) setProto(version int) {
	s.proto = version
	if s.host != nil {
		s.host.SetProto(version)
	}
}

// Spoilt reports whether the state is better thrown away.
func (s *State) Spoilt() bool { return s.spoilt }

// Close releases the state.
func (s *State) Close() { s.L.Close() }

// noteFault is the error handler: it runs where the error happened.
func (s *State) noteFault(L *lua.LState) int {
	s.putFault(L)
	for level := 1; level <= 2; level++ {
		dbg, ok := L.GetStack(level)
		if !ok {
			break
		}
		if _, err := L.GetInfo("Sl", dbg, lua.LNil); err != nil || dbg.What == "G" {
			continue
		}
		s.where = position{"@" + dbg.Source, dbg.CurrentLine}
		break
	}
	return 1
}

// putFault replaces the message that is the first argument by one in Lua's words.
func (s *State) putFault(L *lua.LState) int {
	if text, ok := L.Get(1).(lua.LString); ok {
		translated := s.translate(L, string(text))
		L.SetTop(0)
		L.Push(lua.LString(translated))
	}
	return 1
}

// failure makes of what ended a script what the client is told.
func (s *State) failure(err error) *Failure {
	f := &Failure{Source: s.where.source, Line: s.where.line}
	var object lua.LValue = lua.LString(err.Error())
	if fault, ok := err.(*lua.ApiError); ok { //nolint:errorlint // never wrapped
		object = fault.Object
		if fault.Type == lua.ApiErrorPanic {
			s.spoilt = true
		}
	}
	switch why := s.meter.why; {
	case why != nil:
		f.Message = "ERR " + why.Error()
		return f
	case s.spoilt:
		f.Message = "ERR " + s.position(f) + translateFault(object.String())
		return f
	}
	if t, ok := object.(*lua.LTable); ok {
		text, _ := toText(t.RawGetString("err"))
		f.Message = text
		f.Counted = lua.LVAsBool(t.RawGetString("ignore_error_stats_update"))
		return f
	}
	text, ok := toText(object)
	if !ok {
		text = s.display(object)
	}
	f.Message = "ERR " + text
	return f
}

// position is how a message begins that tells where it happened.
func (s *State) position(f *Failure) string {
	if f.Source == "" {
		return ""
	}
	return strings.TrimPrefix(f.Source, "@") + ":" + formatNumber(float64(f.Line)) + ": "
}

var _ context.Context = (*meter)(nil)

// userScript is what messages call a script of EVAL.
const userScript = "user_script"

// Compile makes a program of a script of EVAL. The error is what the client is
// told of it.
func Compile(source []byte) (*Program, error) {
	text, flags, err := readShebang(string(source))
	if err != nil {
		return nil, err
	}
	proto, err := compile(text, userScript)
	if err != nil {
		return nil, &lua51.Error{Message: "ERR Error compiling script (new function): " + err.Error()}
	}
	return &Program{proto: proto, Flags: flags}, nil
}
