// Command crucible-compat proves parity: it replays case files on a reference server and on ours,
// compares every reply, and holds the list of commands we claim against what both servers say.
//
// Exit codes: 0 when everything is equal, 1 when something differs, 2 when the comparison itself
// could not be made.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/crucible-cache/crucible/internal/version"
)

const (
	exitDifferent = 1
	exitBroken    = 2
)

// errDifferent ends a command whose comparison was made and came out different.
var errDifferent = errors.New("the servers differ")

type cli struct {
	Version kong.VersionFlag `help:"Print the version and exit."`

	Run      runCommand      `cmd:"" help:"Replay the case files on both servers and compare their replies."`
	Random   randomCommand   `cmd:"" help:"Send both servers the same made-up requests and compare their replies."`
	Stores   storesCommand   `cmd:"" help:"Replay them once for each of our backends and policies."`
	Contract contractCommand `cmd:"" help:"Check the list of commands against what both servers say."`
	Facts    factsCommand    `cmd:"" help:"Write the reference server's commands into the list, keeping our levels."`
}

func main() {
	var c cli
	parser := kong.Must(&c,
		kong.Name("crucible-compat"),
		kong.Description("Compares Crucible with the server it stands in for."),
		kong.Vars{"version": "crucible-compat " + version.String()},
		kong.UsageOnError())
	command, err := parser.Parse(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "crucible-compat:", err)
		os.Exit(exitBroken)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	command.BindTo(ctx, (*context.Context)(nil))
	err = command.Run()
	stop()
	switch {
	case err == nil:
	case errors.Is(err, errDifferent):
		os.Exit(exitDifferent)
	default:
		fmt.Fprintln(os.Stderr, "crucible-compat:", err)
		os.Exit(exitBroken)
	}
}
