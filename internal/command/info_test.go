package command

import (
	"strings"
	"testing"
	"time"
)

// INFO debug has the longest wake-up of any loop, the time that all have spent on what is due now and then, and the
// most commands of one wake-up. CONFIG RESETSTAT begins anew.
func TestInfoDebug(t *testing.T) {
	c := newTestServer(t, 1, Hooks{})
	forgotten := false
	c.Server.Threads = func() []ThreadFacts {
		facts := []ThreadFacts{{Ticking: 2 * time.Millisecond, Longest: 7 * time.Microsecond}, {Ticking: time.Millisecond, Longest: 5 * time.Microsecond}}
		if forgotten {
			facts[0].Longest, facts[1].Longest = 0, 0
		}
		return facts
	}
	c.Server.ForgetPeaks = func() { forgotten = true }
	w := c.Server.Workers()[0]
	w.Awake(1e6)
	w.Stats.Commands.Add(6)
	w.Awake(2e6)
	w.Stats.Commands.Add(2)
	w.Awake(3e6)
	if w.NowMS != 3000 || w.NowUS != 3e6 {
		t.Errorf("it is %d ms, %d us", w.NowMS, w.NowUS)
	}
	show := func() string {
		i := &infoWriter{w: w, totals: c.Server.totals()}
		infoDebug(i)
		return strings.ReplaceAll(i.String(), "\r\n", " ")
	}
	const first = "eventloop_duration_aof_sum:0 eventloop_duration_cron_sum:3000 eventloop_duration_max:7 eventloop_cmd_per_cycle_max:6 "
	if s := show(); !strings.HasPrefix(s, first) {
		t.Errorf("%s, want %s", s, first)
	}
	c.Server.ResetStats()
	w.Stats.Commands.Add(1)
	w.Awake(4e6)
	const then = "eventloop_duration_aof_sum:0 eventloop_duration_cron_sum:0 eventloop_duration_max:0 eventloop_cmd_per_cycle_max:1 "
	if s := show(); !strings.HasPrefix(s, then) {
		t.Errorf("%s, want %s", s, then)
	}
}
