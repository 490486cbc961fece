//go:build uring

package uring

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/pawelgaczynski/giouring"
	"golang.org/x/sys/unix"
)

// modes returns the set-up flags to try, best first. All of them submit the
// rest of a batch after an entry that is wrong.
func modes(cfg Config) []uint32 {
	const all = giouring.SetupSubmitAll | giouring.SetupClamp
	if cfg.SQPoll {
		return []uint32{
			all | giouring.SetupSQPoll | giouring.SetupSingleIssuer,
			all | giouring.SetupSQPoll,
		}
	}
	return []uint32{
		all | giouring.SetupCoopTaskrun | giouring.SetupSingleIssuer | giouring.SetupDeferTaskrun, // 6.1
		all | giouring.SetupCoopTaskrun | giouring.SetupSingleIssuer,
		all | giouring.SetupCoopTaskrun,
	}
}

// setUp makes a ring in the best mode the kernel knows, and says what the kernel
// filled into its parameters.
func setUp(cfg Config) (*giouring.Ring, *giouring.Params, error) {
	err := error(unix.EINVAL)
	for _, flags := range modes(cfg) {
		ring, p := giouring.NewRing(), newParams(flags)
		if err = ring.QueueInitParams(uint32(cfg.SQDepth), p); err == nil {
			return ring, p, nil
		}
		if !errors.Is(err, unix.EINVAL) {
			break
		}
	}
	return nil, nil, explain(err)
}

// explain says what to do about an error of io_uring_setup.
func explain(err error) error {
	switch {
	case errors.Is(err, unix.ENOSYS):
		return fmt.Errorf("io_uring_setup: %w: this kernel has no io_uring: use one of version 6.1 or later", err)
	case errors.Is(err, unix.EINVAL):
		return fmt.Errorf("io_uring_setup: %w: this kernel is too old: use one of version 6.1 or later", err)
	case errors.Is(err, unix.ENOMEM):
		return fmt.Errorf("io_uring_setup: %w: raise LimitMEMLOCK (ulimit -l) or make engine.uring.sq_depth smaller", err)
	case errors.Is(err, unix.EMFILE), errors.Is(err, unix.ENFILE):
		return fmt.Errorf("io_uring_setup: %w: raise LimitNOFILE", err)
	case errors.Is(err, unix.EPERM), errors.Is(err, unix.EACCES):
		if disabled := disabledBySysctl(); disabled != "" {
			return fmt.Errorf("io_uring_setup: %w: kernel.io_uring_disabled is %s: run sysctl -w kernel.io_uring_disabled=0", err, disabled)
		}
		return fmt.Errorf("io_uring_setup: %w: forbidden by seccomp or a security module: allow io_uring_setup, io_uring_enter and io_uring_register in the container's profile", err)
	}
	return fmt.Errorf("io_uring_setup: %w", err)
}

// disabledBySysctl returns the value of the sysctl when it forbids io_uring.
func disabledBySysctl() string {
	b, err := os.ReadFile("/proc/sys/kernel/io_uring_disabled")
	if v := strings.TrimSpace(string(b)); err == nil && v != "0" {
		return v
	}
	return ""
}
