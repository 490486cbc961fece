package netloop

import (
	"testing"
	"time"
)

// The time of a loop's thread is that which the loop did not wait.
func TestBusy(t *testing.T) {
	f := startFixture(t, Config{Engine: Epoll})
	defer f.stop(t)
	thread := f.Loops()[0].Stats().Thread.Load()
	before := Busy(thread)
	const work = 60 * time.Millisecond
	ended := make(chan struct{})
	f.Loops()[0].Post(func() {
		for start := Busy(thread); Busy(thread)-start < work; {
		}
		close(ended)
	})
	<-ended
	took := Busy(thread) - before
	if took < work || took > 10*work {
		t.Errorf("a loop that worked for %v was busy for %v", work, took)
	}
	system, user := BusySplit(thread)
	if sum := system + user; sum < work/2 || sum > Busy(thread)+time.Second/20 {
		t.Errorf("%v and %v of %v", system, user, Busy(thread))
	}
	if Busy(0) != 0 || Busy(1<<21) != 0 {
		t.Error("there is no such thread")
	}
}
