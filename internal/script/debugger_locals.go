package script

import (
	"reflect"
	"slices"
	"unsafe"

	lua "github.com/yuin/gopher-lua"
	"github.com/yuin/gopher-lua/ast"

	"github.com/crucible-cache/crucible/internal/script/lua51"
)

// local is a variable of a function. What gopher-lua notes of where one ends is not true of
// one whose register was another's before it, so that its scope is read from the source.
type local struct {
	name     string
	register int
	from, to int // lines
	start    int // the instruction from which on it is there
	ahead    int // it is there when the one so many behind it is
}

// scopes collects the variables of a function in the order in which they are declared, which is
// that of their debug information.
type scopes struct {
	locals []local
	active int
}

func (s *scopes) declare(from, to int, names ...string) {
	for _, name := range names {
		s.locals = append(s.locals, local{name: name, register: s.active, from: from, to: to})
		s.active++
	}
}

// loop declares what a loop keeps for itself. It is declared before it is computed.
func (s *scopes) loop(from, to int, names ...string) {
	s.declare(from, to, names...)
	for i := range names {
		s.locals[len(s.locals)-1-i].ahead = i + 1
	}
}

// block goes through statements of a block that ends with a line.
func (s *scopes) block(stmts []ast.Stmt, to int) {
	before := s.active
	for _, stmt := range stmts {
		s.statement(stmt, to)
	}
	s.active = before
}

func (s *scopes) statement(stmt ast.Stmt, to int) {
	before, line, last := s.active, stmt.Line(), stmt.LastLine()
	switch stmt := stmt.(type) {
	case *ast.LocalAssignStmt:
		s.declare(line, to, stmt.Names...)
	case *ast.DoBlockStmt:
		s.block(stmt.Stmts, last)
	case *ast.WhileStmt:
		s.block(stmt.Stmts, last)
	case *ast.RepeatStmt:
		s.block(stmt.Stmts, last)
	case *ast.IfStmt:
		then := last
		if len(stmt.Else) > 0 {
			then = max(line, stmt.Else[0].Line()-1)
		}
		s.block(stmt.Then, then)
		s.block(stmt.Else, last)
	case *ast.NumberForStmt:
		s.loop(line, last, "(for index)", "(for limit)", "(for step)")
		s.declare(line, last, stmt.Name)
		s.block(stmt.Stmts, last)
		s.active = before
	case *ast.GenericForStmt:
		s.loop(line, last, "(for generator)", "(for state)", "(for control)")
		s.declare(line, last, stmt.Names...)
		s.block(stmt.Stmts, last)
		s.active = before
	}
}

// variables finds the variables of all functions of a script.
func variables(source string, main *lua.FunctionProto) map[*lua.FunctionProto][]local {
	all := map[*lua.FunctionProto][]local{}
	text, _, err := readShebang(source)
	if err != nil {
		return all
	}
	stmts, err := lua51.Parse(text, userScript, libraryField)
	if err != nil {
		return all
	}
	var top scopes
	top.block(stmts, len(source))
	functions := [][]local{top.locals}
	eachFunction(reflect.ValueOf(stmts), func(f *ast.FunctionExpr) {
		for _, first := range [][]string{nil, {"self"}} {
			s := scopes{}
			s.declare(f.Line(), f.LastLine(), first...)
			s.declare(f.Line(), f.LastLine(), f.ParList.Names...)
			if f.ParList.HasVargs {
				s.declare(f.Line(), f.LastLine(), "arg")
			}
			s.block(f.Stmts, f.LastLine())
			functions = append(functions, s.locals)
		}
	})
	assign(all, main, functions)
	return all
}

// eachFunction visits the functions in a part of a syntax tree.
func eachFunction(v reflect.Value, visit func(f *ast.FunctionExpr)) {
	switch v.Kind() {
	case reflect.Interface, reflect.Pointer:
		if v.IsNil() {
			return
		}
		if f, ok := v.Interface().(*ast.FunctionExpr); ok && v.Kind() == reflect.Pointer {
			visit(f)
		}
		eachFunction(v.Elem(), visit)
	case reflect.Slice:
		for i := range v.Len() {
			eachFunction(v.Index(i), visit)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				eachFunction(v.Field(i), visit)
			}
		}
	}
}

// assign gives each function the variables of the one in the source whose names they are.
func assign(all map[*lua.FunctionProto][]local, proto *lua.FunctionProto, functions [][]local) {
	for _, locals := range functions {
		if within(proto, locals) {
			own := slices.Clone(locals)
			for i := range own {
				own[i].start = proto.DbgLocals[i+own[i].ahead].StartPc
			}
			all[proto] = own
			break
		}
	}
	for _, inner := range proto.FunctionPrototypes {
		assign(all, inner, functions)
	}
}

// within reports whether variables have the names of a function's, and stand between its lines.
func within(proto *lua.FunctionProto, locals []local) bool {
	if len(locals) != len(proto.DbgLocals) {
		return false
	}
	for i, l := range locals {
		inside := proto.LineDefined == 0 || l.from >= proto.LineDefined && l.from <= proto.LastLineDefined
		if l.name != proto.DbgLocals[i].Name || !inside {
			return false
		}
	}
	return true
}

// eachLocal visits the variables of a call, in the order of their registers, until visit returns
// false, and reports whether there is such a call.
func (d *debugger) eachLocal(L *lua.LState, level int, visit func(name string, value lua.LValue) bool) bool {
	if _, ok := L.GetStack(level); !ok {
		return false
	}
	at, ok := siteAt(L, level)
	if !ok {
		return true // of a function in Go
	}
	proto, base := at.fn.Proto, inFrame(at.dbg, "LocalBase")
	registers := reflect.ValueOf(L).Elem().FieldByName("reg").Elem().FieldByName("array")
	for _, l := range visible(d.locals[proto], at.pc, proto.DbgSourcePositions[at.pc]) {
		v := *(*lua.LValue)(unsafe.Pointer(registers.Index(base + l.register).UnsafeAddr()))
		if v == nil {
			v = lua.LNil
		}
		if !visit(l.name, v) {
			break
		}
	}
	return true
}

// visible returns those of the variables of a function that are there at an instruction, which is of a line.
func visible(locals []local, pc, line int) (there []local) {
	for i, l := range locals {
		if l.start > pc {
			break
		}
		gone := line < l.from || line > l.to
		for _, later := range locals[i+1:] {
			gone = gone || later.start <= pc && later.register <= l.register
		}
		if !gone {
			there = append(there, l)
		}
	}
	return there
}
