package command

func pingCommand(c *Client, args [][]byte) {
	if c.limited && !c.monitoring && len(args) <= 2 {
		c.pingListening(args)
		return
	}
	switch len(args) {
	case 1:
		c.Reply.SimpleString("PONG")
	case 2:
		c.Reply.Bulk(args[1])
	default:
		c.Error(errArity("ping"))
	}
}

// pingListening replies to a subscriber in RESP2, in the form of a message.
func (c *Client) pingListening(args [][]byte) {
	c.Reply.ArrayLen(2)
	c.Reply.BulkString("pong")
	if len(args) == 2 {
		c.Reply.Bulk(args[1])
	} else {
		c.Reply.BulkString("")
	}
}

func echoCommand(c *Client, args [][]byte) { c.Reply.Bulk(args[1]) }

func selectCommand(c *Client, args [][]byte) {
	if c.W.Server.cluster != nil {
		if n, isInt, inRange := parseInt32(args[1]); isInt && inRange && n != 0 {
			c.Error(errClusterSelect)
			return
		}
	}
	if db, ok := c.parseDB(args[1]); ok {
		c.selectDB(db)
		c.Reply.SimpleString("OK")
	}
}

func quitCommand(c *Client, _ [][]byte) {
	c.Reply.SimpleString("OK")
	c.Closing = true
}

// resetCommand puts everything back to what a new connection has, except for
// the name and version of the client's library.
func resetCommand(c *Client, _ [][]byte) {
	c.discard()
	c.W.hearFirst()
	c.endAll()
	c.setMonitoring(false)
	c.trackNoMore()
	c.selectDB(0)
	c.setProto(2)
	c.setNoTouch(false)
	c.seen.setFlag(seenNoEvict|seenReadOnly, false)
	c.seen.name.Store(nil)
	c.mute = replyOn
	c.begin()
	c.Reply.SimpleString("RESET")
}

func (c *Client) setProto(version int) {
	c.Reply.Proto = version
	c.seen.proto.Set(int64(version))
	if c.subs != nil {
		c.noteListening()
	}
}

func (c *Client) setNoTouch(on bool) {
	c.noTouch = on
	c.seen.setFlag(seenNoTouch, on)
}
