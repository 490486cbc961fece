package command

func flushdbCommand(c *Client, args [][]byte) {
	if c.parseFlush(args) {
		c.W.Flush(c.DB)
		c.Reply.SimpleString("OK")
	}
}

func flushallCommand(c *Client, args [][]byte) {
	if c.parseFlush(args) {
		c.W.FlushAll()
		c.Reply.SimpleString("OK")
	}
}

// parseFlush reads the option, which makes no difference: items are dropped
// from the index under the locks, and their memory is recycled by segment.
func (c *Client) parseFlush(args [][]byte) bool {
	if len(args) == 1 || len(args) == 2 && (equalName(args[1], "async") || equalName(args[1], "sync")) {
		return true
	}
	c.Error(errSyntax)
	return false
}

func swapdbCommand(c *Client, args [][]byte) {
	if c.W.Server.cluster != nil {
		c.Error(errClusterSwap)
		return
	}
	a, ok := c.parseSwapped(args[1], errFirstDB)
	if !ok {
		return
	}
	b, ok := c.parseSwapped(args[2], errSecondDB)
	if !ok {
		return
	}
	if n := c.W.Server.Keyspace.Databases(); a < 0 || b < 0 || a >= n || b >= n {
		c.Error(errDBIndex)
		return
	}
	c.W.Swap(a, b)
	c.Reply.SimpleString("OK")
}

func (c *Client) parseSwapped(number []byte, problem string) (int, bool) {
	n, isInt, inRange := parseInt32(number)
	if !isInt || !inRange {
		c.Error(problem)
		return 0, false
	}
	return int(n), true
}

func dbsizeCommand(c *Client, _ [][]byte) { c.Reply.Int(c.W.Len(c.DB)) }
