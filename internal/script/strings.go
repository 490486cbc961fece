package script

import (
	"strings"

	lua "github.com/yuin/gopher-lua"
)

func (s *State) stringLibrary() *lua.LTable {
	lib := s.library(map[string]lua.LGFunction{
		"byte": s.stringByte, "char": s.stringChar, "dump": s.stringDump, "find": s.stringFind,
		"format": s.stringFormat, "gfind": s.stringGmatch, "gmatch": s.stringGmatch, "gsub": s.stringGsub,
		"len": s.stringLen, "lower": s.stringLower, "match": s.stringMatch, "rep": s.stringRep,
		"reverse": s.stringReverse, "sub": s.stringSub, "upper": s.stringUpper,
	})
	mt := s.L.NewTable()
	mt.RawSetString("__index", lib)
	face := s.shade(mt)
	mt.RawSetString("__metatable", face)
	s.L.SetMetatable(lua.LString(""), mt)
	return lib
}

func (s *State) stringLen(L *lua.LState) int {
	L.Push(lua.LNumber(len(s.checkText(L, 1))))
	return 1
}

// span turns Lua's positions, which may count from the end, into indexes.
func span(from, to int64, n int) (int, int) {
	size := int64(n)
	if from < 0 {
		from = max(from+size+1, 0)
	}
	if to < 0 {
		to = max(to+size+1, 0)
	}
	from, to = max(from, 1), min(to, size)
	if from > to {
		return 0, 0
	}
	return int(from - 1), int(to)
}

func (s *State) stringSub(L *lua.LState) int {
	text := s.checkText(L, 1)
	from, to := span(s.checkInt(L, 2), s.optInt(L, 3, -1), len(text))
	L.Push(lua.LString(text[from:to]))
	return 1
}

func (s *State) stringLower(L *lua.LState) int {
	return s.mapped(L, 'A', 'Z')
}

func (s *State) stringUpper(L *lua.LState) int {
	return s.mapped(L, 'a', 'z')
}

// mapped changes the case of the letters from first to last.
func (s *State) mapped(L *lua.LState, first, last byte) int {
	text := s.checkText(L, 1)
	s.meter.charge(L, len(text))
	b := []byte(text)
	for i, c := range b {
		if c >= first && c <= last {
			b[i] = c ^ 0x20
		}
	}
	L.Push(lua.LString(b))
	return 1
}

func (s *State) stringRep(L *lua.LState) int {
	text := s.checkText(L, 1)
	n := s.checkInt(L, 2)
	if n <= 0 || text == "" {
		L.Push(lua.LString(""))
		return 1
	}
	const most = 1 << 40
	if n > most/int64(len(text)) {
		n = most / int64(len(text))
	}
	s.meter.charge(L, int(n)*len(text))
	L.Push(lua.LString(strings.Repeat(text, int(n))))
	return 1
}

func (s *State) stringReverse(L *lua.LState) int {
	text := s.checkText(L, 1)
	s.meter.charge(L, len(text))
	b := make([]byte, len(text))
	for i := range len(text) {
		b[len(text)-1-i] = text[i]
	}
	L.Push(lua.LString(b))
	return 1
}

func (s *State) stringByte(L *lua.LState) int {
	text := s.checkText(L, 1)
	first := s.optInt(L, 2, 1)
	from, to := span(first, s.optInt(L, 3, posrelat(first, len(text))), len(text))
	if to-from >= unpackMost {
		L.RaiseError("string slice too long")
	}
	for i := from; i < to; i++ {
		L.Push(lua.LNumber(text[i]))
	}
	return to - from
}

// posrelat makes a position that counts from the end one from the start.
func posrelat(at int64, n int) int64 {
	if at < 0 {
		at = max(at+int64(n)+1, 0)
	}
	return at
}

func (s *State) stringChar(L *lua.LState) int {
	n := L.GetTop()
	b := make([]byte, n)
	for i := 1; i <= n; i++ {
		c := s.checkInt(L, i)
		if c < 0 || c > 255 {
			s.badArgument(L, i, "invalid value")
		}
		b[i-1] = byte(c)
	}
	L.Push(lua.LString(b))
	return 1
}

func (s *State) stringDump(L *lua.LState) int {
	s.checkFunction(L, 1)
	L.RaiseError("unable to dump given function")
	return 0
}

// newMatcher makes a matcher for the pattern that is argument n.
func (s *State) newMatcher(L *lua.LState, subject string, n int) *matcher {
	pattern := s.checkText(L, n)
	if i := strings.IndexByte(pattern, 0); i >= 0 {
		pattern = pattern[:i]
	}
	return &matcher{subject: subject, pattern: pattern, tick: func() { s.tick(L) }}
}

// tick lets a long operation be interrupted like a script.
func (s *State) tick(L *lua.LState) {
	s.meter.look()
	if s.meter.why != nil {
		L.RaiseError("%s", s.meter.why.Error())
	}
}

// guard turns what is wrong with a pattern into an error of Lua. It is deferred.
func guard(L *lua.LState) {
	if r := recover(); r != nil { //nolint:revive // it is
		wrong, ok := r.(patternError)
		if !ok {
			panic(r)
		}
		L.RaiseError("%s", string(wrong))
	}
}

// pushCaptures pushes what a match captured, or all of it if there are no
// captures and whole asks for that.
func (m *matcher) pushCaptures(L *lua.LState, from, to int, whole bool) int {
	if len(m.captures) == 0 && whole {
		L.Push(lua.LString(m.subject[from:to]))
		return 1
	}
	for i := range m.captures {
		L.Push(m.captured(i, from, to))
	}
	return len(m.captures)
}

// captured returns a capture.
func (m *matcher) captured(i, from, to int) lua.LValue {
	if i >= len(m.captures) {
		if i != 0 {
			panic(patternError("invalid capture index"))
		}
		return lua.LString(m.subject[from:to])
	}
	switch c := m.captures[i]; c.length {
	case captureOpen:
		panic(patternError("unfinished capture"))
	case capturePosition:
		return lua.LNumber(c.start + 1)
	default:
		return lua.LString(m.subject[c.start : c.start+c.length])
	}
}

func (s *State) stringFind(L *lua.LState) int  { return s.search(L, true) }
func (s *State) stringMatch(L *lua.LState) int { return s.search(L, false) }

func (s *State) search(L *lua.LState, find bool) int {
	defer guard(L)
	subject := s.checkText(L, 1)
	m := s.newMatcher(L, subject, 2)
	at := int(min(max(posrelat(s.optInt(L, 3, 1), len(subject))-1, 0), int64(len(subject))))
	if find && (lua.LVAsBool(L.Get(4)) || !strings.ContainsAny(m.pattern, "^$*+?.([%-")) {
		plain := s.checkText(L, 2)
		if i := strings.Index(subject[at:], plain); i >= 0 {
			L.Push(lua.LNumber(at + i + 1))
			L.Push(lua.LNumber(at + i + len(plain)))
			return 2
		}
		L.Push(lua.LNil)
		return 1
	}
	p := 0
	anchored := strings.HasPrefix(m.pattern, "^")
	if anchored {
		p = 1
	}
	for ; at <= len(subject); at++ {
		m.reset()
		if end := m.match(at, p); end >= 0 {
			if !find {
				return m.pushCaptures(L, at, end, true)
			}
			L.Push(lua.LNumber(at + 1))
			L.Push(lua.LNumber(end))
			return 2 + m.pushCaptures(L, at, end, false)
		}
		if anchored {
			break
		}
	}
	L.Push(lua.LNil)
	return 1
}

func (s *State) stringGmatch(L *lua.LState) int {
	m := s.newMatcher(L, s.checkText(L, 1), 2)
	at := 0
	L.Push(L.NewFunction(func(L *lua.LState) int {
		defer guard(L)
		m.tick = func() { s.tick(L) }
		for ; at <= len(m.subject); at++ {
			m.reset()
			if end := m.match(at, 0); end >= 0 {
				from := at
				at = end
				if end == from {
					at++
				}
				return m.pushCaptures(L, from, end, true)
			}
		}
		return 0
	}))
	return 1
}

func (s *State) stringGsub(L *lua.LState) int {
	defer guard(L)
	subject := s.checkText(L, 1)
	m := s.newMatcher(L, subject, 2)
	replacement := L.Get(3)
	switch replacement.Type() {
	case lua.LTString, lua.LTNumber, lua.LTFunction, lua.LTTable:
	default:
		s.badArgument(L, 3, "string/function/table expected")
	}
	most := s.optInt(L, 4, int64(len(subject))+1)
	p := 0
	if strings.HasPrefix(m.pattern, "^") {
		p = 1
	}
	var b strings.Builder
	at, count := 0, int64(0)
	for count < most {
		m.reset()
		end := m.match(at, p)
		if end >= 0 {
			count++
			had := b.Len()
			s.replace(L, &b, m, at, end, replacement)
			s.meter.charge(L, b.Len()-had)
		}
		switch {
		case end > at:
			at = end
		case at < len(subject):
			b.WriteByte(subject[at])
			at++
		default:
			at++
		}
		if at > len(subject) || p == 1 {
			break
		}
	}
	if at < len(subject) {
		b.WriteString(subject[at:])
	}
	s.meter.charge(L, len(subject))
	L.Push(lua.LString(b.String()))
	L.Push(lua.LNumber(count))
	return 2
}

// replace writes what stands in the place of a match.
func (s *State) replace(L *lua.LState, b *strings.Builder, m *matcher, from, to int, by lua.LValue) {
	var value lua.LValue
	switch x := by.(type) {
	case *lua.LFunction:
		L.Push(x)
		depth := m.captures
		n := m.pushCaptures(L, from, to, true)
		L.Call(n, 1)
		m.captures = depth
		value = L.Get(-1)
		L.Pop(1)
	case *lua.LTable:
		value = L.GetTable(x, m.captured(0, from, to))
	default:
		text, _ := toText(by)
		expand(b, m, from, to, text)
		return
	}
	if !lua.LVAsBool(value) {
		b.WriteString(m.subject[from:to])
		return
	}
	text, ok := toText(value)
	if !ok {
		L.RaiseError("invalid replacement value (a %s)", value.Type().String())
	}
	b.WriteString(text)
}

// expand writes a replacement with the captures it names.
func expand(b *strings.Builder, m *matcher, from, to int, text string) {
	for i := 0; i < len(text); i++ {
		plain := strings.IndexByte(text[i:], '%')
		if plain < 0 {
			b.WriteString(text[i:])
			return
		}
		b.WriteString(text[i : i+plain])
		i += plain + 1
		switch {
		case i >= len(text):
			b.WriteByte(0)
		case text[i] == '0':
			b.WriteString(m.subject[from:to])
		case text[i]-'1' < 9:
			part, _ := toText(m.captured(int(text[i]-'1'), from, to))
			b.WriteString(part)
		default:
			b.WriteByte(text[i])
		}
	}
}
