// Package script runs Lua 5.1 for EVAL, FCALL and their like: the interpreter
// (gopher-lua), the libraries that scripts find in Redis, the conversions
// between Lua's values and replies, and the caches of scripts and functions.
//
// It knows no command: what a script calls is carried out by its caller, the
// room command, through the interface Host.
//
// # Threads
//
// A State belongs to whoever runs a script in it, one at a time; Cache and
// Library may be used from any thread. A script is interrupted between two
// instructions: its Host is asked now and then (see meter) and may hold it up
// for as long as it likes. A debugger is asked there, too, before each instruction; a script
// that has none pays nothing for that.
//
// # Memory
//
// Values of scripts live on the Go heap. A script may make it grow by its
// allowance (Limits.Memory) and is ended with "not enough memory" beyond that: strings,
// table constructors and coroutines are charged as they are made, and every few
// thousand instructions the heap is looked at. Depth of calls, the stack of
// values, the nesting of source and of patterns are bounded by constants, so that no
// script can exhaust the stack of its goroutine, which could not be recovered from.
//
// # Differences of gopher-lua from Lua 5.1
//
// They are bridged here: syntax and its messages (package lua51), the format of
// numbers, patterns and string.format, the limits of unpack and string.rep,
// messages of runtime errors (faults.go), read-only tables (sandbox.go), and the
// generator of math.random.
package script
