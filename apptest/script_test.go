package apptest

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/crucible-cache/crucible/internal/compat/resp"
)

// While a script loops others wait no longer than busy-reply-threshold and are
// then answered BUSY promptly, whichever loop they are on, until SCRIPT KILL ends
// it. The figures are printed.
func TestOthersDuringLongScript(t *testing.T) {
	const threshold, enough = 300 * time.Millisecond, 200
	eachEngine(t, func(t *testing.T, engine string) {
		s := start(t, options{engine: engine})
		runner, killer := s.redis(), s.redis()
		var others []*client
		for range 4 {
			c := s.redis()
			c.want("PONG", "PING")
			others = append(others, c)
		}
		killer.want("OK", "CONFIG", "SET", "busy-reply-threshold", "300")
		runner.send(resp.Command("EVAL", "while true do end", "0"))

		var before, busy []time.Duration
		for begun := time.Now(); len(busy) < enough && time.Since(begun) < patience; {
			for _, c := range others {
				asked := time.Now()
				got := c.do("PING")
				took := time.Since(asked)
				switch {
				case strings.HasPrefix(got, "-BUSY "):
					busy = append(busy, took)
				case got == "PONG":
					before = append(before, took)
				default:
					t.Fatalf("PING: %q", got)
				}
			}
		}
		if len(busy) == 0 {
			t.Fatal("nobody was told BUSY")
		}
		slices.Sort(busy)
		half, most := busy[len(busy)/2], busy[len(busy)-1]
		t.Logf("%s: before the threshold %d answers, the longest after %v; then %d of BUSY, half within %v, all within %v",
			engine, len(before), slices.Max(append(before, 0)), len(busy), half, most)
		// One of them may have waited for the threshold; if all did they'd be told late.
		if half >= threshold {
			t.Errorf("half of the answers took more than %v", half)
		}
		killer.want("OK", "SCRIPT", "KILL")
		if got := runner.reply(); !strings.Contains(got, "Script killed by user with SCRIPT KILL") {
			t.Errorf("the script was told %q", got)
		}
		others[0].want("PONG", "PING")
		s.stop()
	})
}
