package command

import "strings"

// helpCommand explains the subcommands of a container, from the table.
func helpCommand(c *Client, args [][]byte) {
	s := c.W.Server.Table.Lookup(args[0])
	lines := []string{strings.ToUpper(s.called) + " <subcommand> [<arg> [value] [opt] ...]. Subcommands are:"}
	if s.Run != nil {
		lines = append(lines, "(no subcommand)", "    "+s.Summary)
	}
	for _, sub := range s.Sub {
		lines = append(lines, strings.ToUpper(sub.Name)+usage(parseArguments(sub.Arguments)), "    "+sub.Summary)
	}
	c.Reply.ArrayLen(len(lines))
	for _, line := range lines {
		c.Reply.SimpleString(line)
	}
}
