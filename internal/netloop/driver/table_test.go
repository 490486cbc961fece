package driver

import "testing"

// A token outlives its socket; the slot's next socket must not be found by it.
func TestTokenOfRemovedSocketFindsNothing(t *testing.T) {
	var table Table
	old := &Socket{}
	table.Add(old)
	stale := old.Token(7)
	if table.Find(stale) != old || stale.Op() != 7 {
		t.Fatalf("token of a live socket: found %p, op %d", table.Find(stale), stale.Op())
	}
	for round := range 3 {
		table.Remove(old)
		if s := table.Find(stale); s != nil {
			t.Fatalf("round %d: found removed socket", round)
		}
		next := &Socket{}
		table.Add(next)
		if next.slot != old.slot {
			t.Fatalf("slot %d not reused, got %d", old.slot, next.slot)
		}
		if s := table.Find(stale); s != nil {
			t.Fatalf("round %d: stale token finds the next socket", round)
		}
		if table.Find(next.Token(1)) != next {
			t.Fatal("live socket not found")
		}
		old = next
	}
	if table.Len() != 1 {
		t.Fatalf("Len = %d", table.Len())
	}
}

// The generation wraps within its bits and leaves slot and op alone.
func TestTokenGenerationWraps(t *testing.T) {
	var table Table
	table.slots = []slot{{gen: genMask}}
	table.free = []uint32{0}
	s := &Socket{}
	table.Add(s)
	last := s.Token(0xff)
	if table.Find(last) != s || last.Op() != 0xff {
		t.Fatal("highest generation not found")
	}
	table.Remove(s)
	table.Add(s)
	if s.gen != 0 || table.Find(s.Token(1)) != s || table.Find(last) != nil {
		t.Fatalf("generation after the highest: %d", s.gen)
	}
}

func TestTokenOutsideTheTable(t *testing.T) {
	var table Table
	if table.Find(MakeToken(1, 1<<31)) != nil {
		t.Fatal("found a socket in an empty table")
	}
	if MakeToken(9, 1<<31).Arg() != 1<<31 {
		t.Fatal("argument cut")
	}
}
