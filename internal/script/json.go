package script

import (
	"fmt"
	"math"

	lua "github.com/yuin/gopher-lua"
)

// jsonSettings are what the functions of cjson that set something set. They
// stay set for the scripts that follow, as in Redis.
type jsonSettings struct {
	sparseConvert bool
	sparseRatio   int
	sparseSafe    int
	encodeDepth   int
	decodeDepth   int
	precision     int
	keepBuffer    bool
	encodeInvalid string // on, off or null
	decodeInvalid bool
}

func newJSONSettings() *jsonSettings {
	return &jsonSettings{
		sparseRatio: 2, sparseSafe: 10, encodeDepth: 1000, decodeDepth: 1000, precision: numberDigits,
		keepBuffer: true, encodeInvalid: "off", decodeInvalid: true,
	}
}

// null stands for JSON's null.
var null = &lua.LUserData{Metatable: lua.LNil}

func (s *State) cjsonLibrary() *lua.LTable { return s.newCJSON(newJSONSettings()) }

func (s *State) newCJSON(j *jsonSettings) *lua.LTable {
	lib := s.library(map[string]lua.LGFunction{
		"encode": func(L *lua.LState) int { return s.jsonEncode(L, j) },
		"decode": func(L *lua.LState) int { return s.jsonDecode(L, j) },
		"new": func(L *lua.LState) int {
			L.Push(s.newCJSON(newJSONSettings()))
			return 1
		},
		"encode_sparse_array": func(L *lua.LState) int { return s.jsonSparse(L, j) },
		"encode_max_depth": func(L *lua.LState) int {
			return s.jsonInteger(L, 1, &j.encodeDepth, 1, math.MaxInt32)
		},
		"decode_max_depth": func(L *lua.LState) int {
			return s.jsonInteger(L, 1, &j.decodeDepth, 1, math.MaxInt32)
		},
		"encode_number_precision": func(L *lua.LState) int { return s.jsonInteger(L, 1, &j.precision, 1, numberDigits) },
		"encode_keep_buffer":      func(L *lua.LState) int { return s.jsonSwitch(L, 1, &j.keepBuffer) },
		"decode_invalid_numbers":  func(L *lua.LState) int { return s.jsonSwitch(L, 1, &j.decodeInvalid) },
		"encode_invalid_numbers":  func(L *lua.LState) int { return s.jsonInvalid(L, j) },
	})
	lib.RawSetString("_NAME", lua.LString("cjson"))
	lib.RawSetString("_VERSION", lua.LString("2.1.0"))
	lib.RawSetString("null", null)
	return lib
}

// jsonArguments checks how many arguments there are and fills up with nil.
func (s *State) jsonArguments(L *lua.LState, n int) {
	if L.GetTop() > n {
		s.badArgument(L, n+1, "found too many arguments")
	}
}

// jsonInteger sets an integer, if there is an argument, and pushes it.
func (s *State) jsonInteger(L *lua.LState, n int, setting *int, least, most int) int {
	s.jsonArguments(L, max(n, 1))
	s.setInteger(L, n, setting, least, most)
	L.Push(lua.LNumber(*setting))
	return 1
}

func (s *State) setInteger(L *lua.LState, n int, setting *int, least, most int) {
	if L.Get(n) == lua.LNil {
		return
	}
	v := s.checkInt(L, n)
	if v < int64(least) || v > int64(most) {
		s.badArgument(L, n, fmt.Sprintf("expected integer between %d and %d", least, most))
	}
	*setting = int(v)
}

func (s *State) jsonSwitch(L *lua.LState, n int, setting *bool) int {
	s.jsonArguments(L, n)
	s.setSwitch(L, n, setting)
	L.Push(lua.LBool(*setting))
	return 1
}

func (s *State) setSwitch(L *lua.LState, n int, setting *bool) {
	switch v := L.Get(n).(type) {
	case *lua.LNilType:
	case lua.LBool:
		*setting = bool(v)
	default:
		switch word := s.checkText(L, n); word {
		case "on", "off":
			*setting = word == "on"
		default:
			s.badArgument(L, n, "invalid option '"+word+"'")
		}
	}
}

func (s *State) jsonInvalid(L *lua.LState, j *jsonSettings) int {
	s.jsonArguments(L, 1)
	switch v := L.Get(1).(type) {
	case *lua.LNilType:
	case lua.LBool:
		j.encodeInvalid = "off"
		if v {
			j.encodeInvalid = "on"
		}
	default:
		switch word := s.checkText(L, 1); word {
		case "on", "off", "null":
			j.encodeInvalid = word
		default:
			s.badArgument(L, 1, "invalid option '"+word+"'")
		}
	}
	if j.encodeInvalid == "null" {
		L.Push(lua.LString("null"))
	} else {
		L.Push(lua.LBool(j.encodeInvalid == "on"))
	}
	return 1
}

func (s *State) jsonSparse(L *lua.LState, j *jsonSettings) int {
	s.jsonArguments(L, 3)
	s.setSwitch(L, 1, &j.sparseConvert)
	s.setInteger(L, 2, &j.sparseRatio, 0, math.MaxInt32)
	s.setInteger(L, 3, &j.sparseSafe, 0, math.MaxInt32)
	L.Push(lua.LBool(j.sparseConvert))
	L.Push(lua.LNumber(j.sparseRatio))
	L.Push(lua.LNumber(j.sparseSafe))
	return 3
}
