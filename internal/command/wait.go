package command

// WAIT and WAITAOF wait for others to have what was written. Here nobody else has
// any of it, so that one that asks for somebody waits for as long as it may.

func waitCommand(c *Client, args [][]byte) {
	if c.W.Server.isReplica() {
		c.Error(errReplicaWait)
		return
	}
	replicas, isInt := parseInt(args[1])
	if !isInt {
		c.Error(errNotInteger)
		return
	}
	if ms, ok := c.blockTime(args[2]); ok {
		c.waitForNobody(args, replicas > 0, ms, ":0\r\n")
	}
}

func waitaofCommand(c *Client, args [][]byte) {
	if c.W.Server.isReplica() {
		c.Error(errReplicaWaitAOF)
		return
	}
	local, isInt := parseInt(args[1])
	switch {
	case !isInt:
		c.Error(errNotInteger)
		return
	case local < 0 || local > 1:
		c.Error(errLocalRange)
		return
	}
	replicas, isInt := parseInt(args[2])
	if !isInt || replicas < 0 {
		c.Error(errNotPositive)
		return
	}
	ms, ok := c.blockTime(args[3])
	switch {
	case !ok:
	case local > 0:
		c.Error(errWaitLocal)
	default:
		c.waitForNobody(args, replicas > 0, ms, "*2\r\n:0\r\n:0\r\n")
	}
}

// waitForNobody replies that nobody has it, to one that asks for somebody after
// ms milliseconds, 0 for ever.
func (c *Client) waitForNobody(args [][]byte, somebody bool, ms int64, nobody string) {
	if !somebody || c.tx.running {
		c.Reply.Raw(nobody)
		return
	}
	b := blocking{first: 1, vain: nobody} // it waits for no key
	if ms > 0 {
		b.deadline = c.W.NowMS + ms
	}
	c.block(args, b)
}
