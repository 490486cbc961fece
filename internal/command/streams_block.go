package command

import "github.com/crucible-cache/crucible/internal/keyspace"

// waitForEntries blocks the client until one of its streams has something to
// read. The request is then carried out again by whoever wrote to a stream,
// under the locks of that write: of the other streams it sees those that were
// written to in the same step.
func (c *Client) waitForEntries(args [][]byte, o *readOptions) {
	b := blocking{first: o.first, last: o.first + o.n - 1, wants: keyspace.TypeStream, try: tryRead}
	if o.grouped {
		b.try, b.untilGone = tryReadgroup, true
	}
	if o.blockMS > 0 {
		b.deadline = c.W.NowMS + o.blockMS
	}
	c.block(c.fixedIDs(args, o), b)
}

// fixedIDs returns a request with $ replaced by the ID that it stands for now.
func (c *Client) fixedIDs(args [][]byte, o *readOptions) [][]byte {
	fixed := append([][]byte(nil), args...)
	for i := range o.n {
		at := o.first + i
		if streamMark(args[at+o.n]) != '$' {
			continue
		}
		fixed[at+o.n] = []byte("0-0")
		if s, _ := c.peekStream(c.Key(args, at)); s != nil {
			fixed[at+o.n] = s.LastID.Append(nil)
		}
	}
	return fixed
}

// tryRead is the attempt of XREAD: it waits on while the key is no stream.
func tryRead(c *Client, args [][]byte, at int) (done bool) {
	it, found := c.W.Peek(c.DB, c.Key(args, at))
	if !found || it.Type() != keyspace.TypeStream {
		return false
	}
	var o readOptions
	return !o.parse(c, args) || c.read(args, &o)
}

// tryReadgroup is the attempt of XREADGROUP, which fails once its key or its
// group is gone.
func tryReadgroup(c *Client, args [][]byte, _ int) (done bool) {
	o := readOptions{grouped: true}
	return !o.parse(c, args) || c.read(args, &o)
}
