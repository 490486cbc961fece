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

// lolwutCommand draws a picture of its own, and says which version of Redis the
// commands are those of. Two numbers are columns and rows. Behind VERSION stands one
// for which Redis draws a picture, or there is none.
func lolwutCommand(c *Client, args [][]byte) {
	rest := args[1:]
	if len(rest) >= 2 && equalName(rest[0], "version") {
		version, ok := parseInt(rest[1])
		if !ok {
			c.Error(errNotInteger)
			return
		}
		if version != 5 && version != 6 && version != 8 {
			c.Reply.Verbatim("txt", lolwutVersion)
			return
		}
		rest = rest[2:]
	}
	size := [...]int64{lolwutColumns, lolwutRows}
	for i, word := range rest[:min(len(rest), len(size))] {
		n, ok := parseInt(word)
		if !ok {
			if i == 0 && equalName(word, "version") {
				break
			}
			c.Error(errNotInteger)
			return
		}
		size[i] = min(max(n, 1), lolwutMax)
	}
	c.Reply.Verbatim("txt", crucible(int(size[0]), int(size[1]))+"\n"+lolwutVersion)
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
