// Package grammar makes requests up: it reads the arguments of every command from what a server says in COMMAND DOCS,
// and draws requests that follow them, and now and then don't.
//
// It knows no socket. A Grammar is immutable once read; a Drawer belongs to one goroutine, and the same seed draws the
// same requests from the same Grammar. Memory is the table of commands, and one request at a time.
package grammar

import (
	"fmt"
	"slices"
	"strings"

	"github.com/crucible-cache/crucible/internal/compat/resp"
)

// Grammar is the commands that requests are drawn from.
type Grammar struct{ commands []command }

// command is one command or subcommand.
type command struct {
	name      string // in lower case, "object|encoding" for a subcommand
	group     string
	arguments []argument
}

// argument is one node of a command's arguments.
type argument struct {
	name, kind, token string
	optional          bool
	multiple          bool
	repeatsToken      bool // the token stands before each of several
	parts             []argument
}

// Read makes a Grammar of a reply to COMMAND DOCS, of the commands that keep accepts.
func Read(docs *resp.Value, keep func(name, group string) bool) (*Grammar, error) {
	g := &Grammar{}
	if err := g.read(docs, keep, ""); err != nil {
		return nil, err
	}
	if len(g.commands) == 0 {
		return nil, fmt.Errorf("COMMAND DOCS: no command that is wanted")
	}
	slices.SortFunc(g.commands, func(a, b command) int { return strings.Compare(a.name, b.name) })
	return g, nil
}

func (g *Grammar) read(docs *resp.Value, keep func(name, group string) bool, group string) error {
	if !docs.IsAggregate() || len(docs.Elems)%2 != 0 {
		return fmt.Errorf("COMMAND DOCS: no map: %s", docs)
	}
	for i := 0; i < len(docs.Elems); i += 2 {
		about := fields(&docs.Elems[i+1])
		c := command{name: strings.ToLower(string(docs.Elems[i].Text)), group: group}
		if v, ok := about["group"]; ok {
			c.group = string(v.Text)
		}
		if subs, ok := about["subcommands"]; ok {
			if err := g.read(subs, keep, c.group); err != nil {
				return err
			}
			continue
		}
		if v, ok := about["arguments"]; ok {
			c.arguments = readArguments(v)
		} else if hidden, ok := undocumented[c.name]; ok {
			c.group, c.arguments = vectorGroup, hidden
		}
		if keep(c.name, c.group) {
			g.commands = append(g.commands, c)
		}
	}
	return nil
}

func readArguments(list *resp.Value) []argument {
	arguments := make([]argument, len(list.Elems))
	for i := range list.Elems {
		about := fields(&list.Elems[i])
		text := func(field string) string {
			if v, ok := about[field]; ok {
				return string(v.Text)
			}
			return ""
		}
		a := argument{name: text("name"), kind: text("type"), token: text("token")}
		if flags, ok := about["flags"]; ok {
			for f := range flags.Elems {
				switch string(flags.Elems[f].Text) {
				case "optional":
					a.optional = true
				case "multiple":
					a.multiple = true
				case "multiple_token":
					a.repeatsToken = true
				}
			}
		}
		if parts, ok := about["arguments"]; ok {
			a.parts = readArguments(parts)
		}
		arguments[i] = a
	}
	return arguments
}

// fields reads a map, or a flat list of names and values.
func fields(v *resp.Value) map[string]*resp.Value {
	m := make(map[string]*resp.Value, len(v.Elems)/2)
	for i := 0; i+1 < len(v.Elems); i += 2 {
		m[string(v.Elems[i].Text)] = &v.Elems[i+1]
	}
	return m
}
