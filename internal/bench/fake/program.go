package fake

import (
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/crucible-cache/crucible/internal/bench/wire"
)

// programVariable makes a test binary be a server instead, of the protocol it names.
const programVariable = "CRUCIBLE_BENCH_FAKE"

// Program is for TestMain of a package whose tests start servers as processes: it lets the same binary be the server. It
// returns at once unless the test asked for that with As.
func Program() {
	p := os.Getenv(programVariable)
	if p == "" {
		return
	}
	if err := program(wire.Protocol(p), os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// As is the environment entry that makes the test binary a server.
func As(p wire.Protocol) (name, value string) { return programVariable, string(p) }

// program takes its place from the command line of a Redis, a Memcached or ours, serves until it is terminated, and tells
// its version.
func program(p wire.Protocol, args []string) error {
	for i, arg := range args {
		switch {
		case arg == "--version":
			fmt.Println("fake server v=1.2.3 build 4.5")
			return nil
		case (arg == "--port" || arg == "-p") && i+1 < len(args):
			return serveUntilTerminated(p, "127.0.0.1:"+args[i+1])
		case arg == "--listen" && i+1 < len(args):
			return serveUntilTerminated(p, args[i+1])
		}
	}
	return errors.New("no place given")
}

func serveUntilTerminated(p wire.Protocol, address string) error {
	end := make(chan os.Signal, 1)
	signal.Notify(end, syscall.SIGTERM)
	if _, err := Start(p, "tcp", address); err != nil {
		return err
	}
	<-end
	return nil
}
