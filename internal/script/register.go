package script

import (
	"errors"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// readMetadata takes the first line of a library apart. The source that is
// returned keeps the line end.
func readMetadata(code string) (name, source string, err error) {
	refuse := func(text string) (string, string, error) { return "", "", errors.New(text) }
	if !strings.HasPrefix(code, "#!") {
		return refuse("Missing library metadata")
	}
	line, _, ok := strings.Cut(code, "\n")
	if !ok || strings.Contains(line, "\x00") {
		return refuse("Invalid library metadata")
	}
	words := strings.Fields(line[2:])
	engine := ""
	if len(words) > 0 && !strings.HasPrefix(line, "#! ") {
		engine, words = words[0], words[1:]
	}
	named := false
	for _, w := range words {
		value, ok := strings.CutPrefix(w, "name=")
		switch {
		case !ok:
			return refuse("Invalid metadata value given: " + w)
		case named:
			return refuse("Invalid metadata value, name argument was given multiple times")
		}
		name, named = value, true
	}
	if !named {
		return refuse("Library name was not given")
	}
	if !plainName(name) {
		return "", "", errFunctionName
	}
	if !strings.EqualFold(engine, "lua") {
		return refuse("Engine '" + engine + "' not found")
	}
	return name, code[len(line):], nil
}

// plainName reports whether a library or function may have a name.
func plainName(name string) bool {
	for i := range len(name) {
		if !isAlphanumeric(name[i]) && name[i] != '_' {
			return false
		}
	}
	return name != ""
}

// register is redis.register_function.
func (f *Functions) register(s *State, L *lua.LState) int {
	if f.loading == nil {
		return s.raiseTable(L, "redis.register_function can only be called on FUNCTION LOAD command")
	}
	fn := &Function{library: f.loading}
	var problem string
	switch L.GetTop() {
	case 1:
		problem = fn.readNamed(L.Get(1))
	case 2:
		problem = fn.readPlain(L.Get(1), L.Get(2))
	default:
		problem = "wrong number of arguments to redis.register_function"
	}
	if problem == "" && !plainName(fn.Name) {
		problem = errFunctionName.Error()
	}
	for _, had := range f.loading.Functions {
		if problem == "" && had.Name == fn.Name {
			problem = "Function already exists in the library"
		}
	}
	if problem != "" {
		return s.raiseTable(L, problem)
	}
	f.loading.Functions = append(f.loading.Functions, fn)
	return 0
}

func (fn *Function) readPlain(name, callback lua.LValue) (problem string) {
	text, ok := toText(name)
	if !ok {
		return "first argument to redis.register_function must be a string"
	}
	fn.Name = text
	if fn.fn, ok = callback.(*lua.LFunction); !ok {
		return "second argument to redis.register_function must be a function"
	}
	return ""
}

func (fn *Function) readNamed(v lua.LValue) (problem string) {
	t, ok := v.(*lua.LTable)
	if !ok {
		return "calling redis.register_function with a single argument is only applicable to Lua table (representing named arguments)."
	}
	named := false
	for k, v := t.Next(lua.LNil); k != lua.LNil; k, v = t.Next(k) {
		key, ok := k.(lua.LString)
		if !ok {
			key = ""
		}
		switch key {
		case "function_name":
			if fn.Name, named = toText(v); !named {
				return "function_name argument given to redis.register_function must be a string"
			}
		case "description":
			if fn.Description, fn.Described = toText(v); !fn.Described {
				return "description argument given to redis.register_function must be a string"
			}
		case "callback":
			if fn.fn, ok = v.(*lua.LFunction); !ok {
				return "callback argument given to redis.register_function must be a function"
			}
		case "flags":
			if problem := fn.readFlags(v); problem != "" {
				return problem
			}
		default:
			return "unknown argument given to redis.register_function"
		}
	}
	switch {
	case !named:
		return "redis.register_function must get a function name argument"
	case fn.fn == nil:
		return "redis.register_function must get a callback argument"
	}
	return ""
}

func (fn *Function) readFlags(v lua.LValue) (problem string) {
	list, ok := v.(*lua.LTable)
	if !ok {
		return "flags argument to redis.register_function must be a table representing function flags"
	}
	for i := 1; list.RawGetInt(i) != lua.LNil; i++ {
		text, _ := list.RawGetInt(i).(lua.LString)
		flag := flagNamed(string(text))
		if flag == 0 {
			return "unknown flag given"
		}
		fn.Flags |= flag
	}
	return ""
}
