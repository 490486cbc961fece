// Command crucible-server serves Redis and Memcached clients from one cache.
//
// main reads the profile, makes an appliance of it and waits: for SIGTERM,
// which drains and exits with 0, for SIGHUP, which reloads what can change, or
// for a client's SHUTDOWN. How the parts are put together is in appliance.go.
package main

import (
	"log/slog"
	"os"

	"github.com/crucible-cache/crucible/internal/config"
	"github.com/crucible-cache/crucible/internal/version"
)

func main() { os.Exit(run()) }

func run() int {
	if len(os.Args) == 2 && os.Args[1] == copyArgument {
		return runCopy()
	}
	awaitRestart()
	cfg, code := config.CommandLine(os.Args[1:], version.String(), os.Stdout, os.Stderr)
	if cfg == nil {
		return code
	}
	if err := serve(cfg); err != nil {
		slog.Error(err.Error())
		return config.ExitFailure
	}
	return config.ExitOK
}
