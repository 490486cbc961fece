package script

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	lua "github.com/yuin/gopher-lua"

	"github.com/crucible-cache/crucible/internal/script/lua51"
)

// Function is one function of a library.
type Function struct {
	Name        string
	Description string
	Described   bool
	Flags       Flags

	library *Library
	fn      *lua.LFunction
}

// Library is a set of functions that one source registered.
type Library struct {
	Name      string
	Code      string
	Functions []*Function
}

// Functions holds the libraries of FUNCTION, and the one interpreter that they
// live in: what a library keeps in local variables is seen by all its calls.
// Its methods are called with the lock held under which scripts run, but for those
// that say otherwise.
type Functions struct {
	state   *State
	limits  Limits
	byName  map[string]*Library
	byFunc  map[string]*Function // names in lower case
	loading *Library
	listed  atomic.Pointer[[]*Library] // by name; never changed, but replaced
	counts  atomic.Int64               // libraries << 32 | functions
	bytes   atomic.Int64               // about what they take
}

// NewFunctions makes an empty set.
func NewFunctions() *Functions {
	return &Functions{byName: map[string]*Library{}, byFunc: map[string]*Function{}}
}

// loadTimeout is how long a library may take to register its functions.
const loadTimeout = 500 * time.Millisecond

// The texts of Redis.
//
//nolint:staticcheck,revive // as they are
var (
	errLoadTimeout  = errors.New("FUNCTION LOAD timeout")
	errNoFunctions  = errors.New("No functions registered")
	errFunctionName = errors.New("Library names can only contain letters, numbers, or underscores(_) and must be at least one character long")
)

// Load compiles a library and registers its functions, in the place of one of
// the same name if replace allows it. The error is what the client is told.
func (f *Functions) Load(code string, replace bool, limits Limits) (*Library, error) {
	name, _, err := readMetadata(code)
	if err != nil {
		return nil, err
	}
	old := f.byName[name]
	if old != nil && !replace {
		return nil, errors.New("Library '" + name + "' already exists") //nolint:staticcheck,revive // Redis' text
	}
	l, err := f.make(code, limits)
	if err != nil {
		return nil, err
	}
	if err := f.clash(l, old); err != nil {
		return nil, err
	}
	f.put(l)
	return l, nil
}

// clash reports a function of l that another library than old has.
func (f *Functions) clash(l, old *Library) error {
	for _, fn := range l.Functions {
		if had := f.byFunc[strings.ToLower(fn.Name)]; had != nil && had.library != old {
			return errors.New("Function " + fn.Name + " already exists") //nolint:staticcheck,revive // Redis' text
		}
	}
	return nil
}

func (f *Functions) put(l *Library) {
	f.Delete(l.Name)
	f.byName[l.Name] = l
	for _, fn := range l.Functions {
		f.byFunc[strings.ToLower(fn.Name)] = fn
	}
	f.count()
}

// make runs the source of a library.
func (f *Functions) make(code string, limits Limits) (*Library, error) {
	name, text, err := readMetadata(code)
	if err != nil {
		return nil, err
	}
	proto, err := compile(text, "user_function")
	if err != nil {
		return nil, errors.New("Error compiling function: " + err.Error()) //nolint:staticcheck,revive // Redis' text
	}
	if f.state == nil || f.state.Spoilt() {
		if err := f.renew(limits); err != nil {
			return nil, err
		}
	}
	l := &Library{Name: name, Code: code}
	f.loading = l
	failure := f.state.register(proto)
	f.loading = nil
	if failure != nil {
		return nil, errors.New("Error registering functions: " + failure.Message) //nolint:staticcheck,revive // Redis' text
	}
	if len(l.Functions) == 0 {
		return nil, errNoFunctions
	}
	return l, nil
}

// renew makes the interpreter, with the libraries that there are.
func (f *Functions) renew(limits Limits) error {
	f.limits = limits
	f.state = newState(limits)
	f.state.openFunctions(f)
	for name, l := range f.byName {
		again, err := f.make(l.Code, limits)
		if err != nil {
			return err
		}
		f.byName[name] = again
		for _, fn := range again.Functions {
			f.byFunc[strings.ToLower(fn.Name)] = fn
		}
	}
	return nil
}

// register runs the source of a library, which sees little.
func (s *State) register(proto *lua.FunctionProto) *Failure {
	s.show(s.globals.load)
	defer s.show(s.globals.call)
	fn := s.L.NewFunctionFromProto(proto)
	fn.Env = s.env
	s.meter.deadline = time.Now().Add(loadTimeout)
	defer func() { s.meter.deadline = time.Time{} }()
	s.L.Push(fn)
	failure := s.call(0, nil)
	if failure == nil {
		s.L.Pop(1)
	}
	return failure
}

// functionGlobals are what the code of libraries sees at different times, all of
// it through one table, State.env.
type functionGlobals struct {
	load, call *lua.LTable
	face       lua.LValue // the read-only one
	owner      *Functions
}

// openFunctions makes the globals of libraries: those that are seen while a
// library registers its functions and those that the functions see.
func (s *State) openFunctions(f *Functions) {
	g := &functionGlobals{owner: f, call: s.environment()}
	s.env, s.globals = s.L.NewTable(), g
	api := s.redisLibrary()
	for _, name := range []string{"breakpoint", "debug", "replicate_commands"} {
		api.RawSetString(name, lua.LNil)
		g.call.RawSetString(flat("redis", name), lua.LNil)
	}
	s.install(g.call, "redis", api)
	g.call.RawSetString("__redis__err__handler", lua.LNil)

	g.load = s.L.NewTable()
	lib := s.L.NewTable()
	lib.Metatable = g.call.Metatable
	api.ForEach(func(k, v lua.LValue) {
		name := k.String()
		if name == "log" || strings.HasPrefix(name, "LOG_") || strings.HasPrefix(name, "REDIS_VERSION") {
			lib.RawSetString(name, v)
		}
	})
	lib.RawSetString("register_function", s.L.NewFunction(func(L *lua.LState) int { return g.owner.register(s, L) }))
	s.install(g.load, "redis", lib)
	for _, operator := range []string{lua51.Concat, lua51.Bound} {
		g.load.RawSetString(operator, g.call.RawGetString(operator))
	}

	s.makeGlobals(s.env)
	g.face = s.env.RawGetString(lua51.Globals)
	g.call.RawSetString("_G", g.face)
	s.show(g.call)
}

// show makes the fields of a table the globals.
func (s *State) show(globals *lua.LTable) {
	var had []string
	s.env.ForEach(func(k, _ lua.LValue) { had = append(had, k.String()) })
	for _, name := range had {
		s.env.RawSetString(name, lua.LNil)
	}
	globals.ForEach(func(k, v lua.LValue) { s.env.RawSetString(k.String(), v) })
	s.env.RawSetString(lua51.Globals, s.globals.face)
}

// Delete forgets a library and reports whether there was one.
func (f *Functions) Delete(name string) bool {
	l := f.byName[name]
	if l == nil {
		return false
	}
	delete(f.byName, name)
	for _, fn := range l.Functions {
		delete(f.byFunc, strings.ToLower(fn.Name))
	}
	f.count()
	return true
}

// Flush forgets all libraries.
func (f *Functions) Flush() {
	clear(f.byName)
	clear(f.byFunc)
	f.count()
	if f.state != nil {
		f.state.Close()
		f.state = nil
	}
}

// Find returns a function, nil if there is none.
func (f *Functions) Find(name []byte) *Function { return f.byFunc[strings.ToLower(string(name))] }

// Libraries returns all libraries in the order of their names. Any thread may call it.
func (f *Functions) Libraries() []*Library {
	if l := f.listed.Load(); l != nil {
		return *l
	}
	return nil
}

// Count returns how many libraries and functions there are. Any thread may call it.
func (f *Functions) Count() (libraries, functions int) {
	n := f.counts.Load()
	return int(n >> 32), int(int32(n)) //nolint:gosec // as many as fit
}

// count notes which and how many there are.
func (f *Functions) count() {
	list := slices.SortedFunc(maps.Values(f.byName), func(a, b *Library) int { return strings.Compare(a.Name, b.Name) })
	f.listed.Store(&list)
	f.counts.Store(int64(len(f.byName))<<32 | int64(len(f.byFunc)))
	bytes := int64(0)
	for _, l := range f.byName {
		bytes += scriptBytes + int64(len(l.Code))*sourceFactor
	}
	f.bytes.Store(bytes)
}

// Bytes returns about how much memory the libraries take. Any thread may call it.
func (f *Functions) Bytes() int64 { return f.bytes.Load() }

// State returns the interpreter that the functions live in, nil if there never was
// one.
func (f *Functions) State() *State { return f.state }

// Call calls a function. Without a failure its value is to be taken with Reply.
func (f *Functions) Call(fn *Function, keys, args [][]byte, host Host) *Failure {
	s := f.state
	if s.Spoilt() {
		if err := f.renew(f.limits); err != nil {
			return &Failure{Message: "ERR " + err.Error()}
		}
		s, fn = f.state, f.byFunc[strings.ToLower(fn.Name)]
	}
	s.L.Push(fn.fn)
	s.L.Push(s.list(keys))
	s.L.Push(s.list(args))
	return s.call(2, host)
}

// Join takes over the libraries of another set: those of the same name are
// replaced, or refused. Nothing changes if there is an error.
func (f *Functions) Join(codes []string, flush, replace bool, limits Limits) error {
	fresh := NewFunctions()
	if !flush {
		for _, l := range f.byName {
			if _, err := fresh.Load(l.Code, false, limits); err != nil {
				return err
			}
		}
	}
	seen := NewFunctions()
	for _, code := range codes {
		l, err := seen.Load(code, false, limits)
		if err != nil {
			return err
		}
		if !replace && fresh.byName[l.Name] != nil {
			return errors.New("Library " + l.Name + " already exists") //nolint:staticcheck,revive // Redis' text
		}
		if _, err := fresh.Load(code, replace, limits); err != nil {
			return err
		}
	}
	f.Flush()
	f.state, f.limits, f.byName, f.byFunc = fresh.state, fresh.limits, fresh.byName, fresh.byFunc
	f.count()
	if f.state != nil {
		f.state.globals.owner = f
	}
	return nil
}
