package script

import (
	"strconv"
	"strings"
	"unicode/utf8"

	lua "github.com/yuin/gopher-lua"

	"github.com/crucible-cache/crucible/internal/script/lua51"
)

// jsonReader reads a value from JSON.
type jsonReader struct {
	s     *State
	L     *lua.LState
	j     *jsonSettings
	text  string
	pos   int
	depth int

	token jsonToken
	at    int    // where the token begins
	str   string // of a string; what is wrong, of an error
	num   float64
}

type jsonToken string

const (
	jsonObjBegin jsonToken = "T_OBJ_BEGIN"
	jsonObjEnd   jsonToken = "T_OBJ_END"
	jsonArrBegin jsonToken = "T_ARR_BEGIN"
	jsonArrEnd   jsonToken = "T_ARR_END"
	jsonString   jsonToken = "T_STRING"
	jsonNumber   jsonToken = "T_NUMBER"
	jsonBoolean  jsonToken = "T_BOOLEAN"
	jsonNull     jsonToken = "T_NULL"
	jsonColon    jsonToken = "T_COLON"
	jsonComma    jsonToken = "T_COMMA"
	jsonEnd      jsonToken = "T_END"
	jsonError    jsonToken = "T_ERROR"
)

func (s *State) jsonDecode(L *lua.LState, j *jsonSettings) int {
	if L.GetTop() != 1 {
		s.badArgument(L, 1, "expected 1 argument")
	}
	r := &jsonReader{s: s, L: L, j: j, text: s.checkText(L, 1)}
	if len(r.text) >= 2 && (r.text[0] == 0 || r.text[1] == 0) {
		L.RaiseError("JSON parser does not support UTF-16 or UTF-32")
	}
	r.next()
	v := r.value()
	if r.next(); r.token != jsonEnd {
		r.refuse("the end")
	}
	L.Push(v)
	return 1
}

// refuse ends the script: something else was expected than the token that came.
func (r *jsonReader) refuse(expected string) {
	found := string(r.token)
	if r.token == jsonError {
		found = r.str
	}
	r.L.RaiseError("Expected %s but found %s at character %d", expected, found, r.at+1)
}

func (r *jsonReader) wrong(message string) {
	r.token, r.str, r.at = jsonError, message, r.pos
}

// next reads a token.
func (r *jsonReader) next() {
	for r.pos < len(r.text) && strings.IndexByte(" \t\n\r", r.text[r.pos]) >= 0 {
		r.pos++
	}
	r.at = r.pos
	if r.pos >= len(r.text) {
		r.token = jsonEnd
		return
	}
	rest := r.text[r.pos:]
	switch c := rest[0]; {
	case strings.IndexByte("{}[]:,", c) >= 0:
		r.token = map[byte]jsonToken{
			'{': jsonObjBegin, '}': jsonObjEnd, '[': jsonArrBegin, ']': jsonArrEnd, ':': jsonColon, ',': jsonComma,
		}[c]
		r.pos++
	case c == '"':
		r.readString()
	case c == '-' || c-'0' <= 9:
		if !r.j.decodeInvalid && unusualNumber(rest) {
			r.wrong("invalid number")
			return
		}
		r.readNumber(rest)
	case strings.HasPrefix(rest, "true"):
		r.token, r.num, r.pos = jsonBoolean, 1, r.pos+4
	case strings.HasPrefix(rest, "false"):
		r.token, r.num, r.pos = jsonBoolean, 0, r.pos+5
	case strings.HasPrefix(rest, "null"):
		r.token, r.pos = jsonNull, r.pos+4
	case r.j.decodeInvalid && strings.IndexByte("nNiI+", c) >= 0 && unusualNumber(rest):
		r.readNumber(rest)
	default:
		r.wrong("invalid token")
	}
}

// unusualNumber reports whether a number is one that JSON has not, as far as
// its beginning shows.
func unusualNumber(text string) bool {
	if text[0] == '+' {
		return true
	}
	text = strings.TrimPrefix(text, "-")
	switch {
	case strings.HasPrefix(text, "0"):
		return len(text) > 1 && (text[1]|0x20 == 'x' || text[1]-'0' <= 9)
	case text != "" && text[0] <= '9':
		return false
	}
	word := strings.ToLower(text[:min(len(text), 3)])
	return word == "inf" || word == "nan"
}

func (r *jsonReader) readNumber(rest string) {
	n := numberLength(rest)
	f, ok := lua51.ParseNumber(rest[:n])
	if n == 0 || !ok {
		r.wrong("invalid number")
		return
	}
	r.token, r.num = jsonNumber, f
	r.pos += n
}

// numberLength returns how much of a text C's strtod would read.
func numberLength(text string) int {
	n := 0
	if n < len(text) && (text[n] == '-' || text[n] == '+') {
		n++
	}
	rest := strings.ToLower(text[n:min(len(text), n+8)])
	for _, word := range []string{"infinity", "inf", "nan"} {
		if strings.HasPrefix(rest, word) {
			return n + len(word)
		}
	}
	digits := func(hex bool) (count int) {
		for n < len(text) && (text[n]-'0' <= 9 || hex && text[n]|0x20 >= 'a' && text[n]|0x20 <= 'f') {
			n++
			count++
		}
		return count
	}
	hex := strings.HasPrefix(rest, "0x") && len(rest) > 2 && isHex(rest[2])
	exponent := byte('e')
	if hex {
		n += 2
		exponent = 'p'
	}
	count := digits(hex)
	if n < len(text) && text[n] == '.' {
		n++
		count += digits(hex)
	}
	if count == 0 {
		return 0
	}
	if n < len(text) && text[n]|0x20 == exponent {
		at := n
		if n++; n < len(text) && (text[n] == '-' || text[n] == '+') {
			n++
		}
		if digits(false) == 0 {
			n = at
		}
	}
	return n
}

func isHex(c byte) bool { return c-'0' <= 9 || c|0x20 >= 'a' && c|0x20 <= 'f' }

func (r *jsonReader) readString() {
	from := r.pos + 1
	i := from
	for i < len(r.text) && r.text[i] != '"' && r.text[i] != '\\' && r.text[i] != 0 {
		i++
	}
	if i < len(r.text) && r.text[i] == '"' {
		r.token, r.str, r.pos = jsonString, r.text[from:i], i+1
		return
	}
	b := []byte(r.text[from:i])
	for r.pos = i; ; {
		if r.pos >= len(r.text) || r.text[r.pos] == 0 {
			r.wrong("unexpected end of string")
			return
		}
		switch c := r.text[r.pos]; c {
		case '"':
			r.pos++
			r.token, r.str = jsonString, string(b)
			return
		case '\\':
			var ok bool
			if b, ok = r.escape(b); !ok {
				return
			}
		default:
			b = append(b, c)
			r.pos++
		}
	}
}

func (r *jsonReader) escape(b []byte) ([]byte, bool) {
	var c byte
	if r.pos+1 < len(r.text) {
		c = r.text[r.pos+1]
	}
	if i := strings.IndexByte(`"\/bfnrt`, c); i >= 0 && c != 0 {
		r.pos += 2
		return append(b, "\"\\/\b\f\n\r\t"[i]), true
	}
	if c != 'u' {
		r.wrong("invalid escape code")
		return b, false
	}
	code, ok := r.unicode(r.pos)
	n := 6
	if ok && code&0xf800 == 0xd800 {
		low, ok2 := r.unicode(r.pos + 6)
		if code&0x400 != 0 || !ok2 || low&0xfc00 != 0xdc00 {
			ok = false
		}
		code = (code&0x3ff)<<10 + low&0x3ff + 0x10000
		n = 12
	}
	if !ok {
		r.wrong("invalid unicode escape code")
		return b, false
	}
	r.pos += n
	return utf8.AppendRune(b, rune(code)), true
}

// unicode reads the four digits of an escape at a position.
func (r *jsonReader) unicode(at int) (int, bool) {
	if at+6 > len(r.text) || r.text[at] != '\\' || r.text[at+1] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(r.text[at+2:at+6], 16, 32)
	return int(n), err == nil
}

// value reads the value that begins with the token at hand.
func (r *jsonReader) value() lua.LValue {
	r.s.meter.charge(r.L, 16+len(r.str))
	switch r.token {
	case jsonString:
		return lua.LString(r.str)
	case jsonNumber:
		return lua.LNumber(r.num)
	case jsonBoolean:
		return lua.LBool(r.num != 0)
	case jsonNull:
		return null
	case jsonObjBegin:
		return r.object()
	case jsonArrBegin:
		return r.array()
	}
	r.refuse("value")
	return nil
}

func (r *jsonReader) descend() {
	if r.depth++; r.depth > min(r.j.decodeDepth, nestedMost) {
		r.L.RaiseError("Found too many nested data structures (%d) at character %d", r.depth, r.pos)
	}
}

func (r *jsonReader) object() lua.LValue {
	r.descend()
	t := r.L.NewTable()
	if r.next(); r.token == jsonObjEnd {
		r.depth--
		return t
	}
	for {
		if r.token != jsonString {
			r.refuse("object key string")
		}
		key := r.str
		if r.next(); r.token != jsonColon {
			r.refuse("colon")
		}
		r.next()
		t.RawSetString(key, r.value())
		r.next()
		if r.token == jsonObjEnd {
			r.depth--
			return t
		}
		if r.token != jsonComma {
			r.refuse("comma or object end")
		}
		r.next()
	}
}

func (r *jsonReader) array() lua.LValue {
	r.descend()
	t := r.L.NewTable()
	if r.next(); r.token == jsonArrEnd {
		r.depth--
		return t
	}
	for i := 1; ; i++ {
		t.RawSetInt(i, r.value())
		r.next()
		if r.token == jsonArrEnd {
			r.depth--
			return t
		}
		if r.token != jsonComma {
			r.refuse("comma or array end")
		}
		r.next()
	}
}
