package script

import (
	"math"

	lua "github.com/yuin/gopher-lua"
)

// jsonWriter writes a value as JSON.
type jsonWriter struct {
	s *State
	L *lua.LState
	j *jsonSettings
	b []byte
}

func (s *State) jsonEncode(L *lua.LState, j *jsonSettings) int {
	if L.GetTop() != 1 {
		s.badArgument(L, 1, "expected 1 argument")
	}
	w := &jsonWriter{s: s, L: L, j: j}
	w.value(L.Get(1), 0)
	L.Push(lua.LString(w.b))
	return 1
}

func (w *jsonWriter) refuse(v lua.LValue, reason string) {
	w.L.RaiseError("Cannot serialise %s: %s", v.Type().String(), reason)
}

func (w *jsonWriter) value(v lua.LValue, depth int) {
	switch x := v.(type) {
	case lua.LString:
		w.text(string(x))
	case lua.LNumber:
		w.number(x)
	case lua.LBool:
		if x {
			w.b = append(w.b, "true"...)
		} else {
			w.b = append(w.b, "false"...)
		}
	case *lua.LNilType:
		w.b = append(w.b, "null"...)
	case *lua.LTable:
		if depth++; depth > w.j.encodeDepth {
			w.L.RaiseError("Cannot serialise, excessive nesting (%d)", depth)
		}
		if depth > nestedMost {
			w.L.RaiseError("stack overflow")
		}
		w.table(w.s.seen(x), depth)
	default:
		if v == lua.LValue(null) {
			w.b = append(w.b, "null"...)
			return
		}
		w.refuse(v, "type not supported")
	}
}

func (w *jsonWriter) table(t *lua.LTable, depth int) {
	n := w.arrayLength(t)
	if n <= 0 {
		w.object(t, depth)
		return
	}
	w.b = append(w.b, '[')
	for i := 1; i <= n; i++ {
		if i > 1 {
			w.b = append(w.b, ',')
		}
		w.charge(1)
		w.value(t.RawGet(lua.LNumber(i)), depth)
	}
	w.b = append(w.b, ']')
}

func (w *jsonWriter) charge(n int) { w.s.meter.charge(w.L, n) }

// arrayLength returns how long an array a table is, -1 if it is none.
func (w *jsonWriter) arrayLength(t *lua.LTable) int {
	items, most := 0, 0.0
	for k, _ := t.Next(lua.LNil); k != lua.LNil; k, _ = t.Next(k) {
		f, ok := k.(lua.LNumber)
		if !ok || f < 1 || float64(f) != math.Floor(float64(f)) {
			return -1
		}
		most = max(most, float64(f))
		items++
	}
	j := w.j
	if j.sparseRatio > 0 && most > float64(items)*float64(j.sparseRatio) && most > float64(j.sparseSafe) {
		if !j.sparseConvert {
			w.refuse(t, "excessively sparse array")
		}
		return -1
	}
	return int(most)
}

func (w *jsonWriter) object(t *lua.LTable, depth int) {
	w.b = append(w.b, '{')
	first := true
	for k, v := t.Next(lua.LNil); k != lua.LNil; k, v = t.Next(k) {
		if !first {
			w.b = append(w.b, ',')
		}
		first = false
		switch key := k.(type) {
		case lua.LNumber:
			w.b = append(w.b, '"')
			w.number(key)
			w.b = append(w.b, '"')
		case lua.LString:
			w.text(string(key))
		default:
			w.refuse(k, "table key must be a number or string")
		}
		w.b = append(w.b, ':')
		w.value(v, depth)
	}
	w.b = append(w.b, '}')
}

func (w *jsonWriter) number(n lua.LNumber) {
	f := float64(n)
	w.charge(8)
	if math.IsNaN(f) || math.IsInf(f, 0) {
		switch w.j.encodeInvalid {
		case "off":
			w.refuse(n, "must not be NaN or Inf")
		case "null":
			w.b = append(w.b, "null"...)
			return
		}
		switch {
		case math.IsNaN(f):
			w.b = append(w.b, "nan"...)
		default:
			w.b = append(w.b, formatG(f, w.j.precision)...)
		}
		return
	}
	w.b = append(w.b, formatG(f, w.j.precision)...)
}

const hexDigits = "0123456789abcdef"

func (w *jsonWriter) text(text string) {
	w.charge(len(text))
	w.b = append(w.b, '"')
	for i := range len(text) {
		switch c := text[i]; c {
		case '"', '\\', '/':
			w.b = append(w.b, '\\', c)
		case '\b':
			w.b = append(w.b, '\\', 'b')
		case '\t':
			w.b = append(w.b, '\\', 't')
		case '\n':
			w.b = append(w.b, '\\', 'n')
		case '\f':
			w.b = append(w.b, '\\', 'f')
		case '\r':
			w.b = append(w.b, '\\', 'r')
		default:
			if c < ' ' || c == 0x7f {
				w.b = append(w.b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
			} else {
				w.b = append(w.b, c)
			}
		}
	}
	w.b = append(w.b, '"')
}
