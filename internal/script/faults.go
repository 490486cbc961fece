package script

import (
	"fmt"
	"reflect"
	"regexp"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// gopher-lua says what went wrong in words of its own and without the names of
// the variables. Lua's words are worked out here, from the instruction that
// failed; that instruction's place is in a field of Debug that only reflection reads.

// site is a function that is being run, and where.
type site struct {
	L    *lua.LState
	dbg  *lua.Debug
	fn   *lua.LFunction
	pc   int // of the instruction that is carried out
	inst uint32
}

// siteAt returns the function so many calls up, if it is one of Lua.
func siteAt(L *lua.LState, level int) (s site, ok bool) {
	dbg, found := L.GetStack(level)
	if !found {
		return s, false
	}
	fn, err := L.GetInfo("f", dbg, lua.LNil)
	if err != nil {
		return s, false
	}
	s = site{L: L, dbg: dbg}
	if s.fn, ok = fn.(*lua.LFunction); !ok || s.fn.IsG {
		return s, false
	}
	s.pc = inFrame(dbg, "Pc") - 1
	if s.pc < 0 || s.pc >= len(s.fn.Proto.Code) {
		return s, false
	}
	s.inst = s.fn.Proto.Code[s.pc]
	return s, true
}

// inFrame reads a number of a call that gopher-lua keeps to itself.
func inFrame(dbg *lua.Debug, field string) int {
	return int(reflect.ValueOf(dbg).Elem().FieldByName("frame").Elem().FieldByName(field).Int())
}

// depth returns how many calls are under way in a coroutine. GetStack would count
// tail calls as well.
func depth(L *lua.LState) int {
	dbg, ok := L.GetStack(0)
	if !ok {
		return 0
	}
	return inFrame(dbg, "Idx") + 1
}

// An instruction is an operation of 6 bits, a register A of 8, and B and C of 9
// each or Bx of 18; see gopher-lua's opcode.go. A constant operand has constantBit set.
const (
	opShift     = 26
	aShift      = 18
	bMask       = 0x1ff
	cShift      = 9
	bxMask      = 1<<18 - 1
	constantBit = 1 << 8
)

func opOf(inst uint32) int { return int(inst >> opShift) }
func aOf(inst uint32) int  { return int(inst>>aShift) & 0xff }
func bOf(inst uint32) int  { return int(inst & bMask) }
func cOf(inst uint32) int  { return int(inst>>cShift) & bMask }
func bxOf(inst uint32) int { return int(inst & bxMask) }

// name returns what a register holds a value of: "local 'x'", "field 'y'"; ""
// if that can't be told.
func (s *site) name(reg int) string {
	kind, name := s.nameBefore(reg, s.pc)
	if kind == "" {
		return ""
	}
	return kind + " '" + name + "'"
}

func (s *site) nameBefore(reg, pc int) (kind, name string) {
	// The first instruction behind a declaration, and the last of a block, count too.
	for _, at := range []int{pc + 1, pc} {
		if name, ok := s.fn.LocalName(reg+1, at); ok {
			return "local", name
		}
	}
	at := s.setter(reg, pc)
	if at < 0 {
		return "", ""
	}
	p, inst := s.fn.Proto, s.fn.Proto.Code[at]
	switch opOf(inst) {
	case lua.OP_GETGLOBAL:
		name := p.Constants[bxOf(inst)].String()
		if rest, ok := strings.CutPrefix(name, hidden); ok {
			_, field, _ := strings.Cut(rest, ".")
			return "field", field
		}
		return "global", name
	case lua.OP_MOVE, lua.OP_MOVEN:
		if bOf(inst) < aOf(inst) {
			return s.nameBefore(bOf(inst), at)
		}
	case lua.OP_GETTABLE, lua.OP_GETTABLEKS:
		return "field", s.constantName(cOf(inst))
	case lua.OP_GETUPVAL:
		if i := bOf(inst); i < len(p.DbgUpvalues) {
			return "upvalue", p.DbgUpvalues[i]
		}
	case lua.OP_SELF:
		return "method", s.constantName(cOf(inst))
	}
	return "", ""
}

// constantName returns a constant string, "?" for anything else.
func (s *site) constantName(operand int) string {
	if operand&constantBit != 0 {
		if i := operand &^ constantBit; i < len(s.fn.Proto.Constants) {
			if text, ok := s.fn.Proto.Constants[i].(lua.LString); ok {
				return string(text)
			}
		}
	}
	return "?"
}

// setter returns the last instruction before pc that sets a register, -1 if
// there is none.
func (s *site) setter(reg, pc int) int {
	last := -1
	for i := range pc {
		inst := s.fn.Proto.Code[i]
		a, b := aOf(inst), bOf(inst)
		sets := a == reg
		switch opOf(inst) {
		case lua.OP_SETGLOBAL, lua.OP_SETUPVAL, lua.OP_SETTABLE, lua.OP_SETTABLEKS, lua.OP_JMP, lua.OP_EQ, lua.OP_LT,
			lua.OP_LE, lua.OP_TEST, lua.OP_RETURN, lua.OP_SETLIST, lua.OP_CLOSE, lua.OP_NOP:
			sets = false
		case lua.OP_LOADNIL:
			sets = a <= reg && reg <= b
		case lua.OP_SELF:
			sets = reg == a || reg == a+1
		case lua.OP_CALL, lua.OP_TAILCALL, lua.OP_VARARG:
			sets = reg >= a
		case lua.OP_TFORLOOP:
			sets = reg >= a+2
		case lua.OP_FORLOOP, lua.OP_FORPREP:
			sets = reg >= a && reg <= a+3
		}
		if sets {
			last = i
		}
	}
	return last
}

// value returns the value of a register.
func (s *site) value(reg int) lua.LValue {
	if name, v := s.L.GetLocal(s.dbg, reg+1); name != "" && v != nil {
		return v
	}
	return lua.LNil
}

// typeOf returns the type of the value of a register.
func (s *site) typeOf(reg int) string {
	return s.value(reg).Type().String()
}

// culprit is how Lua's message calls an operand.
func (s *site) culprit(operand int, kind string) string {
	if operand&constantBit == 0 {
		if name := s.name(operand); name != "" {
			return name + " (a " + kind + " value)"
		}
	}
	return "a " + kind + " value"
}

var (
	faultIndex   = regexp.MustCompile(`^attempt to index a non-table object\((\w+)\) with key '`)
	faultArith   = regexp.MustCompile(`^cannot perform \w+ operation between (\w+) and (\w+)$`)
	faultCompare = regexp.MustCompile(`^attempt to compare (\w+) with (\w+)$`)
	faultCaller  = "attempt to call a non-function object"
)

// faults are those of gopher-lua's messages that say it all.
var faults = map[string]string{
	"for statement limit must be a number":      "'for' limit must be a number",
	"for statement init must be a number":       "'for' initial value must be a number",
	"for statement step must be a number":       "'for' step must be a number",
	"registry overflow":                         "stack overflow",
	"lua callstack overflow":                    "stack overflow",
	"too many recursions in gettable":           "loop in gettable",
	"too many recursions in settable":           "loop in settable",
	"can not yield from outside of a coroutine": "attempt to yield across metamethod/C-call boundary",
}

// translateFault puts a message that needs no site into Lua's words.
func translateFault(text string) string {
	if to, ok := faults[text]; ok {
		return to
	}
	if m := faultCompare.FindStringSubmatch(text); m != nil && m[1] == m[2] {
		return fmt.Sprintf("attempt to compare two %s values", m[1])
	}
	return text
}

// translate puts a message into Lua's words. It runs where the error happened,
// in an error handler.
func (s *State) translate(L *lua.LState, text string) string {
	at, ok := siteAt(L, 1)
	if !ok {
		if at, ok = siteAt(L, 2); !ok {
			return text
		}
	}
	prefix := fmt.Sprintf("%s:%d: ", at.fn.Proto.SourceName, at.fn.Proto.DbgSourcePositions[at.pc])
	message, ok := strings.CutPrefix(text, prefix)
	if !ok {
		return text
	}
	b, c := bOf(at.inst), cOf(at.inst)
	if m := faultIndex.FindStringSubmatch(message); m != nil {
		object := b
		if op := opOf(at.inst); op == lua.OP_SETTABLE || op == lua.OP_SETTABLEKS {
			object = aOf(at.inst)
		}
		return prefix + "attempt to index " + at.culprit(object, m[1])
	}
	if m := faultArith.FindStringSubmatch(message); m != nil {
		operand, kind := b, m[1]
		if m[1] == "number" || m[1] == "string" && at.convertible(b) {
			operand, kind = c, m[2]
		}
		return prefix + "attempt to perform arithmetic on " + at.culprit(operand, kind)
	}
	switch message {
	case faultCaller:
		return prefix + "attempt to call " + at.called()
	case "__unm undefined":
		return prefix + "attempt to perform arithmetic on " + at.culprit(b, at.typeOf(b))
	case "__len undefined":
		return prefix + "attempt to get length of " + at.culprit(b, at.typeOf(b))
	}
	return prefix + translateFault(message)
}

// convertible reports whether an operand is a string that is a number.
func (s *site) convertible(operand int) bool {
	if operand&constantBit != 0 {
		_, ok := toNumber(s.fn.Proto.Constants[operand&^constantBit])
		return ok
	}
	_, ok := toNumber(s.value(operand))
	return ok
}

// called is how Lua's message calls what was to be called.
func (s *site) called() string {
	a := aOf(s.inst)
	switch opOf(s.inst) {
	case lua.OP_CALL, lua.OP_TAILCALL:
		return s.culprit(a, s.typeOf(a))
	}
	return "a " + s.typeOf(a) + " value"
}

// calledAs returns the name under which the running function was called, and
// whether as a method.
func (s *State) calledAs(L *lua.LState) (name string, method bool) {
	at, ok := siteAt(L, 1)
	if !ok {
		return "?", false
	}
	switch opOf(at.inst) {
	case lua.OP_CALL, lua.OP_TAILCALL:
		kind, name := at.nameBefore(aOf(at.inst), at.pc)
		if name == "" {
			return "?", false
		}
		return name, kind == "method"
	}
	return "?", false
}
