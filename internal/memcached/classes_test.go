package memcached

import (
	"strconv"
	"strings"
	"testing"

	"github.com/crucible-cache/crucible/internal/keyspace"
)

// With the slab backend each class tells what it holds.
func TestStatsOfClasses(t *testing.T) {
	c := newTestClientOf(t, keyspace.Config{Databases: 1, Maxmemory: testMemory, SegmentSize: testSegment, Backend: "slab", Policy: "lra"})
	small, large := strings.Repeat("s", 100), strings.Repeat("l", 1000)
	c.do("set a 0 0 100\r\n" + small + "\r\nset b 0 0 100\r\n" + small + "\r\nset c 0 0 1000\r\n" + large + "\r\n")
	items, slabs := c.stats(t, "stats items\r\n"), c.stats(t, "stats slabs\r\n")
	if slabs["active_slabs"] != "2" || slabs["total_malloced"] != strconv.Itoa(2*testSegment) || len(items) != 4 {
		t.Errorf("slabs: %v, items: %v", slabs, items)
	}
	for name, number := range items {
		class, ok := strings.CutSuffix(strings.TrimPrefix(name, "items:"), ":number")
		if !ok {
			continue
		}
		value := map[string]int{"2": len(small), "1": len(large)}[number]
		size, _ := strconv.Atoi(slabs[class+":chunk_size"])
		if used := slabs[class+":used_chunks"]; used != number || size < value || size > value*3/2 {
			t.Errorf("class %s of %d bytes has %s items in %s chunks", class, size, number, used)
		}
	}
}
