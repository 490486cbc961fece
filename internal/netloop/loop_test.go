package netloop

import (
	"testing"
	"time"

	"github.com/crucible-cache/crucible/internal/netloop/driver"
)

// A loop makes brief waits from the first busy window to the first that is not.
func TestPace(t *testing.T) {
	start := time.Unix(1000, 0)
	l := &loop{now: start, nextTick: start.Add(time.Hour)}
	run := func(gap, span time.Duration) {
		for end := l.now.Add(span); l.now.Before(end); l.now = l.now.Add(gap) {
			l.pace.Turn(l.now)
		}
	}
	check := func(what string, brief bool) {
		t.Helper()
		if got := l.timeout() <= driver.BriefWait; got != brief {
			t.Errorf("%s: brief wait: %v, want %v", what, got, brief)
		}
		l.mail.asleep.Store(false)
	}
	check("at the start", false)
	run(2*time.Millisecond, time.Second)
	check("500 wake-ups a second", false)
	run(100*time.Microsecond, 20*time.Millisecond)
	check("10,000 wake-ups a second", true)
	run(900*time.Microsecond, 20*time.Millisecond)
	check("1,100 wake-ups a second", true)
	run(100*time.Millisecond, 300*time.Millisecond)
	check("ticks only", false)
}

// Letters come out in the order they went in, and none after the end.
func TestMailbox(t *testing.T) {
	var b mailbox
	if b.take() != nil || !b.empty() {
		t.Fatal("a new mailbox is not empty")
	}
	for n := range 3 {
		if !b.push(&letter{listener: n}) {
			t.Fatal("refused")
		}
	}
	n := 0
	for m := b.take(); m != nil; m = m.next {
		if m.listener != n {
			t.Errorf("letter %d came at place %d", m.listener, n)
		}
		n++
	}
	if n != 3 || !b.empty() {
		t.Fatalf("%d letters", n)
	}
	if b.rouse() {
		t.Error("an owner that is awake is to be woken")
	}
	b.asleep.Store(true)
	if !b.rouse() || b.rouse() {
		t.Error("a sleeping owner is to be woken by one")
	}
	b.push(&letter{listener: 7})
	if m := b.seal(); m == nil || m.listener != 7 {
		t.Error("what was left is lost")
	}
	if b.push(new(letter)) {
		t.Error("a sealed mailbox takes letters")
	}
}
