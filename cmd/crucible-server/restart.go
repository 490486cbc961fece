package main

import (
	"errors"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// environment is what the process was started with: what the service manager says in it, for one, is
// taken out as it is read.
var environment = os.Environ()

// restartDelay names how many milliseconds the program waits when it was started anew, so that nothing of it
// is there meanwhile.
const restartDelay = "CRUCIBLE_RESTART_DELAY"

// restart starts the program anew in this process, with its arguments. Everything that is open is closed by that.
func restart(delay time.Duration) error {
	inherits := func(v string) bool { return strings.HasPrefix(v, "LISTEN_FDS=") }
	if slices.ContainsFunc(environment, inherits) {
		return errors.New("the sockets of the service manager would be lost: restart the service")
	}
	path := executable()
	if path == "" {
		return errors.New("the system does not tell which file this program is of")
	}
	again := append(slices.Clip(environment), restartDelay+"="+strconv.FormatInt(delay.Milliseconds(), 10))
	return syscall.Exec(path, os.Args, again) //nolint:gosec // it is this program
}

// restarted says that restart began this program. The kernel may still be at closing what was open: a ring goes in its own
// time, and the sockets that it waits on with it. For restartPatience their addresses are tried again.
var restarted bool

const (
	restartPatience = 10 * time.Second
	restartPause    = 10 * time.Millisecond
)

// awaitRestart waits for as long as restart said.
func awaitRestart() {
	var delay string
	delay, restarted = os.LookupEnv(restartDelay)
	ms, _ := strconv.ParseInt(delay, 10, 64)
	_ = os.Unsetenv(restartDelay)
	isDelay := func(v string) bool { return strings.HasPrefix(v, restartDelay+"=") }
	environment = slices.DeleteFunc(environment, isDelay)
	time.Sleep(time.Duration(ms) * time.Millisecond)
}
