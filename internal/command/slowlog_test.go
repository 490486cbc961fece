package command

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/crucible-cache/crucible/internal/retry"
)

// stall is a handler that takes longer than the slow log's default threshold.
func stall(c *Client, _ [][]byte) {
	time.Sleep(12 * time.Millisecond)
	c.Reply.SimpleString("OK")
}

// A slow command must not be missed, wherever in a pipeline it stands, and
// whether or not it is one of those that are timed together.
func TestSlowCommandInPipelineIsLogged(t *testing.T) {
	for _, name := range []string{"get", "lpush", "lrange", "ping"} {
		retry.Undisturbed(t, func() error { return slowIsLogged(t, name) })
	}
}

func slowIsLogged(t *testing.T, name string) error {
	t.Helper()
	c := newTestClient(t)
	slow := c.W.Server.Table.Lookup([]byte(name))
	words := []string{strings.ToUpper(name), "k", "0", "1"}[:max(slow.Arity, -slow.Arity, 2)]
	slow.Run = stall
	requests := [][][]byte{request("SET", "a", "1"), request(words...), request("SET", "b", "1")}
	c.BeginGroup()
	for _, r := range requests {
		c.Execute(r)
	}
	c.EndGroup(requests[2])
	entries := c.W.Server.slowlog.latest(-1)
	if len(entries) == 0 {
		t.Fatalf("%s: nothing is logged", name)
	}
	if len(entries) != 1 || entries[0].us < 12000 { // another one's processor may have been taken
		return fmt.Errorf("%s: logged %v", name, entries)
	}
	if got := entries[0].args[0]; len(words) > slow.brief && got != words[0] {
		t.Errorf("%s: put down as %q", name, got)
	}
	return nil
}

// What other commands of a pipeline take is not counted for the brief ones.
func TestPipelineIsDividedAmongItsCommands(t *testing.T) {
	retry.Undisturbed(t, func() error { return divided(t) })
}

func divided(t *testing.T) (err error) {
	t.Helper()
	c := newTestClient(t)
	c.W.Server.Table.Lookup([]byte("ping")).Run = stall
	requests := [][][]byte{request("SET", "a", "1"), request("PING"), request("GET", "a")}
	c.BeginGroup()
	for _, r := range requests {
		c.Execute(r)
	}
	c.EndGroup(requests[2])
	totals := c.W.Server.totals()
	for name, least := range map[string]uint64{"set": 1, "get": 1, "ping": 12e6} {
		x := &totals.perCommand[c.W.Server.Table.Lookup([]byte(name)).index]
		if x.ns < least || x.calls != 1 || x.latency.Total() != 1 {
			t.Errorf("%s: %d calls, %d counted, %d ns", name, x.calls, x.latency.Total(), x.ns)
		}
		if least == 1 && x.ns > 6e6 {
			err = fmt.Errorf("%s: %d ns", name, x.ns)
		}
	}
	return err
}

// A threshold that a group of commands can't be held against has each one timed.
func TestEveryCommandOfPipelineIsLogged(t *testing.T) {
	c := newTestClient(t)
	c.do("CONFIG", "SET", "slowlog-log-slower-than", "0")
	c.do("SLOWLOG", "RESET")
	c.BeginGroup()
	for range 5 {
		c.Execute(request("SET", "a", "1"))
	}
	c.EndGroup(request("SET", "a", "1"))
	c.out.Discard(c.out.Len())
	if got := c.do("SLOWLOG", "LEN"); got != ":6\r\n" {
		t.Errorf("SLOWLOG LEN %q", got)
	}
}
