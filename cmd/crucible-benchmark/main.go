// Command crucible-benchmark loads a server and measures it, and sets servers side by side.
package main

import (
	"context"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/crucible-cache/crucible/internal/version"
)

// commandLine is the grammar of the program's arguments.
type commandLine struct {
	Version kong.VersionFlag `help:"Print the version and exit."`

	Run        runCommand        `cmd:"" default:"withargs" help:"Load one server with a workload profile (the default)."`
	Bench      benchCommand      `cmd:"" help:"Start the incumbents and Crucible and measure them in turn: throughput, latency, CPU per request, memory."`
	Compare    compareCommand    `cmd:"" help:"Go through a ready-made suite of such measurements."`
	Simulate   simulateCommand   `cmd:"" help:"Replay traces through our stores, Redis and Memcached, and compare what they miss."`
	Memory     memoryCommand     `cmd:"" help:"Measure how much memory each server takes for an item."`
	Growth     growthCommand     `cmd:"" help:"Measure reads while the index grows, and while a full cache evicts."`
	Types      typesCommand      `cmd:"" help:"Compare CPU per request and memory per element on lists, hashes, sets, sorted sets and streams."`
	Stalls     stallsCommand     `cmd:"" help:"Show how long other clients wait while a large collection is deleted, expires or is evicted."`
	Garbage    garbageCommand    `cmd:"" help:"Show what collecting garbage costs beside many elements, in collections and as strings."`
	Generators generatorsCommand `cmd:"" help:"Measure how much load a core makes, beside redis-benchmark and memcslap."`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	var c commandLine
	parsed := kong.Parse(&c,
		kong.Name("crucible-benchmark"),
		kong.Description("Load generator and side-by-side comparison for Redis and Memcached servers."),
		kong.UsageOnError(),
		kong.Vars{"version": "crucible-benchmark " + version.String()},
		kong.BindTo(ctx, (*context.Context)(nil)),
	)
	err := parsed.Run()
	stop()
	parsed.FatalIfErrorf(err)
}

// calledAs is this program's command line, for a report.
func calledAs() string {
	return strings.Join(append([]string{filepath.Base(os.Args[0])}, os.Args[1:]...), " ")
}
