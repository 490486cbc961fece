package stream

import (
	"bytes"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"github.com/crucible-cache/crucible/internal/offheap"
)

func TestSelect(t *testing.T) {
	l := New(1 << 20)
	defer l.Close()
	l.Append([]Part{{0, []byte("lost")}})
	l.Open()
	r, at := l.ReadOn(func() {})
	l.Append([]Part{{AnyDB, []byte("MULTI ")}, {0, []byte("A ")}, {0, []byte("B ")}, {11, []byte("C ")}, {AnyDB, []byte("EXEC ")}})
	l.Append([]Part{{11, []byte("D ")}})
	l.Reselect()
	l.Append([]Part{{11, []byte("E")}})
	const want = "MULTI *2\r\n$6\r\nSELECT\r\n$1\r\n0\r\nA B *2\r\n$6\r\nSELECT\r\n$2\r\n11\r\nC EXEC D *2\r\n$6\r\nSELECT\r\n$2\r\n11\r\nE"
	if got := string(r.Next()); got != want || at != 0 || l.End() != int64(len(want)) {
		t.Errorf("from %d to %d: %q", at, l.End(), got)
	}
	r.Close()
}

// follower is a reader, and the offset up to which it has read.
type follower struct {
	r     *Reader
	at    int64
	calls int
}

// Each reader reads what was appended behind its place, is called when there is more, and what nobody needs goes.
func TestLog(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		before := offheap.Resident(offheap.Backlog)
		l := New(rapid.Int64Range(1, 100_000).Draw(t, "size"))
		l.Open()
		var all []byte
		var followers []*follower
		join := func(offset int64, read func(call func()) *Reader) {
			f := &follower{at: offset}
			if f.r = read(func() { f.calls++ }); f.r != nil {
				followers = append(followers, f)
			}
		}
		for range rapid.IntRange(1, 80).Draw(t, "steps") {
			switch rapid.IntRange(0, 5).Draw(t, "kind") {
			case 0, 1:
				b := bytes.Repeat([]byte{byte('a' + len(all)%26)}, rapid.IntRange(1, 30_000).Draw(t, "n"))
				l.Relay(b)
				all = append(all, b...)
			case 2:
				join(int64(len(all)), func(call func()) *Reader { r, _ := l.ReadOn(call); return r })
			case 3:
				first, n := l.Kept()
				at := rapid.Int64Range(max(first-3, 0), int64(len(all))+1).Draw(t, "at")
				join(at, func(call func()) *Reader {
					r := l.Read(at, call)
					if kept := at >= first-1 && at <= int64(len(all)); kept != (r != nil) {
						t.Fatalf("a reader of %d, when there are %d from %d on: %v", at, n, first, r)
					}
					return r
				})
			default:
				if len(followers) == 0 {
					break
				}
				i := rapid.IntRange(0, len(followers)-1).Draw(t, "which")
				f := followers[i]
				if rapid.IntRange(0, 4).Draw(t, "end") == 0 {
					f.r.Close()
					followers = append(followers[:i], followers[i+1:]...)
					break
				}
				b := f.r.Next()
				if !bytes.HasPrefix(all[f.at:], b) || len(b) == 0 && f.at != int64(len(all)) {
					t.Fatalf("%d bytes read at %d are not those", len(b), f.at)
				}
				n := rapid.IntRange(0, len(b)).Draw(t, "skip")
				f.r.Skip(n)
				if f.at += int64(n); f.r.Behind() != int64(len(all))-f.at {
					t.Fatalf("%d behind", f.r.Behind())
				}
			}
			needed := int64(len(all)) - l.Size()
			for _, f := range followers {
				needed = min(needed, f.at)
			}
			first, n := l.Kept()
			if first-1 > max(needed, 0) || first-1+n != int64(len(all)) || n-(int64(len(all))-max(needed, 0)) > blockMax {
				t.Fatalf("%d bytes from %d on are kept of %d, needed from %d on", n, first, len(all), needed)
			}
		}
		for _, f := range followers {
			f.r.Close()
		}
		if l.Close(); offheap.Resident(offheap.Backlog) != before || l.Mapped() != 0 {
			t.Fatalf("%d bytes are left", offheap.Resident(offheap.Backlog)-before)
		}
	})
}

// One who has read everything is called once, for any number of appends, and again when it has read on.
func TestCall(t *testing.T) {
	l := New(1 << 20)
	l.Open()
	defer l.Close()
	calls := 0
	r, _ := l.ReadOn(func() { calls++ })
	l.Relay([]byte("a"))
	if calls != 0 {
		t.Error("called before it has read at all")
	}
	for want := 1; want < 3; want++ {
		for b := r.Next(); len(b) > 0; b = r.Next() {
			r.Skip(len(b))
		}
		l.Relay([]byte("b"))
		if l.Relay([]byte("c")); calls != want {
			t.Errorf("called %d times, want %d", calls, want)
		}
	}
	l.Restart(100)
	if !r.Lost() || r.Next() != nil || r.Behind() != 0 {
		t.Error("goes on in another log")
	}
	if first, n := l.Kept(); first != 101 || n != 0 || l.End() != 100 {
		t.Errorf("restarted at %d with %d", first, n)
	}
	r.Close()
}

// One who is too far behind is given up, and what was kept for it goes.
func TestLimit(t *testing.T) {
	l := New(10_000)
	l.Open()
	defer l.Close()
	slow, _ := l.ReadOn(func() {})
	slow.Limit(50_000)
	patient, _ := l.ReadOn(func() {})
	for i := range 100 {
		l.Relay(make([]byte, 1000))
		patient.Skip(len(patient.Next()))
		if lost := i >= 50; slow.Lost() != lost {
			t.Fatalf("lost after %d bytes: %v", l.End(), slow.Lost())
		}
		if _, n := l.Kept(); slow.Lost() && n > 10_000+blockMax {
			t.Fatalf("%d bytes are kept", n)
		}
	}
	if patient.Lost() || slow.Next() != nil {
		t.Error("the one who reads is lost, or the other reads")
	}
	slow.Close()
	patient.Close()
}

// Several append while several read: all read the same, and are called whenever there is more.
func TestAtOnce(t *testing.T) {
	const writers, requests, readers = 3, 2000, 3
	l := New(1000)
	l.Open()
	defer l.Close()
	var read [readers][]byte
	var reading, writing sync.WaitGroup
	for i := range readers {
		more := make(chan struct{}, 1)
		r, _ := l.ReadOn(func() { more <- struct{}{} })
		reading.Go(func() {
			defer r.Close()
			for len(read[i]) < writers*requests*3 {
				b := r.Next()
				if len(b) == 0 {
					<-more
					continue
				}
				read[i] = append(read[i], b...)
				r.Skip(len(b))
			}
		})
	}
	for w := range writers {
		writing.Go(func() {
			for range requests {
				l.Append([]Part{{AnyDB, []byte{'a' + byte(w)}}, {AnyDB, []byte{'a' + byte(w), ' '}}})
			}
		})
	}
	writing.Wait()
	reading.Wait()
	for i := range readers {
		if !bytes.Equal(read[i], read[0]) {
			t.Error("two read something different")
		}
	}
	for _, word := range bytes.Fields(read[0]) {
		if len(word) != 2 || word[0] != word[1] {
			t.Fatalf("%q was appended in one piece", word)
		}
	}
}
