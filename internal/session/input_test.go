package session

import (
	"bytes"
	"testing"

	"github.com/crucible-cache/crucible/internal/offheap"
)

func TestInputBlocks(t *testing.T) {
	blocks := &inputBlocks{}
	blocks.Most = 64 << 10
	take := func(n int) *input {
		in := &input{blocks: blocks}
		in.append(bytes.Repeat([]byte("x"), n), 0)
		return in
	}
	var clients []*input
	for range 6 {
		clients = append(clients, take(10))
	}
	for _, in := range clients {
		in.discard(10)
	}
	if blocks.kept != 4*blockLeast || blocks.Resting() != 0 {
		t.Errorf("%d bytes are kept and %d idle, want no more than %d", blocks.kept, blocks.Resting(), blocks.Most)
	}
	clients[0].append([]byte("again"), 0)
	if got := string(clients[0].bytes()); got != "again" || blocks.kept != 3*blockLeast {
		t.Errorf("%q is held, and %d bytes are kept", got, blocks.kept)
	}
	for _, in := range clients {
		in.release()
	}
	if blocks.kept != 0 || blocks.spare() != 4*blockLeast {
		t.Errorf("%d bytes are kept and %d spare after all were released", blocks.kept, blocks.spare())
	}

	large := take(keptMost + 1)
	large.discard(keptMost + 1)
	if large.buf != nil {
		t.Errorf("a block of %d bytes is kept", len(large.buf))
	}
	blocks.Close(offheap.Input)
}

func TestInputShrinks(t *testing.T) {
	blocks := &inputBlocks{}
	in := &input{blocks: blocks}
	in.append([]byte("some"), announced)
	in.append(bytes.Repeat([]byte("y"), blockLeast), announced)
	if len(in.buf) < announced {
		t.Fatalf("there is room for %d bytes of %d that were announced", len(in.buf), announced)
	}
	in.discard(2)
	want := string(in.bytes())
	in.shrink()
	if got := string(in.bytes()); got != want || len(in.buf) > 2*blockLeast {
		t.Errorf("%d bytes of %d are held in a block of %d", len(got), len(want), len(in.buf))
	}
	in.append([]byte("z"), 0)
	if got := string(in.bytes()); got != want+"z" {
		t.Errorf("%d bytes are held after one more, want %d", len(got), len(want)+1)
	}
	in.discard(in.len())
	in.shrink()
	if in.buf != nil || blocks.kept != 0 {
		t.Errorf("an idle client keeps %d bytes", len(in.buf))
	}
	blocks.Close(offheap.Input)
}

// Of an announced argument, as much room is made as it takes; where many small ones come, room
// grows with what came.
func TestInputGrowsToWhatIsAnnounced(t *testing.T) {
	blocks := &inputBlocks{}
	const whole, part = 3_000_015, 16 << 10
	in := &input{blocks: blocks}
	for in.len() < whole {
		left := whole - in.len()
		in.append(make([]byte, min(left, part)), left)
	}
	if room := in.room(); room >= offheap.PageSize {
		t.Errorf("there is room for %d bytes more than were announced", room)
	}
	in.release()
	moves := 0
	for in.len() < whole {
		if in.room() < part {
			moves++
		}
		in.append(make([]byte, part), part)
	}
	if moves > 20 {
		t.Errorf("%d bytes were moved %d times", in.len(), moves)
	}
	in.release()
	blocks.Close(offheap.Input)
}
