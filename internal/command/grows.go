package command

import (
	"bytes"
	"strings"
)

// What values may grow to by commands whose arguments are small. A request that is
// refused for its arguments needs nothing: what is out of range counts as 0.

func setrangeGrows(c *Client, args [][]byte) int64 {
	offset, ok := parseInt(args[2])
	if !ok || offset < 0 || len(args[3]) == 0 || offset > c.W.Server.Params.ProtoMaxBulkLen()-int64(len(args[3])) {
		return 0
	}
	return offset
}

func appendGrows(c *Client, args [][]byte) int64 { return c.storedBytes(args[1]) }

func copyGrows(c *Client, args [][]byte) int64 { return c.storedBytes(args[1]) }

func setbitGrows(c *Client, args [][]byte) int64 {
	offset, ok := c.parseBitOffset(args[2])
	if !ok {
		return 0
	}
	return offset >> 3
}

// bitopGrows is the longest of the sources.
func bitopGrows(c *Client, args [][]byte) (n int64) {
	for _, name := range args[3:] {
		n = max(n, c.storedBytes(name))
	}
	return n
}

// bitfieldGrows looks at the offsets behind SET and INCRBY, of which those with a #
// count in fields of at most 64 bits.
func bitfieldGrows(c *Client, args [][]byte) (n int64) {
	for i := 2; i+2 < len(args); i++ {
		if !equalName(args[i], "set") && !equalName(args[i], "incrby") {
			continue
		}
		digits, fields := bytes.CutPrefix(args[i+2], []byte("#"))
		offset, _ := parseInt(digits)
		if !fields {
			offset >>= 3
		} else if offset < 1<<40 {
			offset <<= 3
		}
		n = max(n, c.within(offset))
	}
	return n
}

// sumGrows is for an outcome that may hold all that is in the sources, which
// firstGrows and leastGrows bound by the first and by the smallest of them.
func sumGrows(c *Client, args [][]byte) (n int64) {
	c.eachSource(args, func(_ int, bytes int64) { n += bytes })
	return n
}

func firstGrows(c *Client, args [][]byte) (n int64) {
	c.eachSource(args, func(i int, bytes int64) {
		if i == 0 {
			n = bytes
		}
	})
	return n
}

func leastGrows(c *Client, args [][]byte) (n int64) {
	c.eachSource(args, func(i int, bytes int64) {
		if i == 0 || bytes < n {
			n = bytes
		}
	})
	return n
}

// sortGrows takes what GET finds for an element to be as large as the element.
func sortGrows(c *Client, args [][]byte) int64 {
	gets := int64(0)
	for i := 2; i+1 < len(args); i++ {
		if equalName(args[i], "get") {
			gets++
			i++
		}
	}
	return firstGrows(c, args) * max(gets, 1)
}

// eachSource visits how many bytes each key has that a request reads, if there is a
// key that it writes.
func (c *Client) eachSource(args [][]byte, visit func(i int, bytes int64)) {
	s, i := c.W.Server.Table.Lookup(args[0]), 0
	if s.written(args) == nil {
		return
	}
	s.eachUse(args, func(at int, flags string) {
		if strings.HasPrefix(flags, "RO") {
			visit(i, c.storedBytes(args[at]))
			i++
		}
	})
}

// written is the name of the last key that a request writes, nil if there is none.
func (s *Spec) written(args [][]byte) (name []byte) {
	s.eachUse(args, func(at int, flags string) {
		if !strings.HasPrefix(flags, "RO") {
			name = args[at]
		}
	})
	return name
}

// growth is how much memory the commands of a transaction need beyond their
// arguments: what stays of each key that they write, and what the greediest of
// them gives back when it is done.
type growth struct {
	lasting map[string]int64
	sum     int64 // of lasting
	passing int64
}

func (g *growth) bytes() int64 { return g.sum + g.passing }

// add takes a command in that needs so many bytes for the value of a key which has
// stored bytes now.
func (g *growth) add(name []byte, bytes, stored int64) {
	stays := max(0, bytes-stored)
	g.passing = max(g.passing, bytes-stays)
	more := stays - g.lasting[string(name)]
	if more <= 0 {
		return
	}
	if g.lasting == nil {
		g.lasting = map[string]int64{}
	}
	g.lasting[string(name)] += more
	g.sum += more
}

// growing is what growth.add is to know of a request.
func (c *Client) growing(s *Spec, args [][]byte) (name []byte, bytes, stored int64) {
	if name = s.written(args); name == nil {
		return nil, 0, 0
	}
	return name, s.Grows(c, args), c.storedBytes(name)
}

// within is a length if a string may have it, else 0.
func (c *Client) within(length int64) int64 {
	if length < 0 || length >= c.W.Server.Params.ProtoMaxBulkLen() {
		return 0
	}
	return length
}
