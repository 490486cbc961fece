package script

import (
	"fmt"

	lua "github.com/yuin/gopher-lua"
)

// The functions below check the arguments of a library function, with the
// messages of Lua's auxiliary library. Numbers and strings convert to each other.

// badArgument ends the running function for the sake of its nth argument.
func (s *State) badArgument(L *lua.LState, n int, reason string) {
	name, method := s.calledAs(L)
	if method {
		if n--; n == 0 {
			L.RaiseError("calling '%s' on bad self (%s)", name, reason)
		}
	}
	L.RaiseError("bad argument #%d to '%s' (%s)", n, name, reason)
}

func typeName(L *lua.LState, n int) string {
	if n > L.GetTop() {
		return "no value"
	}
	return L.Get(n).Type().String()
}

func (s *State) badType(L *lua.LState, n int, want string) {
	s.badArgument(L, n, fmt.Sprintf("%s expected, got %s", want, typeName(L, n)))
}

func (s *State) checkAny(L *lua.LState, n int) lua.LValue {
	if n > L.GetTop() {
		s.badArgument(L, n, "value expected")
	}
	return L.Get(n)
}

func (s *State) checkText(L *lua.LState, n int) string {
	if text, ok := toText(L.Get(n)); ok {
		return text
	}
	s.badType(L, n, "string")
	return ""
}

func (s *State) optText(L *lua.LState, n int, otherwise string) string {
	if L.Get(n) == lua.LNil {
		return otherwise
	}
	return s.checkText(L, n)
}

func (s *State) checkNumber(L *lua.LState, n int) float64 {
	if f, ok := toNumber(L.Get(n)); ok {
		return f
	}
	s.badType(L, n, "number")
	return 0
}

func (s *State) checkInt(L *lua.LState, n int) int64 { return toInt64(s.checkNumber(L, n)) }

func (s *State) optInt(L *lua.LState, n int, otherwise int64) int64 {
	if L.Get(n) == lua.LNil {
		return otherwise
	}
	return s.checkInt(L, n)
}

// checkTable reads the first argument.
func (s *State) checkTable(L *lua.LState) *lua.LTable {
	t, ok := L.Get(1).(*lua.LTable)
	if !ok {
		s.badType(L, 1, "table")
	}
	return t
}

func (s *State) checkFunction(L *lua.LState, n int) *lua.LFunction {
	f, ok := L.Get(n).(*lua.LFunction)
	if !ok {
		s.badType(L, n, "function")
	}
	return f
}
