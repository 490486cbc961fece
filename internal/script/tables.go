package script

import (
	"sort"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

func (s *State) tableLibrary() *lua.LTable {
	return s.library(map[string]lua.LGFunction{
		"concat": s.tableConcat, "foreach": s.tableForeach, "foreachi": s.tableForeachi, "getn": s.tableGetn,
		"insert": s.tableInsert, "maxn": s.tableMaxn, "remove": s.tableRemove, "setn": s.tableSetn, "sort": s.tableSort,
	})
}

func (s *State) tableConcat(L *lua.LState) int {
	t := s.seen(s.checkTable(L))
	between := s.optText(L, 2, "")
	from := s.optInt(L, 3, 1)
	to := s.optInt(L, 4, int64(t.Len()))
	var b strings.Builder
	for i := from; i <= to; i++ {
		v := t.RawGet(lua.LNumber(i))
		text, ok := toText(v)
		if !ok {
			L.RaiseError("invalid value (%s) at index %d in table for 'concat'", v.Type().String(), i)
		}
		s.meter.charge(L, len(text)+len(between))
		b.WriteString(text)
		if i < to {
			b.WriteString(between)
		}
	}
	L.Push(lua.LString(b.String()))
	return 1
}

func (s *State) tableGetn(L *lua.LState) int {
	L.Push(lua.LNumber(s.seen(s.checkTable(L)).Len()))
	return 1
}

func (s *State) tableSetn(L *lua.LState) int {
	s.checkTable(L)
	L.RaiseError("'setn' is obsolete")
	return 0
}

func (s *State) tableMaxn(L *lua.LState) int {
	t := s.seen(s.checkTable(L))
	most := lua.LNumber(0)
	t.ForEach(func(k, _ lua.LValue) {
		if n, ok := k.(lua.LNumber); ok && n > most {
			most = n
		}
	})
	L.Push(most)
	return 1
}

func (s *State) tableInsert(L *lua.LState) int {
	t := s.checkTable(L)
	end := s.seen(t).Len() + 1
	s.meter.chargeIndex(L, L.Get(2))
	switch L.GetTop() {
	case 2:
		s.writable(L, t).RawSetInt(end, L.Get(2))
	case 3:
		at := int(s.checkInt(L, 2))
		end = max(end, at)
		s.writable(L, t)
		value := L.Get(3)
		if at < 1 || end > at && at > t.Len() {
			s.shiftUp(L, t, at, end)
			t.RawSet(lua.LNumber(at), value)
			return 0
		}
		if at > t.Len() {
			t.RawSet(lua.LNumber(at), value)
			return 0
		}
		t.Insert(at, value)
	default:
		L.RaiseError("wrong number of arguments to 'insert'")
	}
	return 0
}

// shiftUp moves the values from at on by one.
func (s *State) shiftUp(L *lua.LState, t *lua.LTable, at, end int) {
	for i := end; i > at; i-- {
		if i%tickSteps == 0 {
			s.tick(L)
		}
		t.RawSet(lua.LNumber(i), t.RawGet(lua.LNumber(i-1)))
	}
}

func (s *State) tableRemove(L *lua.LState) int {
	t := s.checkTable(L)
	end := s.seen(t).Len()
	at := int(s.optInt(L, 2, int64(end)))
	if at < 1 || at > end {
		return 0
	}
	s.writable(L, t)
	L.Push(t.Remove(at))
	return 1
}

func (s *State) tableForeach(L *lua.LState) int {
	t, f := s.seen(s.checkTable(L)), s.checkFunction(L, 2)
	for key, value := t.Next(lua.LNil); key != lua.LNil; key, value = t.Next(key) {
		if isHidden(key) {
			continue
		}
		if s.visit(L, f, key, value) {
			return 1
		}
	}
	return 0
}

func (s *State) tableForeachi(L *lua.LState) int {
	t, f := s.seen(s.checkTable(L)), s.checkFunction(L, 2)
	for i := 1; i <= t.Len(); i++ {
		if s.visit(L, f, lua.LNumber(i), t.RawGetInt(i)) {
			return 1
		}
	}
	return 0
}

// visit calls f and leaves its result on the stack if there is any.
func (s *State) visit(L *lua.LState, f *lua.LFunction, key, value lua.LValue) bool {
	L.Push(f)
	L.Push(key)
	L.Push(value)
	L.Call(2, 1)
	if L.Get(-1) != lua.LNil {
		return true
	}
	L.Pop(1)
	return false
}

func (s *State) tableSort(L *lua.LState) int {
	t := s.checkTable(L)
	var less *lua.LFunction
	if L.Get(2) != lua.LNil {
		less = s.checkFunction(L, 2)
	}
	s.writable(L, t)
	n := t.Len()
	values := make([]lua.LValue, n)
	for i := range values {
		values[i] = t.RawGetInt(i + 1)
	}
	s.meter.charge(L, 16*n)
	order := &sorting{s: s, L: L, less: less, values: values}
	sort.Sort(order)
	for i, v := range values {
		t.RawSetInt(i+1, v)
	}
	return 0
}

// sorting sorts values by a function, or by Lua's own order.
type sorting struct {
	s      *State
	L      *lua.LState
	less   *lua.LFunction
	values []lua.LValue
	steps  int
}

func (o *sorting) Len() int      { return len(o.values) }
func (o *sorting) Swap(i, j int) { o.values[i], o.values[j] = o.values[j], o.values[i] }

func (o *sorting) Less(i, j int) bool {
	if o.steps++; o.steps >= tickSteps {
		o.steps = 0
		o.s.tick(o.L)
	}
	a, b := o.values[i], o.values[j]
	if o.less == nil {
		x, ok1 := a.(lua.LNumber)
		y, ok2 := b.(lua.LNumber)
		if ok1 && ok2 {
			return x < y
		}
		return o.lessThan(a, b)
	}
	o.L.Push(o.less)
	o.L.Push(a)
	o.L.Push(b)
	o.L.Call(2, 1)
	result := lua.LVAsBool(o.L.Get(-1))
	o.L.Pop(1)
	return result
}

// lessThan is Lua's own order. An error tells no position: it is in the library.
func (o *sorting) lessThan(a, b lua.LValue) bool {
	x, ok1 := a.(lua.LString)
	y, ok2 := b.(lua.LString)
	switch {
	case ok1 && ok2:
		return x < y
	case a.Type() != b.Type():
		o.s.raiseBare(o.L, "attempt to compare "+a.Type().String()+" with "+b.Type().String())
	case o.L.GetMetaField(a, "__lt") == lua.LNil:
		o.s.raiseBare(o.L, "attempt to compare two "+a.Type().String()+" values")
	}
	return o.L.LessThan(a, b)
}
