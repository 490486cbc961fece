package command

import "github.com/crucible-cache/crucible/internal/keyspace"

func appendCommand(c *Client, args [][]byte) {
	k, tail := c.Key(args, 1), args[2]
	it, found, ok := c.peekString(k)
	if !ok {
		return
	}
	if !found {
		c.W.Set(c.DB, k, tail, keyspace.Options{})
		c.notify(keyspace.StringEvent, "append", k)
		c.Reply.Int(int64(len(tail)))
		return
	}
	n := len(it.Value())
	if int64(n+len(tail)) > c.W.Server.Params.ProtoMaxBulkLen() {
		c.Error(errStringTooLong)
		return
	}
	value := c.W.Resize(c.DB, k, it, n+len(tail), edited(it))
	copy(value[n:], tail)
	c.notify(keyspace.StringEvent, "append", k)
	c.Reply.Int(int64(len(value)))
}

// edited are the options of a value that is changed in part.
func edited(it keyspace.Item) keyspace.Options {
	return keyspace.Options{KeepTTL: true, Flags: it.Flags(), Encoding: keyspace.EncodingRaw}
}

func setrangeCommand(c *Client, args [][]byte) {
	offset, ok := parseInt(args[2])
	if !ok {
		c.Error(errNotInteger)
		return
	}
	if offset < 0 {
		c.Error(errOffset)
		return
	}
	k, part := c.Key(args, 1), args[3]
	it, found, ok := c.peekString(k)
	if !ok {
		return
	}
	n := 0
	if found {
		n = len(it.Value())
	}
	if len(part) == 0 {
		c.Reply.Int(int64(n))
		return
	}
	if offset > c.W.Server.Params.ProtoMaxBulkLen()-int64(len(part)) {
		c.Error(errStringTooLong)
		return
	}
	if !found {
		c.W.Set(c.DB, k, nil, keyspace.Options{Encoding: keyspace.EncodingRaw})
		it, _ = c.W.Peek(c.DB, k)
	}
	value := c.W.Resize(c.DB, k, it, max(n, int(offset)+len(part)), edited(it))
	copy(value[offset:], part)
	c.notify(keyspace.StringEvent, "setrange", k)
	c.Reply.Int(int64(len(value)))
}

// getrangeCommand also serves SUBSTR, the same command's old name.
func getrangeCommand(c *Client, args [][]byte) {
	start, ok := parseInt(args[2])
	end, endOK := parseInt(args[3])
	if !ok || !endOK {
		c.Error(errNotInteger)
		return
	}
	it, found, ok := c.readString(c.Key(args, 1))
	if !ok {
		return
	}
	var value []byte
	if found {
		value = it.Value()
	}
	c.Reply.Bulk(byteRange(value, start, end))
}

// byteRange returns value from start to end, both included and counted from
// the end of it if negative. An end before the beginning counts as 0 unless
// both are negative and the wrong way round.
func byteRange(value []byte, start, end int64) []byte {
	if start < 0 && end < 0 && start > end {
		return nil
	}
	n := int64(len(value))
	if start < 0 {
		start = max(n+start, 0)
	}
	if end < 0 {
		end = max(n+end, 0)
	}
	end = min(end, n-1)
	if start > end {
		return nil
	}
	return value[start : end+1]
}
