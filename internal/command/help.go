package command

import (
	"embed"
	"strings"
)

// helpTexts has a file for each command with subcommands. The lines that are not
// indented are the syntax, which is Redis' own; those that are explain it.
//
//go:embed help/*.txt
var helpTexts embed.FS

// readHelp returns what HELP lists of a command's subcommands, nil if there is
// no text about it.
func readHelp(name string) []string {
	text, err := helpTexts.ReadFile("help/" + name + ".txt")
	if err != nil {
		return nil
	}
	return strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
}

// helpCommand explains the subcommands of a command.
func helpCommand(c *Client, args [][]byte) {
	s := c.W.Server.Table.Lookup(args[0])
	c.replyHelp(s.called, readHelp(s.Name))
}

// replyHelp puts what all such replies have in common around the lines.
func (c *Client) replyHelp(name string, lines []string) {
	c.Reply.ArrayLen(len(lines) + 3)
	c.Reply.SimpleString(strings.ToUpper(name) + " <subcommand> [<arg> [value] [opt] ...]. Subcommands are:")
	for _, line := range lines {
		c.Reply.SimpleString(line)
	}
	c.Reply.SimpleString("HELP")
	c.Reply.SimpleString("    Prints this.")
}
