package lua51

import (
	"errors"
	"fmt"
	"slices"

	"github.com/yuin/gopher-lua/ast"
)

// levelsMax is how deep statements and expressions may be nested, as in the
// reference.
const levelsMax = 200

// localsMax is how many local variables a function may have at a time.
const localsMax = 200

// parser reads one chunk.
type parser struct {
	lexer
	tok      token
	ahead    token
	peeked   bool
	lastLine int // of the token before tok
	level    int
	fn       *function
	fields   Fields
	cut      map[ast.Expr]string // fields of libraries that became globals
}

// function is the one being read.
type function struct {
	outer  *function
	line   int // 0 for the chunk itself
	vararg bool
	locals []string // in scope, innermost last; what has no name is ""
	loops  int
}

// Fields returns the hidden global that holds a field of a library, "" if there
// is no such field.
type Fields func(library, field string) string

// Parse reads a chunk. chunk is its name in messages.
func Parse(source, chunk string, fields Fields) (stmts []ast.Stmt, err error) {
	p := &parser{lexer: lexer{chunk: chunk, src: source, line: 1}, lastLine: 1, fields: fields, cut: map[ast.Expr]string{}}
	defer func() {
		if r := recover(); r != nil {
			refused, ok := r.(*Error)
			if !ok {
				panic(r)
			}
			stmts, err = nil, refused
		}
	}()
	p.fn = &function{vararg: true}
	p.advance()
	stmts = p.block()
	p.check(tEOF)
	return stmts, nil
}

// IsSyntax reports whether err is a refusal by Parse.
func IsSyntax(err error) bool {
	var refused *Error
	return errors.As(err, &refused)
}

func (p *parser) advance() {
	p.lastLine = p.line
	if p.peeked {
		p.tok, p.peeked = p.ahead, false
		return
	}
	p.tok = p.next()
}

// peek returns the token behind the current one.
func (p *parser) peek() token {
	if !p.peeked {
		p.ahead, p.peeked = p.next(), true
	}
	return p.ahead
}

// spell is how a message calls a kind of token.
func spell(k kind) string {
	switch {
	case k >= tAnd:
		return spellings[k-tAnd]
	case k < ' ' || k == 0x7f:
		return fmt.Sprintf("char(%d)", int(k))
	}
	return string([]byte{byte(k)})
}

// wrong refuses the source at the current token.
func (p *parser) wrong(message string) {
	near := p.tok.raw
	if near == "" {
		near = spell(p.tok.kind)
	}
	p.fail(message, near)
}

func (p *parser) check(k kind) {
	if p.tok.kind != k {
		p.wrong("'" + spell(k) + "' expected")
	}
}

func (p *parser) accept(k kind) bool {
	if p.tok.kind != k {
		return false
	}
	p.advance()
	return true
}

func (p *parser) expect(k kind) {
	p.check(k)
	p.advance()
}

// match expects what closes something that was opened on a line.
func (p *parser) match(what, opened kind, line int) {
	if p.tok.kind == what {
		p.advance()
		return
	}
	if line == p.line {
		p.check(what)
	}
	p.wrong(fmt.Sprintf("'%s' expected (to close '%s' at line %d)", spell(what), spell(opened), line))
}

func (p *parser) name() string {
	p.check(tName)
	s := p.tok.text
	p.advance()
	return s
}

func (p *parser) enter() {
	if p.level++; p.level > levelsMax {
		p.fail("chunk has too many syntax levels", "")
	}
}

func (p *parser) leave() { p.level-- }

// declare brings local variables into scope, until the end of the block.
func (p *parser) declare(names ...string) {
	p.fn.locals = append(p.fn.locals, names...)
	if len(p.fn.locals) <= localsMax {
		return
	}
	where := "main function"
	if p.fn.line > 0 {
		where = fmt.Sprintf("function at line %d", p.fn.line)
	}
	p.fail(fmt.Sprintf("%s has more than %d local variables", where, localsMax), "")
}

// isLocal reports whether a name is that of a local variable, here or in a
// function around this one.
func (p *parser) isLocal(name string) bool {
	for f := p.fn; f != nil; f = f.outer {
		if slices.Contains(f.locals, name) {
			return true
		}
	}
	return false
}

// block reads statements until something that can't begin one.
func (p *parser) block() []ast.Stmt {
	locals := len(p.fn.locals)
	stmts := p.openBlock()
	p.fn.locals = p.fn.locals[:locals]
	return stmts
}

// openBlock is block, but leaves its variables in scope.
func (p *parser) openBlock() []ast.Stmt {
	stmts := []ast.Stmt{}
	p.enter()
	for last := false; !last && !p.blockEnds(); {
		var s ast.Stmt
		s, last = p.statement()
		stmts = append(stmts, s)
		p.accept(';')
	}
	p.leave()
	return stmts
}

func (p *parser) blockEnds() bool {
	switch p.tok.kind {
	case tElse, tElseif, tEnd, tEOF, tUntil:
		return true
	}
	return false
}

// at gives a node its lines.
func at[T ast.PositionHolder](n T, line, last int) T {
	n.SetLine(line)
	n.SetLastLine(last)
	return n
}
