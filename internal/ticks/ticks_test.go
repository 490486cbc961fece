package ticks

import (
	"testing"
	"time"
)

func TestNanosecondsAgreeWithTheClock(t *testing.T) {
	Calibrate()
	for range 3 {
		// The clock is read on both sides of the counter: between the two readings others may run.
		before, first, after := time.Now(), Now(), time.Now()
		time.Sleep(20 * time.Millisecond)
		least, last, most := time.Since(after), Now(), time.Since(before)
		if got := time.Duration(Nanoseconds(last - first)); got < least-least/50 || got > most+most/50 {
			t.Errorf("%v by the counter, %v to %v by the clock", got, least, most)
		}
		Calibrate()
	}
}

func TestNoTimeIsNegative(t *testing.T) {
	Calibrate()
	a := Now()
	if n := Nanoseconds(a - (a + 5)); n != 0 {
		t.Errorf("%d ns", n)
	}
}

func TestNowRises(t *testing.T) {
	last := Now()
	for range 1000 {
		n := Now()
		if n < last {
			t.Fatalf("%d after %d", n, last)
		}
		last = n
	}
}

func BenchmarkNow(b *testing.B) {
	for b.Loop() {
		Now()
	}
}
