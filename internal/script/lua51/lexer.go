package lua51

import (
	"fmt"
	"strings"
)

// Error is why a source was refused, in the words of the reference.
type Error struct{ Message string }

func (e *Error) Error() string { return e.Message }

// lexer cuts a source into tokens. It panics with *Error.
type lexer struct {
	chunk string // what messages call the source
	src   string
	pos   int
	line  int
	start int // of the token being read
}

// at returns the byte at an offset from here, 0 beyond the end.
func (l *lexer) at(offset int) byte {
	if l.pos+offset < len(l.src) {
		return l.src[l.pos+offset]
	}
	return 0
}

func (l *lexer) ended() bool { return l.pos >= len(l.src) }

// fail refuses the source. near is what the message points at, "" for nothing.
func (l *lexer) fail(message, near string) {
	if near != "" {
		message += " near '" + near + "'"
	}
	panic(&Error{fmt.Sprintf("%s:%d: %s", l.chunk, l.line, message)})
}

// failHere refuses the source at what was read of the token so far.
func (l *lexer) failHere(message string) { l.fail(message, l.src[l.start:l.pos]) }

func isDigit(b byte) bool { return b-'0' <= 9 }
func isAlpha(b byte) bool { return b|0x20 >= 'a' && b|0x20 <= 'z' || b == '_' }

// newline steps over a line end, of one or two bytes.
func (l *lexer) newline() {
	first := l.at(0)
	l.pos++
	if next := l.at(0); (next == '\n' || next == '\r') && next != first && !l.ended() {
		l.pos++
	}
	l.line++
}

// next reads a token.
func (l *lexer) next() token {
	for !l.ended() {
		l.start = l.pos
		c := l.src[l.pos]
		switch {
		case c == '\n' || c == '\r':
			l.newline()
		case c == ' ' || c == '\t' || c == '\v' || c == '\f':
			l.pos++
		case c == '-' && l.at(1) == '-':
			l.comment()
		case c == '[' && (l.at(1) == '[' || l.at(1) == '='):
			return l.bracket()
		case c == '"' || c == '\'':
			return l.quoted(c)
		case isDigit(c) || c == '.' && isDigit(l.at(1)):
			return l.number()
		case isAlpha(c):
			return l.word()
		default:
			return l.symbol(c)
		}
	}
	l.start = l.pos
	return token{kind: tEOF}
}

func (l *lexer) symbol(c byte) token {
	l.pos++
	two := func(next byte, k kind) token {
		if l.at(0) != next {
			return token{kind: kind(c)}
		}
		l.pos++
		return token{kind: k}
	}
	switch c {
	case '=':
		return two('=', tEq)
	case '<':
		return two('=', tLE)
	case '>':
		return two('=', tGE)
	case '~':
		return two('=', tNE)
	case '.':
		t := two('.', tConcat)
		if t.kind == tConcat && l.at(0) == '.' {
			l.pos++
			t.kind = tDots
		}
		return t
	}
	return token{kind: kind(c)}
}

func (l *lexer) word() token {
	for isAlpha(l.at(0)) || isDigit(l.at(0)) {
		l.pos++
	}
	text := l.src[l.start:l.pos]
	if k, ok := reserved[text]; ok {
		return token{kind: k}
	}
	return token{kind: tName, text: text, raw: text}
}

func (l *lexer) number() token {
	for isDigit(l.at(0)) || l.at(0) == '.' {
		l.pos++
	}
	if c := l.at(0); c == 'e' || c == 'E' {
		if l.pos++; l.at(0) == '+' || l.at(0) == '-' {
			l.pos++
		}
	}
	for isAlpha(l.at(0)) || isDigit(l.at(0)) {
		l.pos++
	}
	text := l.src[l.start:l.pos]
	n, ok := ParseNumber(text)
	if !ok {
		l.failHere("malformed number")
	}
	return token{kind: tNumber, num: n, raw: text}
}

func (l *lexer) comment() {
	l.pos += 2
	if l.at(0) == '[' {
		if level, ok := l.opening(); ok {
			l.long(level, "unfinished long comment")
			return
		}
	}
	for !l.ended() && l.at(0) != '\n' && l.at(0) != '\r' {
		l.pos++
	}
}

// opening steps over "[", any number of "=" and another "[" and returns how many
// there were. Without the second bracket it stops there.
func (l *lexer) opening() (level int, ok bool) {
	for l.pos++; l.at(0) == '='; l.pos++ {
		level++
	}
	if l.at(0) != '[' {
		return level, false
	}
	l.pos++
	return level, true
}

func (l *lexer) bracket() token {
	level, ok := l.opening()
	if !ok {
		l.failHere("invalid long string delimiter")
	}
	text := l.long(level, "unfinished long string")
	return token{kind: tString, text: text, raw: l.src[l.start:l.pos]}
}

// long reads the rest of a long string or comment.
func (l *lexer) long(level int, unfinished string) string {
	if c := l.at(0); c == '\n' || c == '\r' {
		l.newline()
	}
	closing := "]" + strings.Repeat("=", level) + "]"
	var b strings.Builder
	for !l.ended() {
		c := l.src[l.pos]
		switch {
		case c == ']' && strings.HasPrefix(l.src[l.pos:], closing):
			l.pos += len(closing)
			return b.String()
		case c == '\n' || c == '\r':
			l.newline()
			b.WriteByte('\n')
		default:
			b.WriteByte(c)
			l.pos++
		}
	}
	l.fail(unfinished, "<eof>")
	return ""
}

func (l *lexer) quoted(quote byte) token {
	var b strings.Builder
	for l.pos++; ; {
		c := l.at(0)
		switch {
		case l.ended():
			l.fail("unfinished string", "<eof>")
		case c == '\n' || c == '\r':
			l.fail("unfinished string", string(quote)+b.String())
		case c == quote:
			l.pos++
			return token{kind: tString, text: b.String(), raw: l.src[l.start:l.pos]}
		case c == '\\':
			l.escape(quote, &b)
		default:
			b.WriteByte(c)
			l.pos++
		}
	}
}

const (
	escapes   = "abfnrtv"
	escapesTo = "\a\b\f\n\r\t\v"
)

func (l *lexer) escape(quote byte, b *strings.Builder) {
	l.pos++
	c := l.at(0)
	switch i := strings.IndexByte(escapes, c); {
	case l.ended(): // the string is unfinished
	case i >= 0:
		b.WriteByte(escapesTo[i])
		l.pos++
	case c == '\n' || c == '\r':
		b.WriteByte('\n')
		l.newline()
	case !isDigit(c):
		b.WriteByte(c)
		l.pos++
	default:
		n := 0
		for i := 0; i < 3 && isDigit(l.at(0)); i++ {
			n = n*10 + int(l.at(0)-'0')
			l.pos++
		}
		if n > 255 {
			l.fail("escape sequence too large", string(quote)+b.String())
		}
		b.WriteByte(byte(n))
	}
}
