package script

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
)

// payloadBytesMax bounds what one argument may expand to: Redis' own bulk limit and a little more,
// so that a case can step over it.
const payloadBytesMax = 513 << 20

// Template is an argument or a payload: literal bytes, repetitions and variables, one after another.
type Template []part

// part is one piece of a template: times copies of text, or, when variable is set, its value.
type part struct {
	text     []byte
	times    int
	variable string
}

// Expand builds the bytes. A variable that no earlier step set is an error.
func (t Template) Expand(variables map[string]string) ([]byte, error) {
	var out []byte
	for _, p := range t {
		if p.variable == "" {
			out = append(out, bytes.Repeat(p.text, p.times)...)
			continue
		}
		value, ok := variables[p.variable]
		if !ok {
			return nil, fmt.Errorf("no step before this one set ${%s}", p.variable)
		}
		out = append(out, value...)
	}
	return out, nil
}

// Literal is the template's text when it holds nothing to expand.
func (t Template) Literal() (string, bool) {
	var b strings.Builder
	for _, p := range t {
		if p.variable != "" || p.times != 1 {
			return "", false
		}
		b.Write(p.text)
	}
	return b.String(), true
}

func (t *Template) literal(c ...byte) {
	if n := len(*t); n > 0 && (*t)[n-1].variable == "" && (*t)[n-1].times == 1 {
		(*t)[n-1].text = append((*t)[n-1].text, c...)
		return
	}
	*t = append(*t, part{text: bytes.Clone(c), times: 1})
}

// scanner walks over one line of a case file.
type scanner struct {
	line string
	at   int
}

func (s *scanner) rest() string { return s.line[s.at:] }

func (s *scanner) skipBlanks() {
	for s.at < len(s.line) && (s.line[s.at] == ' ' || s.line[s.at] == '\t') {
		s.at++
	}
}

// word reads one argument: everything up to a blank, where quoted strings and generators may hold
// blanks.
func (s *scanner) word() (Template, error) {
	t := Template{}
	for s.at < len(s.line) {
		var err error
		switch c := s.line[s.at]; {
		case c == ' ' || c == '\t':
			return t, nil
		case c == '"':
			err = s.doubleQuoted(&t)
		case c == '\'':
			err = s.singleQuoted(&t)
		default:
			err = s.bare(&t)
		}
		if err != nil {
			return nil, err
		}
	}
	return t, nil
}

// text reads the rest of the line as it stands, blanks and quotes included, expanding generators.
// It is how lines of a protocol that knows no quoting are written.
func (s *scanner) text() (Template, error) {
	t := Template{}
	for s.at < len(s.line) {
		if err := s.bare(&t); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// bare reads repeat("text", n) or ${name} if one of them is next, else one byte.
func (s *scanner) bare(t *Template) error {
	if strings.HasPrefix(s.rest(), "${") {
		return s.variable(t)
	}
	if strings.HasPrefix(s.rest(), `repeat("`) {
		return s.repetition(t)
	}
	t.literal(s.line[s.at])
	s.at++
	return nil
}

func (s *scanner) variable(t *Template) error {
	name, _, ok := strings.Cut(s.line[s.at+2:], "}")
	if !ok || !isName(name) {
		return fmt.Errorf("%q is no variable: write ${name}", s.rest())
	}
	*t = append(*t, part{variable: name})
	s.at += len("${}") + len(name)
	return nil
}

func (s *scanner) repetition(t *Template) error {
	bad := fmt.Errorf(`%q: write repeat("text", count)`, s.rest())
	s.at += len("repeat(")
	inner := Template{}
	if err := s.doubleQuoted(&inner); err != nil {
		return err
	}
	text, ok := inner.Literal()
	count, _, closed := strings.Cut(s.rest(), ")")
	digits, comma := strings.CutPrefix(strings.TrimSpace(count), ",")
	if !ok || !closed || !comma {
		return bad
	}
	n, err := strconv.Atoi(strings.TrimSpace(digits))
	if err != nil || n < 0 || n*len(text) > payloadBytesMax {
		return bad
	}
	*t = append(*t, part{text: []byte(text), times: n})
	s.at += len(count) + 1
	return nil
}

// doubleQuoted reads a string with redis-cli's escapes: \n \r \t \a \b \xHH, and \ before any other
// byte stands for that byte. Variables are expanded in it; \$ keeps a dollar sign a dollar sign.
func (s *scanner) doubleQuoted(t *Template) error {
	opening := s.at
	s.at++
	t.literal() // so that "" is an argument
	for s.at < len(s.line) {
		c := s.line[s.at]
		switch {
		case c == '"':
			s.at++
			return nil
		case c == '\\' && s.at+1 < len(s.line):
			if err := s.escape(t); err != nil {
				return err
			}
		case strings.HasPrefix(s.rest(), "${"):
			if err := s.variable(t); err != nil {
				return err
			}
		default:
			t.literal(c)
			s.at++
		}
	}
	return fmt.Errorf("the quote in %q is never closed", s.line[opening:])
}

func (s *scanner) escape(t *Template) error {
	c := s.line[s.at+1]
	if c == 'x' {
		if s.at+4 > len(s.line) {
			return fmt.Errorf(`%q: \x takes two hexadecimal digits`, s.rest())
		}
		n, err := strconv.ParseUint(s.line[s.at+2:s.at+4], 16, 8)
		if err != nil {
			return fmt.Errorf(`%q: \x takes two hexadecimal digits`, s.rest())
		}
		t.literal(byte(n))
		s.at += 4
		return nil
	}
	if i := strings.IndexByte("nrtab", c); i >= 0 {
		c = "\n\r\t\a\b"[i]
	}
	t.literal(c)
	s.at += 2
	return nil
}

func (s *scanner) singleQuoted(t *Template) error {
	opening := s.at
	s.at++
	t.literal()
	for s.at < len(s.line) {
		c := s.line[s.at]
		if c == '\'' {
			s.at++
			return nil
		}
		if strings.HasPrefix(s.rest(), `\'`) {
			s.at++
			c = '\''
		}
		t.literal(c)
		s.at++
	}
	return fmt.Errorf("the quote in %q is never closed", s.line[opening:])
}

func isName(s string) bool {
	for i := range len(s) {
		c := s[i]
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return s != ""
}
