package script

import (
	"fmt"
	"math"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"github.com/crucible-cache/crucible/internal/script/lua51"
)

// openBase puts the basic functions into an environment.
func (s *State) openBase(env *lua.LTable) {
	for name, f := range map[string]lua.LGFunction{
		"assert": s.assert, "collectgarbage": s.collectgarbage, "error": s.raise, "gcinfo": s.gcinfo,
		"getmetatable": s.getmetatable, "setmetatable": s.setmetatable,
		"load": s.loadFunction, "loadstring": s.loadstring,
		"next": s.next, "pcall": s.pcall, "xpcall": s.xpcall,
		"rawequal": s.rawequal, "rawget": s.rawget, "rawset": s.rawset,
		"select": s.selectArguments, "tonumber": s.tonumber, "tostring": s.tostring, "type": s.typeOf,
		"unpack": s.unpack, "__redis__err__handler": s.errorTable, lua51.Concat: s.concat,
		lua51.Bound: s.bound,
	} {
		env.RawSetString(name, s.L.NewFunction(f))
	}
	step := s.L.NewFunction(s.ipairsStep)
	env.RawSetString("ipairs", s.L.NewFunction(func(L *lua.LState) int {
		t := s.checkTable(L)
		L.Push(step)
		L.Push(t)
		L.Push(lua.LNumber(0))
		return 3
	}))
	next := env.RawGetString("next")
	env.RawSetString("pairs", s.L.NewFunction(func(L *lua.LState) int {
		t := s.checkTable(L)
		L.Push(next)
		L.Push(t)
		L.Push(lua.LNil)
		return 3
	}))
	env.RawSetString("_VERSION", lua.LString("Lua 5.1"))
}

func (s *State) ipairsStep(L *lua.LState) int {
	t := s.checkTable(L)
	i := int(s.checkInt(L, 2)) + 1
	v := s.seen(t).RawGet(lua.LNumber(i))
	if v == lua.LNil {
		return 0
	}
	L.Push(lua.LNumber(i))
	L.Push(v)
	return 2
}

func (s *State) next(L *lua.LState) int {
	t := s.seen(s.checkTable(L))
	key, value := t.Next(L.Get(2))
	for key != lua.LNil && isHidden(key) {
		key, value = t.Next(key)
	}
	if key == lua.LNil {
		L.Push(lua.LNil)
		return 1
	}
	L.Push(key)
	L.Push(value)
	return 2
}

func (s *State) assert(L *lua.LState) int {
	if !lua.LVAsBool(s.checkAny(L, 1)) {
		L.RaiseError("%s", s.optText(L, 2, "assertion failed!"))
	}
	return L.GetTop()
}

func (s *State) collectgarbage(L *lua.LState) int {
	switch option := s.optText(L, 1, "collect"); option {
	case "count":
		L.Push(lua.LNumber(float64(heapBytes()) / 1024))
	case "collect", "stop", "restart", "step", "setpause", "setstepmul":
		// The heap is the server's, and so is the collector.
		if option == "step" {
			L.Push(lua.LTrue)
			return 1
		}
		L.Push(lua.LNumber(0))
	default:
		s.badArgument(L, 1, "invalid option '"+option+"'")
	}
	return 1
}

func (s *State) gcinfo(L *lua.LState) int {
	L.Push(lua.LNumber(math.Floor(float64(heapBytes()) / 1024)))
	return 1
}

func (s *State) raise(L *lua.LState) int {
	level := s.optInt(L, 2, 1)
	object := L.Get(1)
	if text, ok := toText(object); ok && level > 0 {
		object = lua.LString(s.whereAt(L, int(level)) + text)
	}
	L.Error(object, 0)
	return 0
}

// whereAt is how a message begins that points at a function so many calls up.
func (s *State) whereAt(L *lua.LState, level int) string {
	dbg, ok := L.GetStack(level)
	if !ok {
		return ""
	}
	if _, err := L.GetInfo("Sl", dbg, lua.LNil); err != nil || dbg.What == "G" || dbg.CurrentLine <= 0 {
		return ""
	}
	return fmt.Sprintf("%s:%d: ", dbg.Source, dbg.CurrentLine)
}

func (s *State) getmetatable(L *lua.LState) int {
	v := s.checkAny(L, 1)
	if t, ok := v.(*lua.LTable); ok {
		if shaded := s.seen(t); shaded != t {
			L.Push(lua.LNil)
			if mt, ok := shaded.Metatable.(*lua.LTable); ok {
				L.Push(s.shade(mt))
			}
			return 1
		}
	}
	mt := L.GetMetatable(v)
	if t, ok := mt.(*lua.LTable); ok {
		if protected := t.RawGetString("__metatable"); protected != lua.LNil {
			mt = protected
		}
	}
	L.Push(mt)
	return 1
}

func (s *State) setmetatable(L *lua.LState) int {
	t := s.checkTable(L)
	mt := L.Get(2)
	if _, ok := mt.(*lua.LTable); !ok && mt != lua.LNil || L.GetTop() < 2 {
		s.badArgument(L, 2, "nil or table expected")
	}
	s.writable(L, t)
	if old, ok := t.Metatable.(*lua.LTable); ok && old.RawGetString("__metatable") != lua.LNil {
		L.RaiseError("cannot change a protected metatable")
	}
	t.Metatable = mt
	L.Push(t)
	return 1
}

func (s *State) loadstring(L *lua.LState) int {
	source := s.checkText(L, 1)
	name := s.optText(L, 2, source)
	return s.loadSource(L, source, chunkName(name))
}

func (s *State) loadFunction(L *lua.LState) int {
	reader := s.checkFunction(L, 1)
	name := s.optText(L, 2, "=(load)")
	var source strings.Builder
	for {
		L.Push(reader)
		L.Call(0, 1)
		part := L.Get(-1)
		L.Pop(1)
		if part == lua.LNil {
			break
		}
		text, ok := toText(part)
		if !ok {
			L.RaiseError("reader function must return a string")
		}
		if text == "" {
			break
		}
		s.meter.charge(L, len(text))
		source.WriteString(text)
	}
	return s.loadSource(L, source.String(), chunkName(name))
}

func (s *State) loadSource(L *lua.LState, source, name string) int {
	s.meter.charge(L, 50*len(source))
	if strings.HasPrefix(source, "\x1bLua") {
		L.Push(lua.LNil)
		L.Push(lua.LString("attempt to load chunk with wrong mode"))
		return 2
	}
	proto, err := compile(source, name)
	if err != nil {
		L.Push(lua.LNil)
		L.Push(lua.LString(err.Error()))
		return 2
	}
	fn := L.NewFunctionFromProto(proto)
	fn.Env = s.env
	L.Push(fn)
	return 1
}

// chunkName is how messages call a source that was given a name.
func chunkName(name string) string {
	const most = 80 // bytes, in the Lua of Redis
	switch {
	case strings.HasPrefix(name, "="):
		return name[1:min(len(name), most)]
	case strings.HasPrefix(name, "@"):
		const frame = len(" '...' ") + 1
		if name = name[1:]; len(name) > most-frame {
			name = "..." + name[len(name)-most+frame:]
		}
		return name
	}
	line, _, more := strings.Cut(name, "\n")
	const frame = len(` [string "..."] `) + 1
	if len(line) > most-frame {
		line, more = line[:most-frame], true
	}
	if more {
		line += "..."
	}
	return `[string "` + line + `"]`
}

// protectedCall calls what lies on the stack below n arguments and puts true
// and its values, or false and the error, in the place of everything above base.
func (s *State) protectedCall(L *lua.LState, base, n int, handler *lua.LFunction) int {
	err := L.PCall(n, lua.MultRet, handler)
	if err == nil {
		L.Insert(lua.LTrue, base+1)
		return L.GetTop() - base
	}
	L.SetTop(base)
	L.Push(lua.LFalse)
	var object lua.LValue = lua.LString(err.Error())
	if fault, ok := err.(*lua.ApiError); ok { //nolint:errorlint // never wrapped
		object = fault.Object
		if fault.Type == lua.ApiErrorPanic {
			object = lua.LString(s.whereAt(L, 1) + translateFault(object.String()))
		}
	}
	L.Push(object)
	return 2
}

func (s *State) pcall(L *lua.LState) int {
	if L.GetTop() == 0 {
		L.Push(lua.LFalse)
		return 1
	}
	if !callable(L, L.Get(1)) {
		L.Push(lua.LFalse)
		L.Push(lua.LString("attempt to call a " + L.Get(1).Type().String() + " value"))
		return 2
	}
	n := s.protectedCall(L, 0, L.GetTop()-1, s.wording)
	if n == 2 && L.Get(1) == lua.LFalse {
		// What a command failed with is a table; scripts expect its text.
		if t, ok := L.Get(2).(*lua.LTable); ok {
			if text, ok := toText(t.RawGetString("err")); ok {
				L.SetTop(1)
				L.Push(lua.LString(text))
			}
		}
	}
	return n
}

func callable(L *lua.LState, v lua.LValue) bool {
	return v.Type() == lua.LTFunction || L.GetMetaField(v, "__call") != lua.LNil
}

func (s *State) xpcall(L *lua.LState) int {
	handler := s.checkAny(L, 2)
	fn := L.Get(1)
	L.SetTop(0)
	// An error in the handler must not get as far as gopher-lua, which would write
	// down the calls under way, in time that grows with their square.
	h := L.NewFunction(func(L *lua.LState) int {
		s.putFault(L)
		object := L.Get(1)
		L.SetTop(0)
		L.Push(handler)
		L.Push(object)
		if err := L.PCall(1, 1, s.wording); err != nil {
			L.Push(lua.LNil)
		}
		return 1
	})
	L.Push(fn)
	return s.protectedCall(L, 0, 0, h)
}

func (s *State) rawequal(L *lua.LState) int {
	L.Push(lua.LBool(L.RawEqual(s.checkAny(L, 1), s.checkAny(L, 2))))
	return 1
}

func (s *State) rawget(L *lua.LState) int {
	t := s.seen(s.checkTable(L))
	L.Push(t.RawGet(s.checkAny(L, 2)))
	return 1
}

func (s *State) rawset(L *lua.LState) int {
	t := s.checkTable(L)
	key, value := s.checkAny(L, 2), s.checkAny(L, 3)
	s.setRaw(L, s.writable(L, t), key, value)
	L.SetTop(1)
	return 1
}

// setRaw sets a field, and refuses keys that can't be.
func (s *State) setRaw(L *lua.LState, t *lua.LTable, key, value lua.LValue) {
	if key == lua.LNil {
		L.RaiseError("table index is nil")
	}
	if n, ok := key.(lua.LNumber); ok && math.IsNaN(float64(n)) {
		L.RaiseError("table index is NaN")
	}
	s.meter.chargeIndex(L, key)
	t.RawSet(key, value)
}

func (s *State) selectArguments(L *lua.LState) int {
	top := L.GetTop()
	if text, ok := L.Get(1).(lua.LString); ok && strings.HasPrefix(string(text), "#") {
		L.Push(lua.LNumber(top - 1))
		return 1
	}
	i := s.checkInt(L, 1)
	if i < 0 {
		i = int64(top) + i
	} else if i > int64(top) {
		i = int64(top)
	}
	if i < 1 {
		s.badArgument(L, 1, "index out of range")
	}
	return top - int(i)
}

func (s *State) tonumber(L *lua.LState) int {
	base := s.optInt(L, 2, 10)
	if base == 10 {
		if f, ok := toNumber(s.checkAny(L, 1)); ok {
			L.Push(lua.LNumber(f))
			return 1
		}
		L.Push(lua.LNil)
		return 1
	}
	text := s.checkText(L, 1)
	if base < 2 || base > 36 {
		s.badArgument(L, 2, "base out of range")
	}
	if f, ok := parseBase(text, int(base)); ok {
		L.Push(lua.LNumber(f))
	} else {
		L.Push(lua.LNil)
	}
	return 1
}

// parseBase reads an integer as C's strtoul does.
func parseBase(text string, base int) (float64, bool) {
	text = strings.Trim(text, " \t\n\v\f\r")
	negative := strings.HasPrefix(text, "-")
	if negative || strings.HasPrefix(text, "+") {
		text = text[1:]
	}
	if base == 16 && len(text) > 2 && text[0] == '0' && text[1]|0x20 == 'x' {
		text = text[2:]
	}
	var n uint64
	over := false
	for i := range len(text) {
		d := 99
		switch c := text[i]; {
		case c-'0' <= 9:
			d = int(c - '0')
		case c|0x20 >= 'a' && c|0x20 <= 'z':
			d = int(c|0x20-'a') + 10
		}
		if d >= base {
			return 0, false
		}
		if n > (math.MaxUint64-uint64(d))/uint64(base) {
			over = true
		}
		n = n*uint64(base) + uint64(d)
	}
	switch {
	case text == "":
		return 0, false
	case over:
		n = math.MaxUint64
	case negative:
		n = -n
	}
	return float64(n), true
}

func (s *State) tostring(L *lua.LState) int {
	L.Push(s.toStringMeta(L, s.checkAny(L, 1)))
	return 1
}

func (s *State) toStringMeta(L *lua.LState, v lua.LValue) lua.LValue {
	if t, ok := v.(*lua.LTable); ok && t.Metatable != lua.LNil && s.seen(t) == t {
		if mt, ok := t.Metatable.(*lua.LTable); ok {
			if f := mt.RawGetString("__tostring"); f != lua.LNil {
				L.Push(f)
				L.Push(v)
				L.Call(1, 1)
				result := L.Get(-1)
				L.Pop(1)
				return result
			}
		}
	}
	return lua.LString(s.display(v))
}

// display is tostring without metatables.
func (s *State) display(v lua.LValue) string {
	switch x := v.(type) {
	case lua.LNumber:
		return formatNumber(float64(x))
	case *lua.LUserData:
		if x == null {
			return "userdata: (nil)"
		}
		return fmt.Sprintf("userdata: %p", x)
	case *lua.LFunction:
		if x.IsG {
			return fmt.Sprintf("builtin: %p", x)
		}
	}
	return v.String()
}

func (s *State) typeOf(L *lua.LState) int {
	L.Push(lua.LString(s.checkAny(L, 1).Type().String()))
	return 1
}

// unpackMost is how many values a function may return.
const unpackMost = 8000

func (s *State) unpack(L *lua.LState) int {
	t := s.seen(s.checkTable(L))
	from := s.optInt(L, 2, 1)
	to := s.optInt(L, 3, int64(t.Len()))
	if from > to {
		return 0
	}
	if n := to - from + 1; n <= 0 || n >= unpackMost {
		L.RaiseError("too many results to unpack")
	}
	for i := from; i <= to; i++ {
		L.Push(t.RawGet(lua.LNumber(i)))
	}
	return int(to - from + 1)
}

// errorTable is Redis' own error handler, which it leaves in sight.
func (s *State) errorTable(L *lua.LState) int {
	v := L.Get(1)
	if t, ok := v.(*lua.LTable); ok {
		L.Push(t)
		return 1
	}
	t := L.NewTable()
	t.RawSetString("err", lua.LString("ERR "+s.display(v)))
	L.Push(t)
	return 1
}

// concat implements the operator "..".
func (s *State) concat(L *lua.LState) int {
	n := L.GetTop()
	if n == 2 {
		a, ok1 := L.Get(1).(lua.LString)
		b, ok2 := L.Get(2).(lua.LString)
		if ok1 && ok2 {
			s.meter.charge(L, len(a)+len(b))
			L.Push(a + b)
			return 1
		}
	}
	right := L.Get(n)
	parts := make([]string, 0, 16)
	for i := n - 1; i >= 1; i-- {
		left := L.Get(i)
		text, ok1 := toText(right)
		_, ok2 := toText(left)
		if !ok1 || !ok2 {
			right = s.concatMeta(L, left, right)
			continue
		}
		parts = append(parts[:0], text)
		size := len(text)
		for ; i >= 1; i-- {
			text, ok := toText(L.Get(i))
			if !ok {
				break
			}
			parts = append(parts, text)
			size += len(text)
		}
		i++
		s.meter.charge(L, size)
		var b strings.Builder
		b.Grow(size)
		for j := len(parts) - 1; j >= 0; j-- {
			b.WriteString(parts[j])
		}
		right = lua.LString(b.String())
	}
	L.Push(right)
	return 1
}

// concatMeta concatenates what is no text by its metatable.
func (s *State) concatMeta(L *lua.LState, left, right lua.LValue) lua.LValue {
	f := L.GetMetaField(left, "__concat")
	if f == lua.LNil {
		f = L.GetMetaField(right, "__concat")
	}
	if f == lua.LNil {
		wrong := left
		if _, ok := toText(left); ok {
			wrong = right
		}
		L.RaiseError("attempt to concatenate %s", s.describe(L, wrong))
	}
	L.Push(f)
	L.Push(left)
	L.Push(right)
	L.Call(2, 1)
	result := L.Get(-1)
	L.Pop(1)
	return result
}

// bound turns a bound of a for statement into a number if it can be one.
func (s *State) bound(L *lua.LState) int {
	if text, ok := L.Get(1).(lua.LString); ok {
		if f, ok := toNumber(text); ok {
			L.Push(lua.LNumber(f))
			return 1
		}
	}
	L.Push(L.Get(1))
	return 1
}

// describe is how a message calls an operand of the running function, which is
// an operator.
func (s *State) describe(L *lua.LState, v lua.LValue) string {
	at, ok := siteAt(L, 1)
	for i := L.GetTop(); ok && i > 0; i-- {
		if L.Get(i) == v {
			return at.culprit(aOf(at.inst)+i, v.Type().String())
		}
	}
	return "a " + v.Type().String() + " value"
}
