package command

// nameBytes is about how much memory a name takes that the server keeps for a client, beyond its own length, in bytes: a
// channel it listens to, a key it watches, a prefix it tracks. There are entries of two maps and a list, and what they lead to.
const nameBytes = 256

// holdNames counts names of a total length that are kept for the client, negative ones when they are kept no more. A
// client whose names take more than its requests may is disconnected.
func (c *Client) holdNames(count, length int) {
	n := c.seen.names.Load() + int64(length) + int64(count)*nameBytes
	c.seen.names.Set(n)
	c.Weigh()
	if count > 0 && n > c.W.Server.Params.QueryBufferLimit() {
		c.Killed = true
	}
}

// totalLength is that of all of some names.
func totalLength(names []string) (n int) {
	for _, name := range names {
		n += len(name)
	}
	return n
}
