package lua51

import "github.com/yuin/gopher-lua/ast"

// binary says how tightly an operator binds to its left and its right.
type binary struct{ left, right int }

var binaries = map[kind]binary{
	'+': {6, 6}, '-': {6, 6}, '*': {7, 7}, '/': {7, 7}, '%': {7, 7},
	'^': {10, 9}, tConcat: {5, 4},
	tNE: {3, 3}, tEq: {3, 3}, '<': {3, 3}, tLE: {3, 3}, '>': {3, 3}, tGE: {3, 3},
	tAnd: {2, 2}, tOr: {1, 1},
}

const unaryBinding = 8

func (p *parser) expressions() []ast.Expr {
	list := []ast.Expr{p.expression()}
	for p.accept(',') {
		list = append(list, p.expression())
	}
	return list
}

func (p *parser) expression() ast.Expr { return p.operation(0) }

// operation reads operands joined by operators that bind tighter than limit. It
// descends at most levelsMax deep, see enter.
func (p *parser) operation(limit int) ast.Expr { //nolint:revive // no unconditional recursion: the source ends
	p.enter()
	var left ast.Expr
	line := p.line
	switch p.tok.kind {
	case tNot:
		p.advance()
		left = at(&ast.UnaryNotOpExpr{Expr: p.operation(unaryBinding)}, line, line)
	case '-':
		p.advance()
		left = at(&ast.UnaryMinusOpExpr{Expr: p.operation(unaryBinding)}, line, line)
	case '#':
		p.advance()
		left = at(&ast.UnaryLenOpExpr{Expr: p.operation(unaryBinding)}, line, line)
	default:
		left = p.simple()
	}
	for {
		op := p.tok.kind
		b, ok := binaries[op]
		if !ok || b.left <= limit {
			break
		}
		p.advance()
		right := p.operation(b.right) //nolint:revive // the operand moves on, which is what ends it
		left = join(op, left, right, p.lastLine)
	}
	p.leave()
	return left
}

func join(op kind, left, right ast.Expr, line int) ast.Expr {
	switch op {
	case tConcat:
		return concat(left, right, line)
	case tAnd, tOr:
		return at(&ast.LogicalOpExpr{Operator: spell(op), Lhs: left, Rhs: right}, line, line)
	case tNE, tEq, '<', tLE, '>', tGE:
		return at(&ast.RelationalOpExpr{Operator: spell(op), Lhs: left, Rhs: right}, line, line)
	}
	return at(&ast.ArithmeticOpExpr{Operator: spell(op), Lhs: left, Rhs: right}, line, line)
}

// concatMost is how many operands one call concatenates: each takes a register.
const concatMost = 40

// concat makes a call of Concat, or adds to that of the operators to the right.
func concat(left, right ast.Expr, line int) ast.Expr {
	if call, ok := right.(*ast.FuncCallExpr); ok && len(call.Args) < concatMost {
		if f, ok := call.Func.(*ast.IdentExpr); ok && f.Value == Concat {
			call.Args = append([]ast.Expr{left}, call.Args...)
			return call
		}
	}
	return at(&ast.FuncCallExpr{
		Func: at(&ast.IdentExpr{Value: Concat}, line, line), Args: []ast.Expr{left, single(right)}, AdjustRet: true,
	}, line, line)
}

// single cuts an operand that may have several values down to one.
func single(e ast.Expr) ast.Expr {
	switch x := e.(type) {
	case *ast.FuncCallExpr:
		x.AdjustRet = true
	case *ast.Comma3Expr:
		x.AdjustRet = true
	}
	return e
}

func (p *parser) simple() ast.Expr {
	line := p.line
	var e ast.Expr
	switch p.tok.kind {
	case tNumber:
		e = at(&ast.NumberExpr{Value: literal(p.tok.num)}, line, line)
	case tString:
		e = at(&ast.StringExpr{Value: p.tok.text}, line, line)
	case tNil:
		e = at(&ast.NilExpr{}, line, line)
	case tTrue:
		e = at(&ast.TrueExpr{}, line, line)
	case tFalse:
		e = at(&ast.FalseExpr{}, line, line)
	case tDots:
		if !p.fn.vararg {
			p.wrong("cannot use '...' outside a vararg function")
		}
		e = at(&ast.Comma3Expr{}, line, line)
	case '{':
		return p.table()
	case tFunction:
		p.advance()
		return p.functionBody(false, line)
	default:
		e, _ = p.suffixed()
		return e
	}
	p.advance()
	return e
}

// field reads the name behind a point.
func (p *parser) field(object ast.Expr) ast.Expr {
	line := p.line
	key := at(&ast.StringExpr{Value: p.name()}, line, line)
	return at(&ast.AttrGetExpr{Object: object, Key: key}, line, line)
}

// suffixed reads a name or an expression in parentheses with everything that is
// hung on it, and reports whether it can be assigned to.
func (p *parser) suffixed() (e ast.Expr, assignable bool) {
	line := p.line
	switch p.tok.kind {
	case tName:
		e, assignable = p.variable(line), true
	case '(':
		p.advance()
		e = single(p.expression())
		p.match(')', '(', line)
	default:
		p.wrong("unexpected symbol")
	}
	for depth := 0; ; depth++ {
		if depth > levelsMax*10 {
			p.fail("chunk has too many syntax levels", "")
		}
		here := p.line
		switch p.tok.kind {
		case '.':
			p.advance()
			e, assignable = p.field(e), true
		case '[':
			p.advance()
			key := p.expression()
			p.expect(']')
			e, assignable = at(&ast.AttrGetExpr{Object: e, Key: key}, here, here), true
		case ':':
			p.advance()
			name := p.name()
			e, assignable = at(&ast.FuncCallExpr{Receiver: e, Method: name, Args: p.arguments()}, here, here), false
		case '(', tString, '{':
			e, assignable = at(&ast.FuncCallExpr{Func: e, Args: p.arguments()}, here, here), false
		default:
			return e, assignable
		}
	}
}

// variable reads a name; with a field behind it that libraries have, the global
// that holds the field.
func (p *parser) variable(line int) ast.Expr {
	name := p.name()
	if p.tok.kind == '.' && p.peek().kind == tName && !p.isLocal(name) {
		if global := p.fields(name, p.ahead.text); global != "" {
			e := at(&ast.IdentExpr{Value: global}, line, line)
			p.cut[e] = name + "." + p.ahead.text
			p.advance()
			p.advance()
			return e
		}
	}
	return at(&ast.IdentExpr{Value: name}, line, line)
}

func (p *parser) arguments() []ast.Expr {
	line := p.line
	switch p.tok.kind {
	case '(':
		if line != p.lastLine {
			p.wrong("ambiguous syntax (function call x new statement)")
		}
		p.advance()
		if p.accept(')') {
			return []ast.Expr{}
		}
		list := p.expressions()
		p.match(')', '(', line)
		return list
	case '{':
		return []ast.Expr{p.table()}
	case tString:
		s := at(&ast.StringExpr{Value: p.tok.text}, line, line)
		p.advance()
		return []ast.Expr{s}
	}
	p.wrong("function arguments expected")
	return nil
}

func (p *parser) table() ast.Expr {
	line := p.line
	t := &ast.TableExpr{Fields: []*ast.Field{}}
	p.expect('{')
	for p.tok.kind != '}' {
		t.Fields = append(t.Fields, p.entry())
		if !p.accept(',') && !p.accept(';') {
			break
		}
	}
	p.match('}', '{', line)
	return at(t, line, p.lastLine)
}

func (p *parser) entry() *ast.Field {
	line := p.line
	switch {
	case p.tok.kind == tName && p.peek().kind == '=':
		key := at(&ast.StringExpr{Value: p.name()}, line, line)
		p.expect('=')
		return &ast.Field{Key: key, Value: p.expression()}
	case p.tok.kind == '[':
		p.advance()
		key := p.expression()
		p.expect(']')
		p.expect('=')
		return &ast.Field{Key: key, Value: p.expression()}
	}
	return &ast.Field{Value: p.expression()}
}

func (p *parser) functionBody(method bool, line int) *ast.FunctionExpr {
	p.fn = &function{outer: p.fn, line: line}
	list := &ast.ParList{Names: []string{}}
	if method {
		p.declare("self")
	}
	p.expect('(')
	if p.tok.kind != ')' {
		p.parameters(list)
	}
	p.fn.vararg = list.HasVargs
	p.declare(list.Names...)
	p.expect(')')
	body := p.block()
	p.match(tEnd, tFunction, line)
	p.fn = p.fn.outer
	return at(&ast.FunctionExpr{ParList: list, Stmts: body}, line, p.lastLine)
}

func (p *parser) parameters(list *ast.ParList) {
	for {
		switch p.tok.kind {
		case tName:
			list.Names = append(list.Names, p.name())
		case tDots:
			p.advance()
			list.HasVargs = true
			return
		default:
			p.wrong("<name> or '...' expected")
		}
		if !p.accept(',') {
			return
		}
	}
}
