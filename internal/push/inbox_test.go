package push

import (
	"slices"
	"sync"
	"testing"
)

type note struct {
	from, n int
	read    *[]note
}

func (n note) Open(int) { *n.read = append(*n.read, n) }

// Several put while one reads: nothing is lost, each one's letters keep their
// order, and the loop is called whenever there is something to read.
func TestInbox(t *testing.T) {
	const writers, letters = 4, 2000
	var box Inbox
	var read []note
	calls := make(chan struct{}, writers*letters)
	var writing sync.WaitGroup
	for from := range writers {
		writing.Go(func() {
			for n := range letters {
				if box.Put(note{from, n, &read}, 10) {
					calls <- struct{}{}
				}
			}
		})
	}
	for len(read) < writers*letters {
		<-calls
		got := box.Answer()
		for _, l := range got {
			l.Open(0)
		}
		box.Return(got)
	}
	writing.Wait()
	if len(calls) > 0 || len(box.Take()) > 0 {
		t.Error("called without a letter")
	}
	var next [writers]int
	for _, n := range read {
		if n.n != next[n.from] {
			t.Fatalf("letter %d of %d came, want %d", n.n, n.from, next[n.from])
		}
		next[n.from]++
	}
}

func TestInboxCrowded(t *testing.T) {
	var box Inbox
	var read []note
	if !box.Put(note{read: &read}, 1) || box.Put(note{read: &read}, 1) || box.Crowded() {
		t.Error("the first letter calls, the second does not, and two are no crowd")
	}
	box.Put(note{read: &read}, Crowded)
	if !box.Crowded() {
		t.Error("not crowded")
	}
	if got := box.Take(); len(got) != 3 || box.Crowded() {
		t.Errorf("%d letters, want 3, and then no crowd", len(got))
	}
	if box.Put(note{read: &read}, 1) {
		t.Error("a loop that has not answered yet is called again")
	}
	if got := box.Answer(); len(got) != 1 || !box.Put(note{read: &read}, 1) {
		t.Error("a loop that answered is not called again")
	}
	if slices.Contains(box.Take(), nil) {
		t.Error("an empty letter")
	}
}
