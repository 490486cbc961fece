//go:build race

package keyspace

import (
	"flag"
	"os"
	"testing"

	_ "pgregory.net/rapid" // its flags
)

// raced says that the race detector is on: what has one thread and takes long is
// left out or cut short.
const raced = true

// racedChecks is how many runs a property gets: they have one thread, and the race detector
// makes each about ten times as long. The plain tests make the full number.
const racedChecks = "15"

func TestMain(m *testing.M) {
	if err := flag.Set("rapid.checks", racedChecks); err != nil { // what the command line says comes later and wins
		panic(err)
	}
	os.Exit(m.Run())
}
