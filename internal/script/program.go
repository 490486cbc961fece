package script

import (
	"strings"

	lua "github.com/yuin/gopher-lua"

	"github.com/crucible-cache/crucible/internal/script/lua51"
)

// Program is a compiled script. It never changes, so that every state may run it.
type Program struct {
	proto *lua.FunctionProto
	Flags Flags
	Sum   string // of the source of one in a Cache, which sets it
}

// sourceMost is the longest source that is compiled, in bytes: its syntax tree
// takes some fifty times as much for a moment.
const sourceMost = 4 << 20

// compile makes a program of a source. chunk is what messages call it.
func compile(source, chunk string) (*lua.FunctionProto, error) {
	if len(source) > sourceMost {
		return nil, &lua51.Error{Message: errMemory.Error()}
	}
	stmts, err := lua51.Parse(source, chunk, libraryField)
	if err != nil {
		return nil, err
	}
	proto, err := lua.Compile(stmts, chunk)
	if err != nil {
		return nil, &lua51.Error{Message: chunk + ":" + compileFault(err)}
	}
	endClosures(proto)
	// A chunk is no function with arguments of its own, which would be gathered
	// in a table at each call.
	proto.IsVarArg &^= lua.VarArgNeedsArg
	return proto, nil
}

// endClosures has functions made on the line on which they end, as in Lua; gopher-lua says where they begin.
func endClosures(proto *lua.FunctionProto) {
	for i := 0; i < len(proto.Code); i++ {
		if opOf(proto.Code[i]) != lua.OP_CLOSURE {
			continue
		}
		made := proto.FunctionPrototypes[bxOf(proto.Code[i])]
		for range int(made.NumUpvalues) + 1 { // behind it stands what it has of others' variables
			proto.DbgSourcePositions[i] = made.LastLineDefined
			i++
		}
		i--
	}
	for _, inner := range proto.FunctionPrototypes {
		endClosures(inner)
	}
}

// compileFault says in Lua's words what gopher-lua's compiler could not do.
func compileFault(err error) string {
	text := err.Error()
	if _, after, ok := strings.Cut(text, "compile error near line("); ok {
		line, _, _ := strings.Cut(after, ")")
		return line + ": function or expression too complex"
	}
	return " " + text
}

// libraryField implements lua51.Fields.
func libraryField(library, field string) string {
	if name := flat(library, field); libraryFields[name] {
		return name
	}
	return ""
}
