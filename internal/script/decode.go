package script

import (
	"bytes"
	"strconv"

	lua "github.com/yuin/gopher-lua"
)

// decodeReply turns the reply of a command into a value and drops it.
func (s *State) decodeReply() lua.LValue {
	out := s.host.Output()
	b := out.Front()
	if len(b) < out.Len() {
		s.reply = s.reply[:0]
		for _, piece := range out.Vector(nil, 1<<30) {
			s.reply = append(s.reply, piece...)
		}
		b = s.reply
	}
	if s.debugger.stepping() {
		s.debugger.tellReply(b)
	}
	d := decoder{s: s, b: b}
	v := d.value()
	out.Discard(out.Len())
	if cap(s.reply) > keptArgs {
		s.reply = nil
	}
	return v
}

// decoder reads a reply that this server made, so it is whole.
type decoder struct {
	s *State
	b []byte
}

// line reads as far as the line end.
func (d *decoder) line() []byte {
	i := bytes.IndexByte(d.b, '\r')
	line := d.b[:i]
	d.b = d.b[i+2:]
	return line
}

func (d *decoder) number() int {
	line := d.line()
	if len(line) == 1 {
		return int(line[0] - '0')
	}
	n, _ := strconv.Atoi(string(line))
	return n
}

// take reads n bytes and a line end.
func (d *decoder) take(n int) lua.LString {
	text := lua.LString(d.b[:n])
	d.b = d.b[n+2:]
	return text
}

func (d *decoder) value() lua.LValue {
	kind := d.b[0]
	d.b = d.b[1:]
	switch kind {
	case '$':
		n := d.number()
		if n < 0 {
			return lua.LFalse
		}
		return d.take(n)
	case ':':
		return lua.LNumber(d.number())
	case '+':
		return d.field("ok", lua.LString(d.line()))
	case '-':
		e := d.field("err", lua.LString(withCode("-"+string(d.line()))))
		e.RawSetString("ignore_error_stats_update", lua.LTrue)
		return e
	case '*', '>':
		n := d.number()
		if n < 0 {
			return lua.LFalse
		}
		return d.array(n)
	}
	return d.resp3(kind)
}

func (d *decoder) resp3(kind byte) lua.LValue {
	switch kind {
	case '%':
		t := d.s.L.NewTable()
		for range d.number() {
			key := d.value()
			t.RawSet(key, d.value())
		}
		return d.field("map", t)
	case '~':
		t := d.s.L.NewTable()
		for range d.number() {
			t.RawSet(d.value(), lua.LTrue)
		}
		return d.field("set", t)
	case '#':
		return lua.LBool(string(d.line()) == "t")
	case ',':
		f, _ := strconv.ParseFloat(string(d.line()), 64)
		return d.field("double", lua.LNumber(f))
	case '(':
		return d.field("big_number", lua.LString(d.line()))
	case '=':
		text := d.take(d.number())
		t := d.s.L.NewTable()
		t.RawSetString("format", text[:3])
		t.RawSetString("string", text[4:])
		return d.field("verbatim_string", t)
	}
	d.line() // a null
	return lua.LNil
}

func (d *decoder) field(name string, v lua.LValue) *lua.LTable {
	t := d.s.L.CreateTable(0, 2)
	t.RawSetString(name, v)
	return t
}

func (d *decoder) array(n int) *lua.LTable {
	t := d.s.L.CreateTable(n, 0)
	for i := range n {
		t.RawSetInt(i+1, d.value())
	}
	return t
}
