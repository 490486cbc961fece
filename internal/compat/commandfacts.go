package compat

import (
	"fmt"
	"slices"
	"strings"

	"github.com/crucible-cache/crucible/internal/compat/resp"
	"github.com/crucible-cache/crucible/internal/compat/script"
)

// The elements of an entry of COMMAND's reply.
const (
	factName = iota
	factArity
	factFlags
	factFirstKey
	factLastKey
	factKeyStep
	factCategories
	factTips
	factKeySpecs
	factSubcommands
	factElements
)

// CommandFact is what a server says of one of its commands.
type CommandFact struct {
	Group string // from COMMAND DOCS; empty when it wasn't asked for
	Arity int
	Keys  [3]int // first, last, step
	Flags string // sorted, separated by blanks
	ACL   string // the same, each with its "@"
}

// ReadCommands asks a running Redis server for its commands and subcommands.
func ReadCommands(address string) (map[string]CommandFact, error) {
	v, err := ask(address, "COMMAND")
	if err != nil {
		return nil, err
	}
	facts := map[string]CommandFact{}
	if err := addFacts(facts, v.Elems); err != nil {
		return nil, err
	}
	return facts, nil
}

// ReadGroups asks for the group each command is documented in and adds it to the facts.
func ReadGroups(address string, facts map[string]CommandFact) error {
	v, err := ask(address, "COMMAND", "DOCS")
	if err != nil {
		return err
	}
	groups := map[string]string{}
	for i := 0; i+1 < len(v.Elems); i += 2 {
		documented := &v.Elems[i+1]
		for j := 0; j+1 < len(documented.Elems); j += 2 {
			if string(documented.Elems[j].Text) == "group" {
				groups[string(v.Elems[i].Text)] = string(documented.Elems[j+1].Text)
			}
		}
	}
	for name, fact := range facts {
		container, _, _ := strings.Cut(name, "|")
		fact.Group = groups[container]
		if fact.Group == "" {
			return fmt.Errorf("COMMAND DOCS of %s says no group for %s", address, container)
		}
		facts[name] = fact
	}
	return nil
}

// ReadVersion asks a Redis server for its version.
func ReadVersion(address string) (string, error) {
	v, err := ask(address, "INFO", "server")
	if err != nil {
		return "", err
	}
	version, ok := textFields(v.Text)["redis_version"]
	if !ok {
		return "", fmt.Errorf("INFO of %s names no redis_version", address)
	}
	return version, nil
}

func ask(address string, args ...string) (*resp.Value, error) {
	c, err := dial(address, script.Redis)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	reply := askOn(c, args...)
	if reply.Fault != nil || reply.Closed || reply.Values[0].IsError() {
		return nil, fmt.Errorf("%s to %s: %s", strings.Join(args, " "), address, reply.String())
	}
	return &reply.Values[0], nil
}

func addFacts(facts map[string]CommandFact, entries []resp.Value) error {
	for i := range entries {
		fields := entries[i].Elems
		if len(fields) < factElements {
			return fmt.Errorf("an entry of COMMAND has %d elements instead of %d: %s",
				len(fields), factElements, &entries[i])
		}
		facts[string(fields[factName].Text)] = CommandFact{
			Arity: int(fields[factArity].Int),
			Keys: [3]int{
				int(fields[factFirstKey].Int), int(fields[factLastKey].Int), int(fields[factKeyStep].Int),
			},
			Flags: sortedWords(fields[factFlags].Elems),
			ACL:   sortedWords(fields[factCategories].Elems),
		}
		if err := addFacts(facts, fields[factSubcommands].Elems); err != nil {
			return err
		}
	}
	return nil
}

func sortedWords(elems []resp.Value) string {
	words := make([]string, len(elems))
	for i := range elems {
		words[i] = string(elems[i].Text)
	}
	slices.Sort(words)
	return strings.Join(words, " ")
}
