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

// The last node of a stream is the one that its pages name, whatever is done to it, and a lead leads to its ends.
func TestStreamLead(t *testing.T) {
	heap := newTestHeap(t)
	s := NewStream(heap)
	value := bytes.Repeat([]byte("v"), 50)
	for i := range uint64(3000) {
		s.Append(StreamID{i + 1, 0}, [][]byte{[]byte("f"), value}, StreamLimits{Entries: 100})
		if s.top != *s.nodes.value(s.nodes.back()) || s.topID != s.nodes.id(s.nodes.back()) {
			t.Fatalf("entry %d: another node is the last", i)
		}
		n := openNode(s.mem.view(s.top))
		place, lead := int(s.top.off), s.Lead()
		end := (place + n.size()) / prefetch.LineSize
		if first := int(uint32(lead)); end < first || end >= first+leadLines || int(lead>>32) != place/prefetch.LineSize {
			t.Fatalf("entry %d: lead %x does not lead to the node at %d", i, lead, place)
		}
		switch i % 50 {
		case 20:
			s.Delete(StreamID{i + 1, 0})
		case 40:
			s.Trim(StreamTrim{MaxLen: 150})
		}
	}
	for !s.Release(100) {
	}
	if s.Lead() != 0 {
		t.Error("an empty stream leads somewhere")
	}
}
