package vector

import (
	"bytes"
	"strings"
)

// jsonNesting bounds how deep values may lie in one another.
const jsonNesting = 64

// fieldOf returns the value of a field of a JSON object: of the first of that name.
// Only what stands in front of it is looked at. A value that is an object, or a
// tuple with one in it, or not JSON, is none.
func fieldOf(attr []byte, name string) (v value, ok bool) {
	j := json{attr}
	if j.skip(); !j.take('{') {
		return v, false
	}
	for {
		j.skip()
		key, plain, ok := j.text()
		if !ok {
			return v, false
		}
		if j.skip(); !j.take(':') {
			return v, false
		}
		j.skip()
		if plain && string(key) == name {
			return j.value(0)
		}
		if !j.pass() {
			return v, false
		}
		if j.skip(); !j.take(',') {
			return v, false
		}
	}
}

// json is text that is read from the front.
type json struct{ rest []byte }

func (j *json) skip() { j.rest = bytes.TrimLeft(j.rest, " \t\r\n") }

func (j *json) take(b byte) bool {
	if len(j.rest) == 0 || j.rest[0] != b {
		return false
	}
	j.rest = j.rest[1:]
	return true
}

// text reads a string and returns what is between its quotes, and whether that is
// to be taken as it stands.
func (j *json) text() (s []byte, plain, ok bool) {
	if !j.take('"') {
		return nil, false, false
	}
	plain = true
	for i := 0; i < len(j.rest); i++ {
		switch j.rest[i] {
		case '\\':
			plain = false
			i++
		case '"':
			s = j.rest[:i]
			j.rest = j.rest[i+1:]
			return s, plain, true
		}
	}
	return nil, false, false
}

// unescape resolves what backslashes stand for. That of \u stands for nothing.
func unescape(s []byte) []byte {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		b := s[i]
		if b == '\\' && i+1 < len(s) {
			i++
			switch b = s[i]; b {
			case 'n':
				b = '\n'
			case 'r':
				b = '\r'
			case 't':
				b = '\t'
			}
		}
		out = append(out, b)
	}
	return out
}

// value reads a value.
func (j *json) value(nesting int) (v value, ok bool) {
	if len(j.rest) == 0 || nesting > jsonNesting {
		return v, false
	}
	switch b := j.rest[0]; {
	case b == '"':
		s, plain, ok := j.text()
		if ok && !plain {
			s = unescape(s)
		}
		return value{kind: isString, str: s}, ok
	case b == '[':
		return j.tuple(nesting)
	case isDigit(b), b == '-':
		n, ok := parseFloat(j.number())
		return number(n), ok
	}
	for _, w := range []struct {
		word  string
		value value
	}{{"true", number(1)}, {"false", number(0)}, {"null", value{kind: isNull}}} {
		if rest, found := bytes.CutPrefix(j.rest, []byte(w.word)); found {
			j.rest = rest
			return w.value, true
		}
	}
	return v, false
}

func (j *json) number() []byte {
	n := 0
	for n < len(j.rest) && (isDigit(j.rest[n]) || strings.IndexByte("+-.eE", j.rest[n]) >= 0) {
		n++
	}
	word := j.rest[:n]
	j.rest = j.rest[n:]
	return word
}

func (j *json) tuple(nesting int) (v value, ok bool) {
	v.kind = isTuple
	j.take('[')
	if j.skip(); j.take(']') {
		return v, true
	}
	for {
		j.skip()
		item, ok := j.value(nesting + 1)
		if !ok {
			return v, false
		}
		v.tuple = append(v.tuple, item)
		if j.skip(); j.take(']') {
			return v, true
		}
		if !j.take(',') {
			return v, false
		}
	}
}

// pass goes past a value of any kind. Of objects and arrays only where they end is
// looked for.
func (j *json) pass() bool {
	if len(j.rest) == 0 {
		return false
	}
	if b := j.rest[0]; b != '{' && b != '[' {
		_, ok := j.value(0)
		return ok
	}
	depth := 0
	for len(j.rest) > 0 {
		switch j.rest[0] {
		case '"':
			if _, _, ok := j.text(); !ok {
				return false
			}
			continue
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		}
		j.rest = j.rest[1:]
		if depth == 0 {
			return true
		}
	}
	return false
}
