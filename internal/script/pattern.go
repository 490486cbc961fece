package script

import "strings"

// matcher matches one of Lua's patterns against a subject. Positions are
// indexes; -1 is no match. Errors are raised by panicking with patternError.
type matcher struct {
	subject, pattern string
	captures         []capture
	depth            int
	tick             func() // called now and then: matching may take very long
	steps            int
}

type capture struct {
	start, length int // length may be one of those below
}

const (
	captureOpen     = -1
	capturePosition = -2

	capturesMax  = 32
	patternDepth = 8000 // calls in one another
	tickSteps    = 4096
)

// patternError is why a pattern can't be used.
type patternError string

// reset forgets the captures before another attempt.
func (m *matcher) reset() { m.captures, m.depth = m.captures[:0], 0 }

// match matches the pattern from p on at s and returns where the match ends.
func (m *matcher) match(s, p int) int {
	if m.depth++; m.depth > patternDepth {
		panic(patternError("pattern too complex"))
	}
	defer func() { m.depth-- }()
	for {
		m.spend(1)
		if p == len(m.pattern) {
			return s
		}
		switch c := m.pattern[p]; {
		case c == '(':
			if p+1 < len(m.pattern) && m.pattern[p+1] == ')' {
				return m.open(s, p+2, capturePosition)
			}
			return m.open(s, p+1, captureOpen)
		case c == ')':
			return m.closeCapture(s, p+1)
		case c == '$' && p+1 == len(m.pattern):
			if s == len(m.subject) {
				return s
			}
			return -1
		case c == '%' && p+1 < len(m.pattern):
			switch next := m.pattern[p+1]; {
			case next == 'b':
				if s = m.balance(s, p+2); s < 0 {
					return -1
				}
				p += 4
				continue
			case next == 'f':
				p += 2
				if p >= len(m.pattern) || m.pattern[p] != '[' {
					panic(patternError("missing '[' after '%f' in pattern"))
				}
				end := m.classEnd(p)
				var before, here byte
				if s > 0 {
					before = m.subject[s-1]
				}
				if s < len(m.subject) {
					here = m.subject[s]
				}
				if m.inSet(before, p, end-1) || !m.inSet(here, p, end-1) {
					return -1
				}
				p = end
				continue
			case next-'0' <= 9:
				if s = m.back(s, next); s < 0 {
					return -1
				}
				p += 2
				continue
			}
		}
		end := m.classEnd(p)
		one := s < len(m.subject) && m.single(m.subject[s], p, end)
		var suffix byte
		if end < len(m.pattern) {
			suffix = m.pattern[end]
		}
		switch suffix {
		case '?':
			if one {
				if e := m.match(s+1, end+1); e >= 0 {
					return e
				}
			}
			p = end + 1
		case '*':
			return m.most(s, p, end)
		case '+':
			if !one {
				return -1
			}
			return m.most(s+1, p, end)
		case '-':
			return m.least(s, p, end)
		default:
			if !one {
				return -1
			}
			s, p = s+1, end
		}
	}
}

// spend notes so many steps, each of about ten nanoseconds.
func (m *matcher) spend(n int) {
	if m.steps += n; m.steps >= tickSteps {
		m.steps = 0
		m.tick()
	}
}

// setBytes is how much of a set is looked at in about one step.
const setBytes = 16

// classEnd returns where the item of the pattern at p ends.
func (m *matcher) classEnd(p int) int {
	c, start := m.pattern[p], p
	p++
	switch c {
	case '%':
		if p >= len(m.pattern) {
			panic(patternError("malformed pattern (ends with '%')"))
		}
		return p + 1
	case '[':
		if p < len(m.pattern) && m.pattern[p] == '^' {
			p++
		}
		for first := true; first || p < len(m.pattern) && m.pattern[p] != ']'; first = false {
			if p >= len(m.pattern) {
				break
			}
			p++
			if m.pattern[p-1] == '%' && p < len(m.pattern) {
				p++
			}
		}
		if p >= len(m.pattern) {
			panic(patternError("malformed pattern (missing ']')"))
		}
		m.spend((p - start) / setBytes)
		return p + 1
	}
	return p
}

func (m *matcher) single(c byte, p, end int) bool {
	switch m.pattern[p] {
	case '.':
		return true
	case '%':
		return inClass(c, m.pattern[p+1])
	case '[':
		return m.inSet(c, p, end-1)
	}
	return m.pattern[p] == c
}

// inSet reports whether c is in the set from the bracket at p to that at last.
func (m *matcher) inSet(c byte, p, last int) bool {
	in := true
	if m.pattern[p+1] == '^' {
		in = false
		p++
	}
	for p++; p < last; p++ {
		switch {
		case m.pattern[p] == '%':
			p++
			if inClass(c, m.pattern[p]) {
				return in
			}
		case m.pattern[p+1] == '-' && p+2 < last:
			if m.pattern[p] <= c && c <= m.pattern[p+2] {
				return in
			}
			p += 2
		case m.pattern[p] == c:
			return in
		}
	}
	return !in
}

// inClass reports whether c is in the class that a letter stands for. A capital
// stands for all that is not.
func inClass(c, class byte) bool {
	var in bool
	lower, upper, digit := c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c-'0' <= 9
	switch class | 0x20 {
	case 'a':
		in = lower || upper
	case 'c':
		in = c < ' ' || c == 0x7f
	case 'd':
		in = digit
	case 'l':
		in = lower
	case 'p':
		in = c > ' ' && c < 0x7f && !lower && !upper && !digit
	case 's':
		in = c == ' ' || c >= '\t' && c <= '\r'
	case 'u':
		in = upper
	case 'w':
		in = lower || upper || digit
	case 'x':
		in = digit || c|0x20 >= 'a' && c|0x20 <= 'f'
	case 'z':
		in = c == 0
	default:
		return class == c
	}
	if class >= 'a' && class <= 'z' {
		return in
	}
	if class >= 'A' && class <= 'Z' {
		return !in
	}
	return class == c
}

// most matches as many of an item as it can, least as few.
func (m *matcher) most(s, p, end int) int {
	n := 0
	for s+n < len(m.subject) && m.single(m.subject[s+n], p, end) {
		n++
		if n%setBytes == 0 {
			m.spend(1 + end - p)
		}
	}
	for ; n >= 0; n-- {
		if e := m.match(s+n, end+1); e >= 0 {
			return e
		}
	}
	return -1
}

func (m *matcher) least(s, p, end int) int {
	for {
		if e := m.match(s, end+1); e >= 0 {
			return e
		}
		if s >= len(m.subject) || !m.single(m.subject[s], p, end) {
			return -1
		}
		s++
	}
}

func (m *matcher) open(s, p, length int) int {
	if len(m.captures) >= capturesMax {
		panic(patternError("too many captures"))
	}
	m.captures = append(m.captures, capture{s, length})
	e := m.match(s, p)
	if e < 0 {
		m.captures = m.captures[:len(m.captures)-1]
	}
	return e
}

func (m *matcher) closeCapture(s, p int) int {
	i := len(m.captures) - 1
	for ; i >= 0 && m.captures[i].length != captureOpen; i-- {
	}
	if i < 0 {
		panic(patternError("invalid pattern capture"))
	}
	m.captures[i].length = s - m.captures[i].start
	e := m.match(s, p)
	if e < 0 {
		m.captures[i].length = captureOpen
	}
	return e
}

// back matches what a capture holds once more.
func (m *matcher) back(s int, digit byte) int {
	i := int(digit) - '1'
	if i < 0 || i >= len(m.captures) || m.captures[i].length == captureOpen {
		panic(patternError("invalid capture index"))
	}
	c := m.captures[i]
	if c.length < 0 {
		return -1
	}
	if strings.HasPrefix(m.subject[s:], m.subject[c.start:c.start+c.length]) {
		return s + c.length
	}
	return -1
}

func (m *matcher) balance(s, p int) int {
	if p+1 >= len(m.pattern) {
		panic(patternError("unbalanced pattern"))
	}
	if s >= len(m.subject) || m.subject[s] != m.pattern[p] {
		return -1
	}
	opening, closing, depth := m.pattern[p], m.pattern[p+1], 1
	for s++; s < len(m.subject); s++ {
		if s%setBytes == 0 {
			m.spend(1)
		}
		switch m.subject[s] {
		case closing:
			if depth--; depth == 0 {
				return s + 1
			}
		case opening:
			depth++
		}
	}
	return -1
}
