// Package parity turns the parity checks into Go tests, so that "go test" alone shows whether our
// server still matches the reference.
//
// The checks need the reference in the very version the list of commands is of. Where this machine
// does not have it the checks against it are skipped, and say so; what can be checked without it is
// checked all the same. The servers belong to the test that starts them.
package parity

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/crucible-cache/crucible/internal/compat"
	"github.com/crucible-cache/crucible/internal/compat/launch"
	"github.com/crucible-cache/crucible/internal/compat/script"
	"github.com/crucible-cache/crucible/internal/compat/servertest"
)

const casesTimeout = 3 * time.Minute

// suite is what the directory compat/NAME holds.
type suite struct {
	protocol script.Protocol
	list     *compat.CommandList
	files    []script.File
}

func load(t *testing.T, protocol script.Protocol) suite {
	t.Helper()
	dir := strings.TrimSuffix(servertest.Profile(t, string(protocol)), ".toml")
	list, err := compat.LoadCommandList(filepath.Join(dir, "commands.toml"))
	if err != nil {
		t.Fatal(err)
	}
	files, err := script.Load(filepath.Join(dir, "cases"), protocol)
	if err != nil {
		t.Fatal(err)
	}
	return suite{protocol: protocol, list: list, files: files}
}

// reference starts the reference server, or skips the test where there is none of the right version.
func (s *suite) reference(t *testing.T) *launch.Server {
	t.Helper()
	return servertest.StartCommand(t, s.referenceCommand(t))
}

func (s *suite) referenceCommand(t *testing.T) launch.Command {
	t.Helper()
	command, err := launch.Reference(servertest.Root(t), string(s.protocol))
	if err != nil {
		t.Skipf("NOT CHECKED against the reference: %v", err)
	}
	if !strings.Contains(command.Title, " "+s.list.Reference+" ") {
		t.Skipf("NOT CHECKED against the reference: found %s, want version %s: make incumbents", command.Title, s.list.Reference)
	}
	return command
}

// pair starts the reference and our server, both of a mode.
func (s *suite) pair(t *testing.T, mode script.Mode, engine string) (reference, target *launch.Server) {
	t.Helper()
	theirs, ours := s.referenceCommand(t), servertest.Command(t, string(s.protocol), engine)
	switch mode {
	case script.Cluster:
		theirs, ours = launch.RedisCluster(theirs), launch.CrucibleCluster(ours)
	case script.Debug:
		theirs, ours = launch.RedisDebug(theirs), launch.CrucibleDebug(ours)
	}
	return servertest.StartCommand(t, theirs), servertest.StartCommand(t, ours)
}

// TestContract holds compat/NAME/commands.toml against our server, the reference and the cases.
func TestContract(t *testing.T, protocol script.Protocol) {
	s := load(t, protocol)
	report := func(t *testing.T, breaches []string, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		for _, breach := range breaches {
			t.Error(breach)
		}
	}
	t.Run("cases", func(t *testing.T) {
		report(t, s.list.CheckCases(compat.UsedCommands(s.files)), nil)
	})
	t.Run("target", func(t *testing.T) {
		breaches, err := s.list.CheckTarget(protocol, servertest.Start(t, string(protocol), "").Address)
		report(t, breaches, err)
	})
	t.Run("reference", func(t *testing.T) {
		breaches, err := s.list.CheckReference(protocol, s.reference(t).Address)
		report(t, breaches, err)
	})
}

// TestCases replays every case on our server and on the reference, under the engine that the server chooses and under the
// one that runs everywhere: "make compat" replays them under each driver.
func TestCases(t *testing.T, protocol script.Protocol) {
	if testing.Short() {
		t.Skip("NOT CHECKED: replaying the cases takes longer than a short run has")
	}
	s := load(t, protocol)
	for _, engine := range []string{"auto", "goroutine"} {
		for _, mode := range []script.Mode{script.Alone, script.Cluster, script.Debug} {
			if files := compat.Select(s.files, mode, ""); len(files) > 0 {
				t.Run(engine+"/"+string(mode), func(t *testing.T) { s.replay(t, files, mode, engine) })
			}
		}
	}
}

// replay replays the cases of files for servers of one mode.
func (s *suite) replay(t *testing.T, files []script.File, mode script.Mode, engine string) {
	t.Helper()
	t.Parallel()
	reference, target := s.pair(t, mode, engine)
	ctx, cancel := context.WithTimeout(context.Background(), casesTimeout)
	defer cancel()
	runner := compat.Runner{Protocol: s.protocol, Reference: endpoint(reference), Target: endpoint(target)}
	results, err := runner.Run(ctx, files)
	if err != nil {
		t.Fatal(err)
	}
	if err := results.WriteDifferences(os.Stdout); err != nil {
		t.Error(err)
	}
	if results.Different() > 0 {
		t.Errorf("%s", results.Summary())
	}
	t.Log(results.Summary())
}

func endpoint(s *launch.Server) compat.Endpoint {
	return compat.Endpoint{Title: s.Command.Title, Address: s.Address, Restart: s.Restart}
}

// randomLength is how long made-up requests are compared in a test; "make fuzz-parity" goes on for longer.
const randomLength = 20 * time.Second

// TestRandom compares the replies of our server and the reference to requests that are made up, always the same ones.
func TestRandom(t *testing.T, protocol script.Protocol) {
	if testing.Short() {
		t.Skip("NOT CHECKED: comparing made-up requests takes longer than a short run has")
	}
	s := load(t, protocol)
	reference, target := s.pair(t, script.Debug, "") // which tell their DEBUG DIGEST
	random := compat.Random{Reference: endpoint(reference), Target: endpoint(target), Seed: 1}
	requests, found, err := random.Run(context.Background(), randomLength)
	if err != nil {
		t.Fatal(err)
	}
	if found != nil {
		var text strings.Builder
		if err := found.Write(&text); err != nil {
			t.Error(err)
		}
		t.Errorf("after %d requests:\n%s", requests, &text)
	}
	t.Logf("%d requests", requests)
}
