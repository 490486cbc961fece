package lua51

import (
	"strings"

	"github.com/yuin/gopher-lua/ast"
)

// statement reads one; last reports that none may follow it in its block.
func (p *parser) statement() (s ast.Stmt, last bool) {
	line := p.line
	switch p.tok.kind {
	case tIf:
		return p.ifStatement(line), false
	case tWhile:
		return p.whileStatement(line), false
	case tDo:
		p.advance()
		body := p.block()
		p.match(tEnd, tDo, line)
		return at(&ast.DoBlockStmt{Stmts: body}, line, p.lastLine), false
	case tFor:
		return p.forStatement(line), false
	case tRepeat:
		return p.repeatStatement(line), false
	case tFunction:
		return p.functionStatement(line), false
	case tLocal:
		p.advance()
		if p.accept(tFunction) {
			return p.localFunction(line), false
		}
		return p.localStatement(line), false
	case tReturn:
		return p.returnStatement(line), true
	case tBreak:
		p.advance()
		if p.fn.loops == 0 {
			p.wrong("no loop to break")
		}
		return at(&ast.BreakStmt{}, line, line), true
	}
	return p.expressionStatement(line), false
}

func (p *parser) ifStatement(line int) ast.Stmt {
	p.advance()
	first := at(&ast.IfStmt{Condition: p.expression()}, line, line)
	p.expect(tThen)
	first.Then = p.block()
	cur := first
	for p.tok.kind == tElseif {
		at0 := p.line
		p.advance()
		next := at(&ast.IfStmt{Condition: p.expression()}, at0, at0)
		p.expect(tThen)
		next.Then = p.block()
		cur.Else = []ast.Stmt{next}
		cur = next
	}
	if p.accept(tElse) {
		cur.Else = p.block()
	}
	p.match(tEnd, tIf, line)
	first.SetLastLine(p.lastLine)
	return first
}

// loop reads the block of a loop.
func (p *parser) loop() []ast.Stmt {
	p.fn.loops++
	body := p.block()
	p.fn.loops--
	return body
}

func (p *parser) whileStatement(line int) ast.Stmt {
	p.advance()
	s := &ast.WhileStmt{Condition: p.expression()}
	p.expect(tDo)
	s.Stmts = p.loop()
	last := p.lastLine // on which the loop goes back, as in Lua
	p.match(tEnd, tWhile, line)
	return at(s, line, last)
}

func (p *parser) repeatStatement(line int) ast.Stmt {
	p.advance()
	locals := len(p.fn.locals)
	p.fn.loops++
	s := &ast.RepeatStmt{Stmts: p.openBlock()}
	p.fn.loops--
	p.match(tUntil, tRepeat, line)
	s.Condition = p.expression()
	p.fn.locals = p.fn.locals[:locals]
	return at(s, line, p.lastLine)
}

func (p *parser) forStatement(line int) ast.Stmt {
	p.advance()
	first := p.name()
	switch p.tok.kind {
	case '=':
		return p.numericFor(first, line)
	case ',', tIn:
		return p.genericFor(first, line)
	}
	p.wrong("'=' or 'in' expected")
	return nil
}

func (p *parser) numericFor(name string, line int) ast.Stmt {
	p.advance()
	s := &ast.NumberForStmt{Name: name, Init: bound(p.expression())}
	p.expect(',')
	s.Limit = bound(p.expression())
	if p.accept(',') {
		s.Step = bound(p.expression())
	}
	s.Stmts = p.forBody(line, "", "", "", name)
	return at(s, line, p.lastLine)
}

// bound passes a bound through Bound unless it is a number for certain.
func bound(e ast.Expr) ast.Expr {
	switch e.(type) {
	case *ast.NumberExpr, *ast.UnaryLenOpExpr, *ast.ArithmeticOpExpr, *ast.UnaryMinusOpExpr:
		return e
	}
	line := e.Line()
	return at(&ast.FuncCallExpr{
		Func: at(&ast.IdentExpr{Value: Bound}, line, line), Args: []ast.Expr{single(e)}, AdjustRet: true,
	}, line, line)
}

func (p *parser) genericFor(first string, line int) ast.Stmt {
	names := []string{first}
	for p.accept(',') {
		names = append(names, p.name())
	}
	p.expect(tIn)
	s := &ast.GenericForStmt{Names: names, Exprs: p.expressions()}
	s.Stmts = p.forBody(line, append([]string{"", "", ""}, names...)...)
	return at(s, line, p.lastLine)
}

// forBody reads the block of a for statement, which has variables of its own.
func (p *parser) forBody(line int, variables ...string) []ast.Stmt {
	p.expect(tDo)
	p.declare(variables...)
	body := p.loop()
	p.fn.locals = p.fn.locals[:len(p.fn.locals)-len(variables)]
	p.match(tEnd, tFor, line)
	return body
}

func (p *parser) functionStatement(line int) ast.Stmt {
	p.advance()
	name := &ast.FuncName{Func: at(&ast.IdentExpr{Value: p.name()}, line, line)}
	for p.accept('.') {
		name.Func = p.field(name.Func)
	}
	method := p.tok.kind == ':'
	if !method {
		name.Func = p.target(name.Func)
	}
	if method {
		p.advance()
		name.Receiver, name.Func, name.Method = name.Func, nil, p.name()
	}
	f := p.functionBody(method, line)
	return at(&ast.FuncDefStmt{Name: name, Func: f}, line, p.lastLine)
}

func (p *parser) localFunction(line int) ast.Stmt {
	name := p.name()
	p.declare(name)
	f := p.functionBody(false, line)
	return at(&ast.LocalAssignStmt{Names: []string{name}, Exprs: []ast.Expr{f}}, line, p.lastLine)
}

func (p *parser) localStatement(line int) ast.Stmt {
	s := &ast.LocalAssignStmt{Names: []string{p.name()}, Exprs: []ast.Expr{}}
	for p.accept(',') {
		s.Names = append(s.Names, p.name())
	}
	if p.accept('=') {
		s.Exprs = p.expressions()
	}
	if len(s.Exprs) == 1 && len(s.Names) == 1 {
		// The compiler takes a function that is assigned to one name for a
		// local function, which sees itself; one in parentheses it does not.
		if f, ok := s.Exprs[0].(*ast.FunctionExpr); ok {
			s.Exprs = []ast.Expr{f, at(&ast.NilExpr{}, line, line)}
		}
	}
	p.declare(s.Names...)
	return at(s, line, p.lastLine)
}

func (p *parser) returnStatement(line int) ast.Stmt {
	p.advance()
	s := &ast.ReturnStmt{}
	if !p.blockEnds() && p.tok.kind != ';' {
		s.Exprs = p.expressions()
	}
	return at(s, line, p.lastLine)
}

// expressionStatement reads a call or an assignment.
func (p *parser) expressionStatement(line int) ast.Stmt {
	first, assignable := p.suffixed()
	if call, ok := first.(*ast.FuncCallExpr); ok && !assignable && !call.AdjustRet {
		return at(&ast.FuncCallStmt{Expr: call}, line, p.lastLine)
	}
	s := &ast.AssignStmt{Lhs: []ast.Expr{p.target(first)}}
	for {
		if !assignable {
			p.wrong("syntax error")
		}
		if !p.accept(',') {
			break
		}
		var next ast.Expr
		next, assignable = p.suffixed()
		s.Lhs = append(s.Lhs, p.target(next))
		if len(s.Lhs) > levelsMax {
			p.fail("variables in assignment limit exceeded", "")
		}
	}
	p.expect('=')
	s.Rhs = p.expressions()
	return at(s, line, p.lastLine)
}

// target turns what is assigned to into what may be: a global is a field of
// Globals, and a field of a library that was cut short is one again.
func (p *parser) target(e ast.Expr) ast.Expr {
	name, ok := e.(*ast.IdentExpr)
	if !ok || p.isLocal(name.Value) {
		return e
	}
	line := e.Line()
	object, key := Globals, name.Value
	if p.cut[e] != "" {
		object, key, _ = strings.Cut(p.cut[e], ".")
	}
	return at(&ast.AttrGetExpr{
		Object: at(&ast.IdentExpr{Value: object}, line, line), Key: at(&ast.StringExpr{Value: key}, line, line),
	}, line, line)
}
