package command

import (
	"slices"
	"strings"

	"github.com/crucible-cache/crucible/internal/glob"
)

func commandListCommand(c *Client, args [][]byte) {
	switch {
	case len(args) == 2:
		c.replyNamed(func(*Spec) bool { return true })
	case len(args) != 5 || !equalName(args[2], "filterby"):
		c.Error(errSyntax)
	case equalName(args[3], "module"):
		named := equalName(args[4], vectorModule.name)
		c.replyNamed(func(s *Spec) bool { return named && s.Flags&Module != 0 })
	case equalName(args[3], "aclcat"):
		category := strings.ToLower(string(args[4]))
		c.replyNamed(func(s *Spec) bool { return slices.Contains(s.categories(), category) })
	case equalName(args[3], "pattern"):
		pattern := []byte(strings.ToLower(string(args[4])))
		c.replyNamed(func(s *Spec) bool { return glob.Match(pattern, []byte(strings.ToLower(s.fullname))) })
	default:
		c.Error(errSyntax)
	}
}

// replyNamed replies with the names of the commands and subcommands wanted.
func (c *Client) replyNamed(wanted func(*Spec) bool) {
	c.replyBulks(c.W.Server.Table.names(func(s *Spec) bool { return s.available() && wanted(s) }))
}

// names returns the names of the commands and subcommands wanted, of those too
// that cannot be called.
func (t *Table) names(wanted func(*Spec) bool) (names []string) {
	for _, s := range t.all {
		if wanted(s) {
			names = append(names, s.fullname)
		}
	}
	return names
}
