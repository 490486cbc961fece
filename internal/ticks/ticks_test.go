package ticks

import (
	"testing"
	"time"
)

func TestNanosecondsAgreeWithTheClock(t *testing.T) {
	Calibrate()
	for range 3 {
		begin, first := time.Now(), Now()
		time.Sleep(20 * time.Millisecond)
		last, want := Now(), time.Since(begin)
		got := time.Duration(Nanoseconds(last - first))
		if d := got - want; d < -want/50 || d > want/50 {
			t.Errorf("%v by the counter, %v by the clock", got, want)
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
