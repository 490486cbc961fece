package command

import (
	"math"
	"strconv"

	"github.com/crucible-cache/crucible/internal/keyspace"
	"github.com/crucible-cache/crucible/internal/object"
	"github.com/crucible-cache/crucible/internal/protocol/resp"
)

func zscanCommand(c *Client, args [][]byte) {
	k, it, cursor, ok := c.scanTyped(args, keyspace.TypeZSet)
	if !ok {
		return
	}
	filter, count, ok := c.parseElementScan(args[3:], nil)
	if !ok {
		return
	}
	s := c.sortedOf(k, it)
	var list nameList
	var text [32]byte
	write := scanScorePacked
	if !s.Packed() {
		write = scanScoreLarge
	}
	looked := 0
	for steps := count * scanSteps; ; steps-- {
		cursor = s.Scan(cursor, func(e object.Elem, score float64) {
			looked++
			member := e.Text(text[:])
			if filter.matches(member) {
				list.add(member)
				list.add(write(text[:0], score))
			}
		})
		if cursor == 0 || looked >= count || steps <= 0 {
			break
		}
	}
	c.replyScan(cursor, &list)
}

// scanScorePacked and scanScoreLarge write a score as ZSCAN shows it of either
// form: as it is kept, or with the 17 digits that tell it from any other.
func scanScorePacked(b []byte, score float64) []byte { return resp.AppendDouble(b, score) }

func scanScoreLarge(b []byte, score float64) []byte {
	if math.IsInf(score, 0) {
		return resp.AppendDouble(b, score)
	}
	return strconv.AppendFloat(b, score, 'g', 17, 64)
}
