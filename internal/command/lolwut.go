package command

import (
	"math/rand/v2"
	"strings"
)

// The picture that LOLWUT draws, in characters, unless the request says otherwise.
const (
	lolwutColumns = 66
	lolwutRows    = 10
	lolwutMax     = 1000 // columns, and rows

	lolwutVersion = "Redis ver. " + RedisVersion + "\n"
)

// lolwutNumbers are how many numbers may stand behind VERSION and a version for which Redis
// draws a picture: the first two are columns and rows here.
var lolwutNumbers = map[int64]int{5: 3, 6: 2, 8: 0}

// lolwutCommand draws a picture of its own, and says which version of Redis the
// commands are those of. Behind VERSION stands one for which Redis draws a picture, or
// there is none.
func lolwutCommand(c *Client, args [][]byte) {
	version, rest := int64(8), [][]byte(nil)
	if len(args) > 2 && equalName(args[1], "version") {
		var ok bool
		if version, ok = parseInt(args[2]); !ok {
			c.Error(errNotInteger)
			return
		}
		rest = args[3:]
	}
	numbers, drawn := lolwutNumbers[version]
	if !drawn {
		c.Reply.Verbatim("txt", lolwutVersion)
		return
	}
	size := [...]int64{lolwutColumns, lolwutRows, 0}
	for i, word := range rest[:min(len(rest), numbers)] {
		n, ok := parseInt(word)
		if !ok {
			c.Error(errNotInteger)
			return
		}
		size[i] = min(max(n, 1), lolwutMax)
	}
	picture := crucible(int(size[0]), int(size[1])) + "\n" + lolwutVersion
	if version == 8 {
		picture += "\n"
	}
	c.Reply.Verbatim("txt", picture)
}

// crucible draws sparks over a melt: the fewer the higher.
func crucible(columns, rows int) string {
	var b strings.Builder
	for row := range rows {
		for range columns {
			switch heat := rand.IntN(rows*rows + 1); { //nolint:gosec // a picture
			case row == rows-1:
				b.WriteByte('#')
			case heat < row*row:
				b.WriteByte(".:*"[min(heat*3/max(row*row, 1), 2)])
			default:
				b.WriteByte(' ')
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}
