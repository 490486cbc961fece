package config

import (
	"fmt"
	"io"
	"os"
	"syscall"

	"github.com/alecthomas/kong"
)

// Exit codes of the server. A service manager should not restart on ExitUsage
// and ExitConfig: the next start would fail the same way.
const (
	ExitOK      = 0
	ExitFailure = 1  // it could not start, or failed while it served
	ExitUsage   = 2  // the command line makes no sense
	ExitConfig  = 78 // the configuration is wrong; EX_CONFIG of sysexits.h
)

// CommandLine reads args (without the program name). It returns a Config to
// serve, or nil and the exit code when there is nothing to serve: everything
// there was to say has then been written to stdout or stderr. version is what
// --version prints.
func CommandLine(args []string, version string, stdout, stderr io.Writer) (*Config, int) {
	if len(args) > 0 && args[0] == convertCommand {
		return nil, convert(args[1:], stdout, stderr)
	}
	flags, code := parseFlags(args, stdout, stderr)
	if flags == nil {
		return nil, code
	}
	switch {
	case flags.Version:
		fmt.Fprintln(stdout, "crucible-server", version)
		return nil, ExitOK
	case flags.SignalReload != 0:
		return nil, signalReload(flags.SignalReload, stderr)
	case flags.Check != "":
		return nil, check(flags, stdout, stderr)
	}
	c, err := Load(flags.File, flags)
	if err != nil {
		fmt.Fprintln(stderr, err)
		return nil, ExitConfig
	}
	if flags.PrintConfig {
		if err := c.Print(stdout); err != nil {
			fmt.Fprintln(stderr, err)
			return nil, ExitFailure
		}
		return nil, ExitOK
	}
	return c, ExitOK
}

// parseFlags returns nil flags when the command line was wrong or asked for
// help.
func parseFlags(args []string, stdout, stderr io.Writer) (*Flags, int) {
	var flags Flags
	helped := false
	parser, err := kong.New(&flags,
		kong.Name("crucible-server"),
		kong.Description("Serves Redis and Memcached clients from one cache. \"crucible-server convert-config redis.conf\" prints a profile made of a redis.conf."),
		kong.Writers(stdout, stderr),
		kong.Exit(func(int) { helped = true }),
	)
	if err != nil {
		fmt.Fprintln(stderr, err)
		return nil, ExitFailure
	}
	_, err = parser.Parse(args)
	if helped {
		return nil, ExitOK
	}
	if err == nil && flags.Check != "" && flags.File != "" {
		err = fmt.Errorf("--check takes the profile itself: give one file, not also %s", flags.File)
	}
	if err == nil && flags.RedisConf != "" && flags.Check+flags.File != "" {
		err = fmt.Errorf("--redis-conf takes the place of a profile: do not give %s as well", flags.Check+flags.File)
	}
	if err != nil {
		fmt.Fprintf(stderr, "crucible-server: %s\nusage: crucible-server [FILE.toml] [flags], or crucible-server convert-config redis.conf; --help lists the flags\n", err)
		return nil, ExitUsage
	}
	return &flags, ExitOK
}

// check validates a profile together with the environment and the flags.
func check(flags *Flags, stdout, stderr io.Writer) int {
	c, err := Load(flags.Check, flags)
	if err != nil {
		fmt.Fprintln(stderr, err)
		return ExitConfig
	}
	for _, w := range c.Warnings() {
		fmt.Fprintln(stderr, "warning:", w)
	}
	fmt.Fprintf(stdout, "%s: OK\n", flags.Check)
	return ExitOK
}

// signalReload sends SIGHUP, so that a unit file needs no /bin/kill.
func signalReload(pid int, stderr io.Writer) int {
	if pid < 0 {
		fmt.Fprintf(stderr, "--signal-reload %d: not a process id\n", pid)
		return ExitUsage
	}
	process, err := os.FindProcess(pid)
	if err == nil {
		err = process.Signal(syscall.SIGHUP)
	}
	if err != nil {
		fmt.Fprintf(stderr, "--signal-reload %d: %s\n", pid, err)
		return ExitFailure
	}
	return ExitOK
}
