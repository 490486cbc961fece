package command

func clientIDCommand(c *Client, _ [][]byte) { c.Reply.Int(c.ID) }

func clientGetnameCommand(c *Client, _ [][]byte) {
	if name := text(&c.seen.name); name != "" {
		c.Reply.BulkString(name)
		return
	}
	c.Reply.Null()
}

func clientSetnameCommand(c *Client, args [][]byte) {
	if !plainText(args[2]) {
		c.Error(errSpecialCharacters("Client names"))
		return
	}
	c.setName(args[2])
	c.Reply.SimpleString("OK")
}

func (c *Client) setName(name []byte) {
	s := string(name)
	c.seen.name.Store(&s)
}

func clientSetinfoCommand(c *Client, args [][]byte) {
	field := &c.seen.libName
	switch {
	case equalName(args[2], "lib-name"):
	case equalName(args[2], "lib-ver"):
		field = &c.seen.libVer
	default:
		c.Error("ERR Unrecognized option '" + printed(args[2], len(args[2])) + "'")
		return
	}
	if !plainText(args[3]) {
		c.Error(errSpecialCharacters(printed(args[2], len(args[2]))))
		return
	}
	s := string(args[3])
	field.Store(&s)
	c.Reply.SimpleString("OK")
}

// plainText reports whether a name can stand in a line of CLIENT LIST.
func plainText(name []byte) bool {
	for _, b := range name {
		if b < '!' || b > '~' {
			return false
		}
	}
	return true
}

func errSpecialCharacters(what string) string {
	return "ERR " + what + " cannot contain spaces, newlines or special characters."
}

func clientNoEvictCommand(c *Client, args [][]byte) {
	if on, ok := c.parseSwitch(args[2]); ok {
		c.seen.setFlag(seenNoEvict, on)
		c.Reply.SimpleString("OK")
	}
}

func clientNoTouchCommand(c *Client, args [][]byte) {
	if on, ok := c.parseSwitch(args[2]); ok {
		c.setNoTouch(on)
		c.Reply.SimpleString("OK")
	}
}

// parseSwitch reads ON or OFF, and replies with an error if it is neither.
func (c *Client) parseSwitch(word []byte) (on, ok bool) {
	switch {
	case equalName(word, "on"):
		return true, true
	case equalName(word, "off"):
		return false, true
	}
	c.Error(errSyntax)
	return false, false
}

// clientReplyCommand replies to ON only; what mutes replies mutes its own.
func clientReplyCommand(c *Client, args [][]byte) {
	switch {
	case equalName(args[2], "on"):
		c.mute = replyOn
		c.Reply.SimpleString("OK")
	case equalName(args[2], "off"):
		c.mute = replyOff
	case equalName(args[2], "skip"):
		if c.mute != replyOff {
			c.mute = replySkipNext
		}
	default:
		c.Error(errSyntax)
	}
}
