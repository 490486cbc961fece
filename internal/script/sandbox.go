package script

import (
	"strings"

	lua "github.com/yuin/gopher-lua"

	"github.com/crucible-cache/crucible/internal/script/lua51"
)

// hidden begins the names of globals that scripts must not see: no script can
// spell them, and pairs passes them over.
const hidden = "\x00"

const errReadonly = "Attempt to modify a readonly table"

// Lua in Redis marks tables as read-only. gopher-lua has no such mark, so a
// read-only table is an empty one, a shade, whose metatable leads to the real
// one; pairs, next, rawset and getmetatable know of it. That would cost each
// call of a library function a detour, so compiled programs reach the fields of
// libraries by hidden globals of their own, see lua51.Fields.

// shade returns the read-only face of a table.
func (s *State) shade(t *lua.LTable) *lua.LTable {
	face := s.L.NewTable()
	mt := s.L.NewTable()
	mt.RawSetString("__index", t)
	mt.RawSetString("__newindex", s.L.NewFunction(func(L *lua.LState) int {
		L.RaiseError(errReadonly)
		return 0
	}))
	face.Metatable = mt
	s.shades[face] = t
	return face
}

// seen returns the table that a script looks at through t.
func (s *State) seen(t *lua.LTable) *lua.LTable {
	if t.Metatable != lua.LNil {
		if shaded, ok := s.shades[t]; ok {
			return shaded
		}
	}
	return t
}

// writable returns t unless it is read-only.
func (s *State) writable(L *lua.LState, t *lua.LTable) *lua.LTable {
	if t.Metatable != lua.LNil {
		if _, ok := s.shades[t]; ok {
			s.raiseBare(L, errReadonly)
		}
	}
	return t
}

// raiseBare raises an error without the position.
func (s *State) raiseBare(L *lua.LState, text string) { L.Error(lua.LString(text), 0) }

// makeGlobals gives an environment its face: a table of globals with an
// __index that refuses what there is not.
func (s *State) makeGlobals(env *lua.LTable) {
	mt := s.L.NewTable()
	mt.RawSetString("__index", s.L.NewFunction(func(L *lua.LState) int {
		name, _ := toText(L.Get(2))
		if strings.HasPrefix(name, hidden) {
			// A field that other environments have.
			if s.globals == nil || s.globals.owner.loading == nil {
				return 0
			}
			lib, field, _ := strings.Cut(name[len(hidden):], ".")
			if name = field; s.globals.load.RawGetString(lib) == lua.LNil {
				name = lib
			}
		}
		L.RaiseError("Script attempted to access nonexistent global variable '%s'", name)
		return 0
	}))
	env.Metatable = mt
	face := s.shade(env)
	env.RawSetString("_G", face)
	env.RawSetString(lua51.Globals, face)
}

// install puts a library into an environment: its face under its name, and its
// fields under hidden names.
func (s *State) install(env *lua.LTable, name string, lib *lua.LTable) {
	env.RawSetString(name, s.shade(lib))
	lib.ForEach(func(k, v lua.LValue) {
		if field, ok := k.(lua.LString); ok {
			env.RawSetString(flat(name, string(field)), v)
		}
	})
}

// flat is the hidden global that holds a field of a library.
func flat(lib, field string) string { return hidden + lib + "." + field }

func isHidden(k lua.LValue) bool {
	name, ok := k.(lua.LString)
	return ok && strings.HasPrefix(string(name), hidden)
}

// library makes a table of functions.
func (s *State) library(functions map[string]lua.LGFunction) *lua.LTable {
	lib := s.L.NewTable()
	for name, f := range functions {
		lib.RawSetString(name, s.L.NewFunction(f))
	}
	return lib
}
