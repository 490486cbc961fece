package compat

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// Level is how far we match a command of the reference.
type Level string

// The levels a command can have.
const (
	Full    Level = "full"    // every option and error, and at least one case uses it
	Partial Level = "partial" // answered, but short of the reference; the reason says in what
	Missing Level = "missing" // answered as an unknown command
)

// ListedCommand is an entry of a commands.toml. What it says of arity, flags, keys and categories is
// the reference's own account; the level and its reason are ours.
type ListedCommand struct {
	Arity  int    `toml:"arity"`
	Keys   []int  `toml:"keys"`  // first, last and step of the key arguments
	Flags  string `toml:"flags"` // sorted, separated by blanks
	ACL    string `toml:"acl"`
	Level  Level  `toml:"level"`
	Reason string `toml:"reason"`
	// Words is OurWords for a command that replies with sentences for people: those are our own, and
	// the cases hold everything else about the reply. Empty for all others.
	Words string `toml:"words"`
	// Probe is what is sent to find out whether a server without a COMMAND command knows this one:
	// text, or hexadecimal bytes of the binary protocol.
	Probe    string `toml:"probe"`
	ProbeHex string `toml:"probe_hex"`
}

// CommandList is a commands.toml: every command of one version of the reference, by group. A
// subcommand is listed as "container|subcommand".
type CommandList struct {
	Reference string                              `toml:"reference"` // the version, "8.0.2"
	Groups    map[string]map[string]ListedCommand `toml:"group"`
}

// LoadCommandList reads a commands.toml; a key it doesn't know is an error.
func LoadCommandList(path string) (*CommandList, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var list CommandList
	decoder := toml.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&list); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	for group, commands := range list.Groups {
		for name, command := range commands {
			if err := command.validate(); err != nil {
				return nil, fmt.Errorf("%s: %s in %s: %w", path, name, group, err)
			}
		}
	}
	return &list, nil
}

// OurWords is what ListedCommand.Words can be besides empty.
const OurWords = "ours"

func (c *ListedCommand) validate() error {
	if c.Words != "" && c.Words != OurWords {
		return fmt.Errorf("words are %q or not mentioned, not %q", OurWords, c.Words)
	}
	switch c.Level {
	case Full, Missing:
		return nil
	case Partial:
		if c.Reason == "" {
			return fmt.Errorf("level partial needs a reason")
		}
		return nil
	default:
		return fmt.Errorf("unknown level %q: write full, partial or missing", c.Level)
	}
}

// All is the list without its groups.
func (l *CommandList) All() map[string]ListedCommand {
	all := map[string]ListedCommand{}
	for _, commands := range l.Groups {
		for name, command := range commands {
			all[name] = command
		}
	}
	return all
}

// Count says how many commands and subcommands have each level.
func (l *CommandList) Count() map[Level]int {
	count := map[Level]int{}
	for _, command := range l.All() {
		count[command.Level]++
	}
	return count
}

// Update puts the reference's own account of its commands into the list. Levels and reasons stay;
// a command that is new is missing, one that the reference no longer has is dropped.
func (l *CommandList) Update(version string, facts map[string]CommandFact) {
	before := l.All()
	l.Reference = version
	l.Groups = map[string]map[string]ListedCommand{}
	for name, fact := range facts {
		command := ListedCommand{
			Arity: fact.Arity, Keys: fact.Keys[:], Flags: fact.Flags, ACL: fact.ACL, Level: Missing,
		}
		if known, ok := before[name]; ok {
			command.Level, command.Reason, command.Words = known.Level, known.Reason, known.Words
		}
		if l.Groups[fact.Group] == nil {
			l.Groups[fact.Group] = map[string]ListedCommand{}
		}
		l.Groups[fact.Group][name] = command
	}
}

// WriteFile writes the list of a server that has COMMAND, one line a command, sorted. The comment
// is what the file begins with.
func (l *CommandList) WriteFile(path, comment string) error {
	var b strings.Builder
	for line := range strings.Lines(comment) {
		b.WriteString(strings.TrimRight("# "+line, " \n") + "\n")
	}
	fmt.Fprintf(&b, "\nreference = %q\n", l.Reference)
	for _, group := range sortedKeys(l.Groups) {
		fmt.Fprintf(&b, "\n[group.%s]\n", group)
		for _, name := range sortedKeys(l.Groups[group]) {
			c := l.Groups[group][name]
			fmt.Fprintf(&b, "%q = { level = %q, arity = %d, keys = [%d, %d, %d], flags = %q, acl = %q",
				name, c.Level, c.Arity, c.Keys[0], c.Keys[1], c.Keys[2], c.Flags, c.ACL)
			if c.Words != "" {
				fmt.Fprintf(&b, ", words = %q", c.Words)
			}
			if c.Reason != "" {
				fmt.Fprintf(&b, ", reason = %q", c.Reason)
			}
			b.WriteString(" }\n")
		}
	}
	return os.WriteFile(path, []byte(b.String()), 0o644)
}

func sortedKeys[V any](m map[string]V) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
