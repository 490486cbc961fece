package command

import (
	"slices"
	"strings"
	"testing"
)

// HELP of a command names each of its subcommands, and nothing that it does not have.
func TestHelpNamesSubcommands(t *testing.T) {
	for _, s := range Commands().order {
		if s.subs == nil {
			continue
		}
		named := map[string]bool{"help": true}
		for _, line := range readHelp(s.Name) {
			if word, _, _ := strings.Cut(line, " "); word != "" && word != "(no" {
				named[strings.ToLower(word)] = true
			}
		}
		for _, sub := range s.Sub {
			if !named[sub.Name] && !slices.Contains([]string{"cluster|slaves"}, sub.fullname) {
				t.Errorf("%s HELP does not name %s", s.Name, sub.Name)
			}
			delete(named, sub.Name)
		}
		for word := range named {
			t.Errorf("%s HELP names %s, which it does not have", s.Name, word)
		}
	}
}
