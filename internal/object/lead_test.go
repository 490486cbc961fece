package object

import (
	"bytes"
	"testing"

	"github.com/crucible-cache/crucible/internal/prefetch"
)

// What a lead leads to is what the next push or pop at that end will read.
func TestListLead(t *testing.T) {
	heap := newTestHeap(t)
	l := NewList(heap, Fill(-1))
	if l.Lead(Front) != 0 || l.Lead(Back) != 0 {
		t.Fatal("an empty list leads somewhere")
	}
	// covered reports whether the lead has the address loaded.
	covered := func(lead Lead, b []byte, off int) bool {
		at := (int(heap.Place(b)) + off) / prefetch.LineSize
		for ; lead != 0; lead >>= 32 {
			if first := int(uint32(lead)); at >= first && at < first+leadLines {
				return true
			}
		}
		return false
	}
	value := bytes.Repeat([]byte("v"), 20)
	for i := range 500 {
		switch {
		case i%7 == 6:
			l.PopFront(1)
		case i%2 == 0:
			l.PushFront(value)
		default:
			l.PushBack(value)
		}
		first, last := l.node(l.head), l.node(l.tail-1)
		if lead := l.Lead(Front); !covered(lead, first.block(), int(first.off)) || !covered(lead, first.block(), int(first.off)+packHeader) {
			t.Fatalf("write %d: the front is not loaded", i)
		}
		end := int(last.off) + last.size() - 1
		if lead := l.Lead(Back); !covered(lead, last.block(), int(last.off)) || !covered(lead, last.block(), end) {
			t.Fatalf("write %d: the back is not loaded", i)
		}
		heap.Follow(l.Lead(Front))
		heap.Follow(l.Lead(Back))
	}
	// A lead may lead anywhere.
	heap.Follow(^Lead(0))
}
