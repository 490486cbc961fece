package command

import (
	"math"

	"github.com/crucible-cache/crucible/internal/keyspace"
)

const (
	// lcsCellBytes is what the reference server needs for a pair of positions.
	// We need a bit, but refuse what it refuses for taking more than
	// proto-max-bulk-len.
	lcsCellBytes = 4
	lcsLengthMax = math.MaxUint32 - 1 // bytes of either string
)

// lcsOptions are the options of LCS.
type lcsOptions struct {
	length, indexes, matchLength bool
	shortest                     int64 // matches below this length are left out
}

func lcsCommand(c *Client, args [][]byte) {
	a, ok := c.lcsString(c.Key(args, 1))
	b, bOK := c.lcsString(c.Key(args, 2))
	if !ok || !bOK {
		c.Error(errLCSType)
		return
	}
	var o lcsOptions
	if !o.parse(c, args[3:]) {
		return
	}
	if len(a) >= lcsLengthMax || len(b) >= lcsLengthMax {
		c.Error(errLCSLength)
		return
	}
	if uint64(len(a)+1)*uint64(len(b)+1) > uint64(c.W.Server.Params.ProtoMaxBulkLen()/lcsCellBytes) {
		c.Error(errLCSMemory)
		return
	}
	t := newLCSTable(a, b)
	switch {
	case o.indexes:
		c.replyLCSIndexes(t, &o)
	case o.length:
		c.Reply.Int(int64(t.length))
	default:
		c.Reply.Bulk(t.common())
	}
}

// lcsString returns the value of a key, an absent one holding nothing.
func (c *Client) lcsString(k keyspace.Key) (value []byte, ok bool) {
	it, found := c.Get(k)
	if !found {
		return nil, true
	}
	return it.Value(), it.Type() == keyspace.TypeString
}

func (o *lcsOptions) parse(c *Client, options [][]byte) bool {
	for i := 0; i < len(options); i++ {
		switch word := options[i]; {
		case equalName(word, "idx"):
			o.indexes = true
		case equalName(word, "len"):
			o.length = true
		case equalName(word, "withmatchlen"):
			o.matchLength = true
		case equalName(word, "minmatchlen") && i+1 < len(options):
			i++
			var ok bool
			if o.shortest, ok = parseInt(options[i]); !ok {
				c.Error(errNotInteger)
				return false
			}
		default:
			c.Error(errSyntax)
			return false
		}
	}
	if o.indexes && o.length {
		c.Error(errLCSOptions)
		return false
	}
	return true
}

// lcsTable is the result of comparing two strings by dynamic programming. Of
// the lengths for all pairs of prefixes only the last row is ever needed again,
// and for walking back which of two neighbours was longer.
type lcsTable struct {
	a, b   []byte
	length int
	up     []uint64 // a bit for each pair: shortening a loses less than shortening b
}

func newLCSTable(a, b []byte) *lcsTable {
	t := &lcsTable{a: a, b: b, up: make([]uint64, (len(a)*len(b)+63)/64)}
	row := make([]uint32, len(b)+1) // lengths for the prefix of a so far
	cell := 0
	for _, x := range a {
		var diagonal uint32 // of the row before, one to the left
		for j, y := range b {
			above, left := row[j+1], row[j]
			switch {
			case x == y:
				row[j+1] = diagonal + 1
			case above > left:
				t.up[cell/64] |= 1 << (cell % 64)
			default:
				row[j+1] = left
			}
			diagonal = above
			cell++
		}
	}
	t.length = int(row[len(b)])
	return t
}

// walk visits the pairs of positions of the common subsequence, last to first.
func (t *lcsTable) walk(visit func(i, j int)) {
	for i, j := len(t.a)-1, len(t.b)-1; i >= 0 && j >= 0; {
		cell := i*len(t.b) + j
		switch {
		case t.a[i] == t.b[j]:
			visit(i, j)
			i--
			j--
		case t.up[cell/64]>>(cell%64)&1 != 0:
			i--
		default:
			j--
		}
	}
}

// common returns the subsequence itself.
func (t *lcsTable) common() []byte {
	s := make([]byte, t.length)
	n := t.length
	t.walk(func(i, _ int) {
		n--
		s[n] = t.a[i]
	})
	return s
}

// lcsMatch is a stretch that both strings have in common, by its first position
// in each.
type lcsMatch struct{ a, b, length int }

// matches returns the stretches, last to first.
func (t *lcsTable) matches(shortest int64) []lcsMatch {
	var all []lcsMatch
	var m lcsMatch
	end := func() {
		if m.length > 0 && int64(m.length) >= shortest {
			all = append(all, m)
		}
	}
	t.walk(func(i, j int) {
		if m.length > 0 && i == m.a-1 && j == m.b-1 {
			m.a, m.b = i, j
			m.length++
			return
		}
		end()
		m = lcsMatch{i, j, 1}
	})
	end()
	return all
}

func (c *Client) replyLCSIndexes(t *lcsTable, o *lcsOptions) {
	all := t.matches(o.shortest)
	c.Reply.MapLen(2)
	c.Reply.BulkString("matches")
	c.Reply.ArrayLen(len(all))
	for _, m := range all {
		if o.matchLength {
			c.Reply.ArrayLen(3)
		} else {
			c.Reply.ArrayLen(2)
		}
		c.replyRange(m.a, m.length)
		c.replyRange(m.b, m.length)
		if o.matchLength {
			c.Reply.Int(int64(m.length))
		}
	}
	c.Reply.BulkString("len")
	c.Reply.Int(int64(t.length))
}

// replyRange replies with the first and the last position of a stretch.
func (c *Client) replyRange(first, length int) {
	c.Reply.ArrayLen(2)
	c.Reply.Int(int64(first))
	c.Reply.Int(int64(first + length - 1))
}
