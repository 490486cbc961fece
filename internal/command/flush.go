package command

func flushdbCommand(c *Client, args [][]byte) {
	if later, ok := c.parseFlush(args); ok {
		c.countFlushed(later, c.W.Len(c.DB))
		c.W.Flush(c.DB)
		c.affects()
		c.Reply.SimpleString("OK")
	}
}

func flushallCommand(c *Client, args [][]byte) {
	if later, ok := c.parseFlush(args); ok {
		for db := range c.W.Server.Keyspace.Databases() {
			c.countFlushed(later, c.W.Len(db))
		}
		c.W.FlushAll()
		c.affects()
		if len(c.W.Server.Params.savePoints()) > 0 {
			c.saveEmptied(args)
			return
		}
		c.Reply.SimpleString("OK")
	}
}

// saveEmptied replies when there is a snapshot of the databases that were just emptied, so that what was in them does
// not come back with an older one. Nobody waits for it in a transaction or script, nor a master.
func (c *Client) saveEmptied(args [][]byte) {
	saver := c.W.Server.Snapshots
	if c.tx.running || c.W.Server.isReplica() {
		saver.Schedule()
		c.Reply.SimpleString("OK")
		return
	}
	c.await(args)
	x := c.waiter.Load()
	saver.Anew(func(error) { // which the log has
		if x.cancel() {
			x.post([]byte("+OK\r\n"))
		}
	})
}

// parseFlush reads the option, which makes no difference but to figures: items are
// dropped from the index under the locks, and their memory is recycled by segment.
// later says whether the reference server would free them in the background, which
// it does for whoever may wait, whatever was asked.
func (c *Client) parseFlush(args [][]byte) (later, ok bool) {
	switch {
	case len(args) == 1:
		later = c.W.Server.Params.value("lazyfree-lazy-user-flush") == "yes"
	case len(args) == 2 && equalName(args[1], "async"):
		later = true
	case len(args) == 2 && equalName(args[1], "sync"):
	default:
		c.Error(errSyntax)
		return false, false
	}
	return later || !c.tx.running, true
}

func (c *Client) countFlushed(later bool, keys int64) {
	if later {
		c.W.Stats.FreedLater.Add(uint64(keys)) //nolint:gosec // a count
	}
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
	c.affects()
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
