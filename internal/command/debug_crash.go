package command

import (
	"log/slog"
	"strings"
	"syscall"
)

// debugCrash ends the server as an error of its own would: with a report of where, and
// without saving anything.
func debugCrash(_ *Client, args [][]byte) {
	what := strings.ToUpper(string(args[1]))
	slog.Error("a client asked for a crash", "command", "DEBUG "+what)
	panic("DEBUG " + what)
}

// debugSegfault is debugCrash by a signal.
func debugSegfault(c *Client, args [][]byte) {
	slog.Error("a client asked for a crash", "command", "DEBUG SEGFAULT")
	if syscall.Kill(syscall.Getpid(), syscall.SIGSEGV) != nil {
		debugCrash(c, args)
	}
	select {} // the signal may arrive on another thread
}
