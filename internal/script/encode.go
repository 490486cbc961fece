package script

import (
	"strings"

	lua "github.com/yuin/gopher-lua"

	"github.com/crucible-cache/crucible/internal/protocol/resp"
)

// Replies is where the value of a script is written.
type Replies struct {
	*resp.Writer

	// Fail writes an error. counted is false if it is not to be counted as one.
	Fail func(text string, counted bool)
}

// nestedMost is how deep a reply may be nested.
const nestedMost = 7990

var lineEnds = strings.NewReplacer("\r", " ", "\n", " ")

// Reply writes the value that Run left.
func (s *State) Reply(w Replies) {
	v := s.L.Get(-1)
	left := s.limits.Memory
	if s.weigh(v, 0, &left); left < 0 {
		w.Fail("ERR "+errMemory.Error(), true)
	} else {
		s.encode(w, v, 0)
	}
	s.L.Pop(1)
	if s.globals == nil {
		s.env.RawSetString("KEYS", lua.LNil)
		s.env.RawSetString("ARGV", lua.LNil)
	}
}

// weigh takes off left about what a reply would be long, and stops when nothing
// is left: a small table may hold the same value, or itself, very often.
func (s *State) weigh(v lua.LValue, depth int, left *int64) {
	const least = 16 // bytes of a value in a table
	*left -= least
	switch x := v.(type) {
	case lua.LString:
		*left -= int64(len(x))
	case *lua.LTable:
		if depth >= nestedMost {
			return
		}
		x = s.seen(x)
		for k, e := x.Next(lua.LNil); k != lua.LNil && *left >= 0; k, e = x.Next(k) {
			if _, ok := k.(lua.LNumber); !ok {
				s.weigh(k, depth+1, left)
			}
			s.weigh(e, depth+1, left)
		}
	}
}

func (s *State) encode(w Replies, v lua.LValue, depth int) {
	switch x := v.(type) {
	case lua.LString:
		w.BulkString(string(x))
	case lua.LNumber:
		w.Int(toInt64(float64(x)))
	case lua.LBool:
		switch {
		case s.proto >= 3:
			w.Bool(bool(x))
		case bool(x):
			w.Int(1)
		default:
			w.Null()
		}
	case *lua.LTable:
		if depth >= nestedMost {
			w.Fail("ERR reached lua stack limit", true)
			return
		}
		s.encodeTable(w, s.seen(x), depth)
	default:
		w.Null()
	}
}

func (s *State) encodeTable(w Replies, t *lua.LTable, depth int) {
	if s.encodeMarked(w, t, depth) {
		return
	}
	n := 0
	for t.RawGet(lua.LNumber(n+1)) != lua.LNil {
		n++
	}
	w.ArrayLen(n)
	for i := range n {
		s.encode(w, t.RawGet(lua.LNumber(i+1)), depth+1)
	}
}

// encodeMarked writes a table that stands for something other than an array.
func (s *State) encodeMarked(w Replies, t *lua.LTable, depth int) bool {
	if text, ok := t.RawGetString("err").(lua.LString); ok {
		counted := !lua.LVAsBool(t.RawGetString("ignore_error_stats_update"))
		w.Fail(string(text), counted)
		return true
	}
	if text, ok := t.RawGetString("ok").(lua.LString); ok {
		w.SimpleString(lineEnds.Replace(string(text)))
		return true
	}
	if f, ok := t.RawGetString("double").(lua.LNumber); ok {
		w.Double(float64(f))
		return true
	}
	if m, ok := t.RawGetString("map").(*lua.LTable); ok {
		n := count(m)
		w.MapLen(n)
		for k, v := m.Next(lua.LNil); k != lua.LNil; k, v = m.Next(k) {
			s.encode(w, k, depth+1)
			s.encode(w, v, depth+1)
		}
		return true
	}
	if m, ok := t.RawGetString("set").(*lua.LTable); ok {
		w.SetLen(count(m))
		for k, _ := m.Next(lua.LNil); k != lua.LNil; k, _ = m.Next(k) {
			s.encode(w, k, depth+1)
		}
		return true
	}
	if text, ok := t.RawGetString("big_number").(lua.LString); ok {
		w.BigNumber(lineEnds.Replace(string(text)))
		return true
	}
	if v, ok := t.RawGetString("verbatim_string").(*lua.LTable); ok {
		text, ok1 := v.RawGetString("string").(lua.LString)
		format, ok2 := v.RawGetString("format").(lua.LString)
		if ok1 && ok2 {
			w.Verbatim((string(format) + "   ")[:3], string(text))
			return true
		}
	}
	return false
}

func count(t *lua.LTable) (n int) {
	for k, _ := t.Next(lua.LNil); k != lua.LNil; k, _ = t.Next(k) {
		n++
	}
	return n
}
