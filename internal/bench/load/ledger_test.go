package load

import "testing"

func TestLedger(t *testing.T) {
	l := newLedger(1)
	stale := func(version, oldest uint64) bool { return l.check(version, oldest) != nil }

	if stale(0, l.oldest(0)) {
		t.Error("a prefilled value is right until it is overwritten")
	}
	first := l.issue(0)
	if stale(0, l.oldest(0)) || stale(first, l.oldest(0)) {
		t.Error("while the first write is in flight both values are right")
	}
	before := l.oldest(0)
	l.settle(0, true)
	if !stale(0, l.oldest(0)) || stale(first, l.oldest(0)) {
		t.Error("after the acknowledgement only the new value is right")
	}
	if stale(0, before) {
		t.Error("a read sent before the acknowledgement may still return the old value")
	}
	// Two at once: either may win, the first must not.
	second, third := l.issue(0), l.issue(0)
	l.settle(0, true)
	l.settle(0, true)
	if !stale(first, l.oldest(0)) || stale(second, l.oldest(0)) || stale(third, l.oldest(0)) {
		t.Error("of two writes in flight together either may stay, and neither is known to")
	}
	fourth := l.issue(0)
	l.settle(0, true)
	if !stale(second, l.oldest(0)) || !stale(third, l.oldest(0)) || stale(fourth, l.oldest(0)) {
		t.Error("a write after both were acknowledged settles it")
	}
	// A lost write may come true at any time: nothing after it can be called stale on its account.
	lost := l.issue(0)
	l.settle(0, false)
	fifth := l.issue(0)
	l.settle(0, true)
	if stale(lost, l.oldest(0)) || stale(fifth, l.oldest(0)) || !stale(third, l.oldest(0)) {
		t.Error("a lost write leaves the key undecided, not what came before")
	}
	if !stale((l.epoch+1)<<countBits|9, l.oldest(0)) {
		t.Error("another run's value is older than anything of this one")
	}
}
