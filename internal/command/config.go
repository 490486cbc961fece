package command

func configGetCommand(c *Client, args [][]byte) {
	var found [][2]string
	c.W.Server.Params.get(args[2:], func(name, value string) {
		found = append(found, [2]string{name, value})
	})
	c.Reply.MapLen(len(found))
	for _, p := range found {
		c.replyField(p[0], p[1])
	}
}

func configSetCommand(c *Client, args [][]byte) {
	if len(args)%2 != 0 {
		c.Error(errSyntax)
		return
	}
	if problem := c.W.Server.Params.set(args[2:], c.allowedBy(c.W.Server.Params.value("enable-protected-configs"))); problem != "" {
		c.Error(problem)
		return
	}
	c.Reply.SimpleString("OK")
}

func configResetstatCommand(c *Client, _ [][]byte) {
	c.W.Server.ResetStats()
	c.Reply.SimpleString("OK")
}
