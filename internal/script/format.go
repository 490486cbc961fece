package script

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// formatPlain is the length from which a string without a precision is taken as
// it is, in bytes.
const formatPlain = 100

func (s *State) stringFormat(L *lua.LState) int {
	format := s.checkText(L, 1)
	var b strings.Builder
	arg := 1
	for i := 0; i < len(format); {
		if format[i] != '%' {
			b.WriteByte(format[i])
			i++
			continue
		}
		if i++; i < len(format) && format[i] == '%' {
			b.WriteByte('%')
			i++
			continue
		}
		if arg++; arg > L.GetTop() {
			s.badArgument(L, arg, "no value")
		}
		spec := s.formatSpec(L, format[i:])
		i += len(spec)
		var verb byte
		if i < len(format) {
			verb = format[i]
		}
		i++
		had := b.Len()
		s.formatOne(L, &b, spec, verb, arg)
		s.meter.charge(L, b.Len()-had)
	}
	L.Push(lua.LString(b.String()))
	return 1
}

// formatSpec returns the flags, the width and the precision at the start of a format.
func (s *State) formatSpec(L *lua.LState, format string) string {
	n := 0
	for n < len(format) && strings.IndexByte("-+ #0", format[n]) >= 0 {
		n++
	}
	if n >= 6 {
		L.RaiseError("invalid format (repeated flags)")
	}
	digits := func() {
		for most := n + 2; n < most && n < len(format) && format[n]-'0' <= 9; n++ {
		}
	}
	digits()
	if n < len(format) && format[n] == '.' {
		n++
		digits()
	}
	if n < len(format) && format[n]-'0' <= 9 {
		L.RaiseError("invalid format (width or precision too long)")
	}
	return format[:n]
}

func (s *State) formatOne(L *lua.LState, b *strings.Builder, spec string, verb byte, arg int) {
	switch verb {
	case 'c':
		writeC(b, fmt.Sprintf("%"+strings.ReplaceAll(spec, "0", "")+"s", string([]byte{byte(s.checkInt(L, arg))})))
	case 'd', 'i':
		fmt.Fprintf(b, "%"+integerSpec(spec)+"d", s.checkInt(L, arg))
	case 'u':
		fmt.Fprintf(b, "%"+integerSpec(spec)+"d", toUint64(s.checkNumber(L, arg)))
	case 'o', 'x', 'X':
		fmt.Fprintf(b, "%"+integerSpec(spec)+string(verb), toUint64(s.checkNumber(L, arg)))
	case 'e', 'E', 'f', 'g', 'G':
		b.WriteString(formatFloat(spec, verb, s.checkNumber(L, arg)))
	case 'q':
		quote(b, s.checkText(L, arg))
	case 's':
		text := s.checkText(L, arg)
		if len(text) >= formatPlain && !strings.Contains(spec, ".") {
			b.WriteString(text)
			return
		}
		if i := strings.IndexByte(text, 0); i >= 0 {
			text = text[:i]
		}
		b.WriteString(pad(spec, text))
	default:
		shown := string([]byte{verb})
		if verb == 0 {
			shown = ""
		}
		L.RaiseError("invalid option '%%%s' to 'format'", spec+shown)
	}
}

// toUint64 is C's conversion of a number to an unsigned integer.
func toUint64(f float64) uint64 {
	if f >= 1<<63 && f < 1<<64 {
		return uint64(f)
	}
	return uint64(toInt64(f))
}

// integerSpec drops the flag 0 where C ignores it and Go does not.
func integerSpec(spec string) string {
	if strings.Contains(spec, ".") || strings.HasPrefix(spec, "-") {
		flags := len(spec) - len(strings.TrimLeft(spec, "-+ #0"))
		return strings.ReplaceAll(spec[:flags], "0", "") + spec[flags:]
	}
	return spec
}

// split takes a spec apart.
func split(spec string) (flags string, width, precision int) {
	rest := strings.TrimLeft(spec, "-+ #0")
	flags = spec[:len(spec)-len(rest)]
	w, p, point := strings.Cut(rest, ".")
	width, _ = strconv.Atoi(w)
	precision = -1
	if point {
		precision, _ = strconv.Atoi(p)
	}
	return flags, width, precision
}

// pad pads a text in bytes, as C does.
func pad(spec, text string) string {
	flags, width, precision := split(spec)
	if precision >= 0 && precision < len(text) {
		text = text[:precision]
	}
	fill := strings.Repeat(" ", max(width-len(text), 0))
	if strings.Contains(flags, "-") {
		return text + fill
	}
	return fill + text
}

func formatFloat(spec string, verb byte, f float64) string {
	flags, width, precision := split(spec)
	if math.IsInf(f, 0) || math.IsNaN(f) {
		text := formatG(f, numberDigits)
		if !strings.HasPrefix(text, "-") {
			switch {
			case strings.Contains(flags, "+"):
				text = "+" + text
			case strings.Contains(flags, " "):
				text = " " + text
			}
		}
		if verb < 'a' {
			text = strings.ToUpper(text)
		}
		return pad(strings.ReplaceAll(flags, "0", "")+strconv.Itoa(width), text)
	}
	if precision < 0 {
		precision = 6
	}
	if precision == 0 && verb|0x20 == 'g' {
		precision = 1
	}
	if strings.Contains(flags, "-") {
		flags = strings.ReplaceAll(flags, "0", "")
	}
	w := ""
	if width > 0 {
		w = strconv.Itoa(width)
	}
	return fmt.Sprintf("%"+flags+w+"."+strconv.Itoa(precision)+string(verb), f)
}

// writeC writes a text as far as its first zero byte.
func writeC(b *strings.Builder, text string) {
	if i := strings.IndexByte(text, 0); i >= 0 {
		text = text[:i]
	}
	b.WriteString(text)
}

// quote writes a string so that Lua can read it back.
func quote(b *strings.Builder, text string) {
	b.WriteByte('"')
	for i := range len(text) {
		switch c := text[i]; c {
		case '"', '\\', '\n':
			b.WriteByte('\\')
			b.WriteByte(c)
		case '\r':
			b.WriteString(`\r`)
		case 0:
			b.WriteString(`\000`)
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
}
