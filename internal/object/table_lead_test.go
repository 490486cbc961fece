package object

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// Leads of a table lead to nearly every entry, however it grew and shrank: those that are
// yet to be moved to another grid, or lie behind a full group, are waited for.
func TestTableLeads(t *testing.T) {
	heap := newTestHeap(t)
	tb := NewTable(heap, 0, true)
	random := rand.New(rand.NewPCG(1, 2))
	check := func() {
		found := 0
		tb.Each(func(e Entry) bool {
			var s Search
			groups, chunks := tb.Leads()
			heap.Search(&s, groups, chunks, e.Key())
			heap.Reach(&s, 2)
			if at := heap.reached(&s); at != 0 && at == heap.Place(e.b) {
				found++
			}
			return true
		})
		if tb.old.groups == 0 && found < tb.Len()*3/4 {
			t.Fatalf("%d of %d entries are found", found, tb.Len())
		}
	}
	for range 10 {
		for range 5000 {
			tb.Set(fmt.Append(nil, "key:", random.IntN(20_000)), make([]byte, random.IntN(100)), 0)
		}
		check()
	}
	for i := range 19_900 {
		tb.Delete(fmt.Append(nil, "key:", i))
	}
	check()
	for !tb.Release(100) {
	}
	heap.Trim()
	if heap.Bytes() != 0 {
		t.Errorf("%d bytes of the heap are not given back", heap.Bytes())
	}
}

// Leads may be anything: those of an item that is gone are.
func TestTableLeadsAstray(t *testing.T) {
	heap := newTestHeap(t)
	tb := NewTable(heap, 0, true)
	for i := range 1000 {
		tb.Set(fmt.Append(nil, i), []byte("value"), 0)
	}
	random := rand.New(rand.NewPCG(3, 4))
	right, chunks := tb.Leads()
	var s Search
	for i := range 100_000 {
		lead := Lead(random.Uint64() >> random.IntN(64))
		heap.Search(&s, lead, chunks, fmt.Append(nil, i))
		heap.Reach(&s, 2)
		heap.Search(&s, right, lead, fmt.Append(nil, i%1000))
		heap.Reach(&s, 2)
	}
	for count := range Lead(256) {
		heap.Search(&s, count<<leadCountShift|right&(1<<leadCountShift-1), chunks, nil)
		heap.Reach(&s, 2)
	}
	heap.Search(&s, 0, 0, nil)
	if s.group != 0 {
		t.Error("no lead leads somewhere")
	}
}
