package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/crucible-cache/crucible/internal/compat"
	"github.com/crucible-cache/crucible/internal/compat/script"
	"github.com/crucible-cache/crucible/internal/config"
)

type runCommand struct {
	serverFlags
	Cases    string `placeholder:"DIR" help:"The case files (compat/NAME/cases)."`
	Only     string `placeholder:"GLOB" help:"Only the cases whose group/file/name matches."`
	Mode     string `enum:"alone,cluster,debug," default:"" help:"Only the cases for servers that are alone, for clusters of one, or for servers that allow DEBUG; servers named by address or command have to be so (all, alone for servers that are named)."`
	Streams  bool   `help:"Compare what both servers send their replicas, in place of what they reply; without --only of the cases that write data."`
	JUnit    string `name:"junit" placeholder:"FILE" help:"Write the results as JUnit XML."`
	Markdown string `placeholder:"FILE" help:"Write the results as a Markdown page."`
	Verbose  bool   `short:"v" help:"Print every case."`
}

// storesCommand replays the cases once for each backend and policy.
type storesCommand struct {
	runCommand
	Stores []string `placeholder:"BACKEND/POLICY" default:"all" help:"Pairs of a backend and one of its policies; all is every pair there is."`
}

// Run replays the cases and says at the end which pairs differ from the reference.
func (c *storesCommand) Run(ctx context.Context) error {
	if len(c.Stores) == 1 && c.Stores[0] == "all" {
		c.Stores = nil
		for _, p := range config.Pairs() {
			c.Stores = append(c.Stores, p.Backend+"/"+p.Policy)
		}
	}
	var different []string
	for _, store := range c.Stores {
		fmt.Printf("\n==> %s\n", store)
		run := c.runCommand
		run.Store = store
		err := run.Run(ctx)
		if err != nil && !errors.Is(err, errDifferent) {
			return fmt.Errorf("%s: %w", store, err)
		}
		if err != nil {
			different = append(different, store)
		}
	}
	fmt.Printf("\n%d pairs of backend and policy, %d of them different: %s\n", len(c.Stores), len(different), strings.Join(different, ", "))
	if len(different) > 0 {
		return errDifferent
	}
	return nil
}

// Run replays the cases. All servers are ended before it returns.
func (c *runCommand) Run(ctx context.Context) error {
	protocol, err := c.protocol()
	if err != nil {
		return err
	}
	cases := c.Cases
	if cases == "" {
		cases = filepath.Join(c.directory(), "cases")
	}
	files, err := script.Load(cases, protocol)
	if err != nil {
		return err
	}
	if c.Streams && c.Only == "" {
		files = compat.Written(files)
	}
	var all *compat.Results
	for _, mode := range c.modes() {
		selected := compat.Select(files, mode, c.Only)
		if len(selected) == 0 {
			continue
		}
		results, err := c.replay(ctx, protocol, mode, selected)
		if err != nil {
			return err
		}
		if all == nil {
			all = results
		} else {
			all.Add(results)
		}
	}
	if all == nil {
		return fmt.Errorf("no case matches %q", c.Only)
	}
	return c.report(all)
}

// modes are those whose cases are replayed.
func (c *runCommand) modes() []script.Mode {
	switch {
	case c.Mode != "":
		return []script.Mode{script.Mode(c.Mode)}
	case c.given():
		return []script.Mode{script.Alone}
	case c.Streams: // no message that would mark the end of a case is in the stream of a cluster
		return []script.Mode{script.Alone, script.Debug}
	default:
		return []script.Mode{script.Alone, script.Cluster, script.Debug}
	}
}

// replay replays the cases of files for one mode.
func (c *runCommand) replay(ctx context.Context, protocol script.Protocol, mode script.Mode, files []script.File) (results *compat.Results, err error) {
	started := mode
	if c.Streams && mode == script.Alone && !c.given() {
		started = script.Debug // see Runner.Streams
	}
	servers, err := c.start(ctx, started)
	defer func() { err = errors.Join(err, servers.stop()) }()
	if err != nil {
		return nil, err
	}
	fmt.Printf("reference  %s\ntarget     %s\n\n", servers.reference.Title, servers.target.Title)
	runner := compat.Runner{Protocol: protocol, Reference: servers.reference, Target: servers.target, Streams: c.Streams}
	if c.Verbose {
		runner.Progress = printProgress
	}
	results, err = runner.Run(ctx, files)
	if err != nil {
		return nil, errors.Join(err, servers.outputs())
	}
	return results, nil
}

func printProgress(result *compat.CaseResult) {
	verdict := "equal"
	if !result.Equal() {
		verdict = "DIFFERENT"
	}
	fmt.Printf("%-9s %s\n", verdict, result.Title())
}

// report prints the results and writes the files asked for; differences make it an error.
func (c *runCommand) report(results *compat.Results) error {
	if err := results.WriteDifferences(os.Stdout); err != nil {
		return err
	}
	if err := results.WriteTable(os.Stdout); err != nil {
		return err
	}
	fmt.Printf("\n%s\n", results.Summary())
	if err := writeFile(c.JUnit, results.WriteJUnit); err != nil {
		return err
	}
	if err := writeFile(c.Markdown, results.WriteMarkdown); err != nil {
		return err
	}
	if results.Different() > 0 {
		return errDifferent
	}
	return nil
}

func writeFile(path string, write func(io.Writer) error) error {
	if path == "" {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	return errors.Join(write(file), file.Close())
}

// outputs tells what the started servers printed, for a run that broke off.
func (p *pair) outputs() error {
	var errs []error
	for _, s := range p.started {
		if out := s.Output(); out != "" {
			errs = append(errs, fmt.Errorf("%s printed:\n%s", s.Command.Title, out))
		}
	}
	return errors.Join(errs...)
}
