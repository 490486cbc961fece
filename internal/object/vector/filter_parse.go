package vector

import (
	"bytes"
	"strconv"
	"strings"
)

// operator is one of an expression's, or a parenthesis.
type operator uint8

const (
	opOr operator = iota
	opAnd
	opGreater
	opGreaterEqual
	opLess
	opLessEqual
	opEqual
	opUnequal
	opIn
	opPlus
	opMinus
	opTimes
	opOver
	opModulo
	opPower
	opNot
	opOpen
	opClose
)

// operators are the words for them and how strongly they bind.
var operators = []struct {
	word  string
	op    operator
	binds int
}{
	{"or", opOr, 0},
	{"||", opOr, 0},
	{"and", opAnd, 1},
	{"&&", opAnd, 1},
	{">", opGreater, 2},
	{">=", opGreaterEqual, 2},
	{"<", opLess, 2},
	{"<=", opLessEqual, 2},
	{"==", opEqual, 2},
	{"!=", opUnequal, 2},
	{"in", opIn, 2},
	{"+", opPlus, 3},
	{"-", opMinus, 3},
	{"*", opTimes, 4},
	{"/", opOver, 4},
	{"%", opModulo, 4},
	{"**", opPower, 5},
	{"not", opNot, 6},
	{"!", opNot, 6},
	{"(", opOpen, 7},
	{")", opClose, 7},
}

func (op operator) unary() bool { return op == opNot }

func (op operator) binds() int {
	for _, o := range operators {
		if o.op == op {
			return o.binds
		}
	}
	return 0
}

// CompileFilter compiles an expression. If that fails, near is the rest of it from
// where it can't be understood, or all of it where nothing in particular is wrong.
func CompileFilter(expr []byte) (f *Filter, near []byte) {
	c := compiler{rest: expr}
	if !c.read() || !c.arrange() {
		if len(c.rest) == 0 || c.whole {
			return nil, expr
		}
		return nil, c.rest
	}
	return &Filter{c.steps, make([]value, c.deepest)}, nil
}

// compiler turns an expression into steps: it reads all of it and then arranges what
// it has read with Dijkstra's shunting yard.
type compiler struct {
	rest    []byte // not yet read
	tokens  []step // in the order of the expression, parentheses included
	steps   []step
	stack   []operator
	depth   int // of the values
	deepest int
	operand bool // what was read last is an operand or closes one
	whole   bool // the error is of no place
}

// read reads the expression.
func (c *compiler) read() bool {
	for {
		c.rest = bytes.TrimLeft(c.rest, blanks)
		if len(c.rest) == 0 {
			return true
		}
		switch b := c.rest[0]; {
		case b == '.':
			if !c.field() {
				return false
			}
		case b == '"' || b == '\'':
			v, ok := c.text()
			if !ok {
				c.whole = true
				return false
			}
			c.push(v)
		case b == '[':
			if !c.tuple() {
				return false
			}
		case isDigit(b), b == '-' && !c.operand && len(c.rest) > 1 && isDigit(c.rest[1]):
			v, ok := c.number()
			if !ok {
				return false
			}
			c.push(v)
		default:
			if !c.operator() {
				return false
			}
		}
	}
}

const blanks = " \t\n\v\f\r"

func isDigit(b byte) bool { return b >= '0' && b <= '9' }

func isAlpha(b byte) bool { return b|0x20 >= 'a' && b|0x20 <= 'z' }

func isSpecial(b byte) bool { return strings.IndexByte("+-*%/!()<>=|&", b) >= 0 }

func isField(b byte) bool { return isAlpha(b) || isDigit(b) || b == '_' || b == '-' }

// span takes the bytes in front that are wanted.
func (c *compiler) span(from int, wanted func(byte) bool) []byte {
	n := from
	for n < len(c.rest) && wanted(c.rest[n]) {
		n++
	}
	word := c.rest[:n]
	c.rest = c.rest[n:]
	return word
}

func (c *compiler) emit(s step) {
	c.tokens = append(c.tokens, s)
	c.operand = s.kind != operate || s.op == opClose
}

func (c *compiler) push(v value) { c.emit(step{kind: pushValue, value: v}) }

// field reads a dot and a name, which may be empty at the end of the expression only.
func (c *compiler) field() bool {
	if len(c.rest) > 1 && !isField(c.rest[1]) {
		return false
	}
	word := c.span(1, isField)
	c.emit(step{kind: pushField, field: string(word[1:])})
	return true
}

// text reads a string in either kind of quotes. A backslash keeps the next from
// ending it, and stays.
func (c *compiler) text() (v value, ok bool) {
	quote := c.rest[0]
	for i := 1; i < len(c.rest); i++ {
		switch c.rest[i] {
		case '\\':
			i++
		case quote:
			v = value{kind: isString, str: bytes.Clone(c.rest[1:i])}
			c.rest = c.rest[i+1:]
			return v, true
		}
	}
	return v, false
}

func (c *compiler) number() (v value, ok bool) {
	word := c.span(1, func(b byte) bool { return isDigit(b) || b == '.' || b == 'e' || b == 'E' })
	n, ok := parseFloat(word)
	return number(n), ok
}

// tuple reads numbers and strings between brackets, with a comma behind each but
// the last, where it may stand.
func (c *compiler) tuple() bool {
	t := value{kind: isTuple}
	c.rest = c.rest[1:]
	for {
		c.rest = bytes.TrimLeft(c.rest, blanks)
		if len(c.rest) > 0 && c.rest[0] == ']' {
			break
		}
		v, ok := c.item()
		if !ok {
			return false
		}
		t.tuple = append(t.tuple, v)
		c.rest = bytes.TrimLeft(c.rest, blanks)
		if len(c.rest) == 0 {
			return false
		}
		if c.rest[0] == ',' {
			c.rest = c.rest[1:]
		} else if c.rest[0] != ']' {
			return false
		}
	}
	c.rest = c.rest[1:]
	c.push(t)
	return true
}

// item reads an element of a tuple.
func (c *compiler) item() (v value, ok bool) {
	if len(c.rest) == 0 {
		return v, false
	}
	switch b := c.rest[0]; {
	case b == '"' || b == '\'':
		if v, ok = c.text(); !ok {
			c.whole = true
		}
		return v, ok
	case isDigit(b), b == '-':
		return c.number()
	}
	return v, false
}

// operator reads the longest operator in front of the letters and signs that come.
func (c *compiler) operator() bool {
	was := c.rest
	word := c.span(0, func(b byte) bool { return isAlpha(b) || isSpecial(b) })
	best, found := operators[0], false
	for _, o := range operators {
		if bytes.HasPrefix(word, []byte(o.word)) && (!found || len(o.word) > len(best.word)) {
			best, found = o, true
		}
	}
	if !found {
		return false
	}
	c.rest = was[len(best.word):]
	c.emit(step{kind: operate, op: best.op})
	return true
}

// arrange puts the steps into the order in which they are carried out. What is wrong
// from here on is of no place.
func (c *compiler) arrange() bool {
	c.whole = true
	for _, s := range c.tokens {
		if s.kind != operate {
			c.steps = append(c.steps, s)
			c.depth++
			c.deepest = max(c.deepest, c.depth)
		} else if !c.shunt(s.op) {
			return false
		}
	}
	for len(c.stack) > 0 {
		if top, _ := c.pop(); top == opOpen || !c.execute(top) {
			return false
		}
	}
	return c.depth == 1
}

// shunt puts an operator onto the stack, after those that come before it are
// carried out. The power binds to the right.
func (c *compiler) shunt(op operator) bool {
	switch op {
	case opOpen:
		c.stack = append(c.stack, op)
		return true
	case opClose:
		for {
			top, ok := c.pop()
			if !ok {
				return false
			}
			if top == opOpen {
				return true
			}
			if !c.execute(top) {
				return false
			}
		}
	}
	for len(c.stack) > 0 {
		top := c.stack[len(c.stack)-1]
		if top == opOpen || top.binds() < op.binds() || op == opPower && top == opPower {
			break
		}
		if c.stack = c.stack[:len(c.stack)-1]; !c.execute(top) {
			return false
		}
	}
	c.stack = append(c.stack, op)
	return true
}

func (c *compiler) pop() (op operator, ok bool) {
	if len(c.stack) == 0 {
		return 0, false
	}
	op = c.stack[len(c.stack)-1]
	c.stack = c.stack[:len(c.stack)-1]
	return op, true
}

// execute appends an operator to the steps, if there are values for it.
func (c *compiler) execute(op operator) bool {
	needs := 2
	if op.unary() {
		needs = 1
	}
	if c.depth < needs {
		return false
	}
	c.depth -= needs - 1
	c.steps = append(c.steps, step{kind: operate, op: op})
	return true
}

// parseFloat reads a number as C's strtod does; all of b has to be one, or it is 0.
func parseFloat(b []byte) (n float64, ok bool) {
	b = bytes.TrimLeft(b, blanks)
	if bytes.IndexByte(b, '_') >= 0 {
		return 0, false
	}
	text := string(b)
	n, err := strconv.ParseFloat(text, 64)
	if err != nil && bytes.ContainsAny(b, "xX") {
		n, err = strconv.ParseFloat(text+"p0", 64) // which Go wants and C doesn't
	}
	if err != nil && n == 0 {
		return 0, false
	}
	return n, true
}
