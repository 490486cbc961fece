package script

import lua "github.com/yuin/gopher-lua"

// coroutineBytes is about what a coroutine takes, with its stack of values.
const coroutineBytes = 48 << 10

// resumesMost is how many coroutines may wait for one another, as in Lua.
const resumesMost = 197

// coroutineFunctions returns gopher-lua's functions, with those that make
// coroutines charging for them and having their instructions counted.
func (s *State) coroutineFunctions() map[string]lua.LValue {
	lua.OpenCoroutine(s.L)
	made := s.L.Get(-1).(*lua.LTable)
	s.L.Pop(1)
	create, original := made.RawGetString("create").(*lua.LFunction), made.RawGetString("resume").(*lua.LFunction)
	resume := func(L *lua.LState) int {
		thread, ok := L.Get(1).(*lua.LState)
		if !ok {
			s.badArgument(L, 1, "coroutine expected")
		}
		if status := L.Status(thread); status != "suspended" {
			L.Push(lua.LFalse)
			L.Push(lua.LString(map[string]string{
				"dead": "cannot resume dead coroutine", "normal": "cannot resume normal coroutine",
			}[status]))
			if status == "running" {
				L.Pop(1)
				L.Push(lua.LString("cannot resume running coroutine"))
			}
			return 2
		}
		// A coroutine runs on the stack of the goroutine on top of those that wait for it.
		n := depth(L)
		if s.outer+n > callsMax || s.nested >= resumesMost {
			L.Push(lua.LFalse)
			L.Push(lua.LString("C stack overflow"))
			return 2
		}
		s.outer += n
		s.nested++
		defer func() {
			s.outer -= n
			s.nested--
		}()
		return original.GFunction(L)
	}
	start := func(L *lua.LState) *lua.LState {
		s.checkFunction(L, 1)
		s.meter.charge(L, coroutineBytes)
		create.GFunction(L)
		thread := L.Get(-1).(*lua.LState)
		thread.SetContext(&s.meter)
		return thread
	}
	return map[string]lua.LValue{
		"resume": s.L.NewFunction(resume), "running": made.RawGetString("running"), "status": made.RawGetString("status"),
		"yield": made.RawGetString("yield"),
		"create": s.L.NewFunction(func(L *lua.LState) int {
			start(L)
			return 1
		}),
		"wrap": s.L.NewFunction(func(L *lua.LState) int {
			thread := start(L)
			L.Push(L.NewFunction(func(L *lua.LState) int { return s.resumeWrapped(L, resume, thread) }))
			return 1
		}),
	}
}

// resumeWrapped resumes a coroutine and passes its error on.
func (s *State) resumeWrapped(L *lua.LState, resume lua.LGFunction, thread *lua.LState) int {
	L.Insert(thread, 1)
	n := resume(L)
	first := L.GetTop() - n + 1
	if !lua.LVAsBool(L.Get(first)) {
		object := L.Get(first + 1)
		if text, ok := toText(object); ok {
			object = lua.LString(s.whereAt(L, 1) + text)
		}
		L.Error(object, 0)
	}
	return n - 1
}
