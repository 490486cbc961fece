//go:build unix

package service

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// ReservedFiles is how many descriptors stay free of clients: listeners,
// rings, the log, the admin server, and what the runtime opens.
const ReservedFiles = 64

// FitClients returns how many of the wanted clients the limit of open files
// allows, raising the limit when that is permitted. Redis lowers its
// maxclients likewise; the error says so and how to get more.
func FitClients(wanted int) (int, error) {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		return wanted, fmt.Errorf("limit of open files: %w", err)
	}
	need := uint64(wanted + ReservedFiles)
	if limit.Cur >= need {
		return wanted, nil
	}
	raised := unix.Rlimit{Cur: need, Max: max(limit.Max, need)}
	if unix.Setrlimit(unix.RLIMIT_NOFILE, &raised) == nil {
		return wanted, nil
	}
	// Only the superuser may raise the hard limit.
	raised = unix.Rlimit{Cur: limit.Max, Max: limit.Max}
	if unix.Setrlimit(unix.RLIMIT_NOFILE, &raised) == nil {
		limit = raised
	}
	if limit.Cur <= ReservedFiles {
		return 0, fmt.Errorf("the limit of %d open files leaves none for clients: raise LimitNOFILE= in the unit, or ulimit -n", limit.Cur)
	}
	fit := int(min(limit.Cur-ReservedFiles, uint64(wanted)))
	if fit < wanted {
		return fit, fmt.Errorf("the limit of %d open files allows %d clients, not %d: raise LimitNOFILE= in the unit, or ulimit -n", limit.Cur, fit, wanted)
	}
	return wanted, nil
}
