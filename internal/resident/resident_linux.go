package resident

import (
	"bytes"
	"os"
	"strconv"

	"github.com/crucible-cache/crucible/internal/offheap"
)

// ofSystem reads what the kernel says: total, resident and file-backed pages,
// among others.
func ofSystem() (m Memory) {
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return m
	}
	fields := bytes.Fields(text)
	if len(fields) < 3 {
		return m
	}
	page := int64(os.Getpagesize())
	total, _ := strconv.ParseInt(string(fields[1]), 10, 64)
	shared, _ := strconv.ParseInt(string(fields[2]), 10, 64)
	// Pages from a pool of huge ones are in no resident set.
	m.Total, m.Program = total*page+offheap.HugeBytes(), shared*page
	return m
}
