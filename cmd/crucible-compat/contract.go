package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/crucible-cache/crucible/internal/compat"
	"github.com/crucible-cache/crucible/internal/compat/script"
)

// contractCommand checks compat/NAME/commands.toml.
type contractCommand struct{ serverFlags }

func (c *contractCommand) Run(ctx context.Context) (err error) {
	protocol, err := c.protocol()
	if err != nil {
		return err
	}
	list, err := compat.LoadCommandList(c.listPath())
	if err != nil {
		return err
	}
	files, err := script.Load(filepath.Join(c.directory(), "cases"), protocol)
	if err != nil {
		return err
	}
	servers, err := c.start(ctx, script.Alone)
	defer func() { err = errors.Join(err, servers.stop()) }()
	if err != nil {
		return err
	}
	breaches, err := list.Check(protocol, servers.reference.Address, servers.target.Address, compat.UsedCommands(files))
	if err != nil {
		return err
	}
	fmt.Printf("reference  %s\ntarget     %s\n\n", servers.reference.Title, servers.target.Title)
	count := list.Count()
	fmt.Printf("%s: %d commands full, %d partial, %d missing\n",
		c.listPath(), count[compat.Full], count[compat.Partial], count[compat.Missing])
	if len(breaches) > 0 {
		fmt.Printf("\n%s\n\n%d breaches\n", strings.Join(breaches, "\n"), len(breaches))
		return errDifferent
	}
	fmt.Println("both servers agree with it")
	return nil
}

func (f *serverFlags) listPath() string { return filepath.Join(f.directory(), "commands.toml") }

// factsCommand writes what the reference says of its commands into compat/redis/commands.toml.
type factsCommand struct{ serverFlags }

const listComment = `Every command and subcommand of the reference, and how far we match it.

level   full: every option and every error, checked by cases; partial: answered, and the reason says
        what is lacking; missing: answered as an unknown command.
words   "ours" for a command that replies with sentences for people: they are our own, and the cases
        hold the shape, the syntax, the fields and the errors of its replies.
arity, keys (first, last, step), flags and acl are the reference's own account, written by
"crucible-compat facts"; levels, words and reasons are written by hand. "crucible-compat contract" holds the
list against what both servers say.`

func (c *factsCommand) Run(ctx context.Context) (err error) {
	protocol, err := c.protocol()
	if err != nil {
		return err
	}
	if protocol != script.Redis {
		return fmt.Errorf("%s has no COMMAND command: its list is written by hand", protocol)
	}
	list, err := compat.LoadCommandList(c.listPath())
	if err != nil {
		return err
	}
	servers := &pair{}
	defer func() { err = errors.Join(err, servers.stop()) }()
	reference, err := c.startReference(ctx, servers, script.Alone)
	if err != nil {
		return err
	}
	version, err := compat.ReadVersion(reference.Address)
	if err != nil {
		return err
	}
	facts, err := compat.ReadCommands(reference.Address)
	if err != nil {
		return err
	}
	if err := compat.ReadGroups(reference.Address, facts); err != nil {
		return err
	}
	list.Update(version, facts)
	fmt.Printf("%s: %d commands and subcommands of %s\n", c.listPath(), len(facts), reference.Title)
	return list.WriteFile(c.listPath(), listComment)
}
