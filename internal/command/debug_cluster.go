package command

// debugClusterlink has no links to kill: this is the only node.
func debugClusterlink(c *Client, args [][]byte) {
	switch {
	case !equalName(args[2], "kill"):
		c.Error(errDebug(args[1]))
	case c.W.Server.cluster == nil:
		c.Error("ERR Debug option only available for cluster mode enabled setup!")
	case string(args[4]) != c.self().ID:
		c.Error(errUnknownNode(args[4]))
	case !isWord(args[3], "to", "from", "all"):
		c.Error("ERR Unknown direction " + printed(args[3], len(args[3])))
	default:
		c.Reply.SimpleString("OK")
	}
}

// debugPacketFilter has no packets to drop, for the same reason.
func debugPacketFilter(c *Client, args [][]byte) {
	if _, ok := parseInt(args[2]); !ok {
		c.Error(errNotInteger)
		return
	}
	c.Reply.SimpleString("OK")
}

// debugReplPause has none of the steps of Redis' synchronization to pause in.
func debugReplPause(c *Client, args [][]byte) {
	if !isWord(args[2], "clear", "after-fork", "before-rdb-channel", "on-streaming-repl-buf") {
		c.Error(errDebug(args[1]))
		return
	}
	c.Reply.SimpleString("OK")
}
