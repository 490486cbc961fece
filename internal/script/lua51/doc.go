// Package lua51 reads Lua 5.1 source as the reference implementation does: it
// accepts what that accepts, refuses what that refuses with the same message,
// and gives the syntax tree that gopher-lua compiles.
//
// gopher-lua has a parser of its own, for a later dialect, with messages of its
// own and no bound on nesting. This one descends recursively, at most levelsMax
// deep, so no source can exhaust the stack; memory is a small multiple of the
// source's length, which the caller bounds.
//
// Some things are changed on the way, for what the sandbox of Redis asks for and
// for speed: a chain of concatenations becomes a call of the global Concat,
// because gopher-lua's own instruction writes numbers otherwise than C's
// "%.14g"; an assignment to a global is one to a field of Globals, which can
// refuse it; a bound of a for statement goes through the function Bound, because
// gopher-lua wants numbers there where Lua takes strings too; and a field of a library is read from a global of its own.
//
// Everything is a pure function of the source; any thread may call it.
package lua51

// Names of globals that no script can spell.
const (
	Bound   = "\x00bound"  // a function that makes a bound of a for statement a number if it can be
	Concat  = "\x00concat" // a function that concatenates its arguments
	Globals = "\x00globals"
)
