package command

import "time"

// alarm has a worker look at the clients that wait as soon as the first of them has
// waited long enough, or CLIENT PAUSE is over. Redis looks each time it wakes up, to the
// millisecond while it is busy; a tick alone would make a timeout of 10 ms one of 100.
type alarm struct {
	timer *time.Timer // nil until a client waits
	atMS  int64       // when it goes off, unix ms; 0 = not set
}

// alarmSpacing is how many clients that wait put the alarm off by a millisecond, which
// bounds what it costs to look at all of them for each one.
const alarmSpacing = 1000

// remind sets the alarm to a deadline, 0 for none, unless it goes off before that.
func (w *Worker) remind(deadline int64) {
	a := &w.alarm
	if deadline == 0 || w.Post == nil || a.atMS != 0 && a.atMS <= deadline {
		return
	}
	a.atMS = max(deadline, w.NowMS+int64(len(w.blocked)/alarmSpacing))
	wait := time.Duration(a.atMS-w.NowMS) * time.Millisecond
	if a.timer == nil {
		a.timer = time.AfterFunc(wait, func() { w.Post(w.ring) })
		return
	}
	a.timer.Reset(wait)
}

// ring is what the loop does when the alarm has gone off.
func (w *Worker) ring() {
	w.alarm.atMS = 0
	w.timeOut()
	w.goOnPostponed()
}

// silence stops the alarm for good.
func (a *alarm) silence() {
	if a.timer != nil {
		a.timer.Stop()
	}
}
