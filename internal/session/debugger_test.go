package session

import (
	"strings"
	"testing"
	"time"
)

// debugged is a client in the midst of a script, and another.
func debugged(t *testing.T) (r *rig, c, other *client) {
	t.Helper()
	r = newRig(t, rigSettings())
	c, other = r.connect(t, RESP), r.connect(t, RESP)
	other.turn([]byte(array("SET", "k", "before")))
	c.turn([]byte(array("SCRIPT", "DEBUG", "SYNC")))
	c.expect(array("EVAL", "local a = 1\nredis.call('SET', 'k', 'after')\nreturn a", "0"),
		"*2\r\n+* Stopped at 1, stop reason = step over\r\n+-> 1   local a = 1\r\n")
	return r, c, other
}

const debugBusy = "-BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.\r\n"

func TestDebuggerHoldsUpOthers(t *testing.T) {
	r, c, other := debugged(t)
	other.expect(array("GET", "k"), debugBusy)
	other.expect(array("PING"), debugBusy)
	c.expect(array("s")+array("s"), "*2\r\n+* Stopped at 2, stop reason = step over\r\n+-> 2   redis.call('SET', 'k', 'after')\r\n"+
		"*4\r\n+<redis> SET k after\r\n+<reply> \"+OK\"\r\n+* Stopped at 3, stop reason = step over\r\n+-> 3   return a\r\n")
	r.pass(time.Second)
	other.expect(array("GET", "k"), debugBusy)
	other.expect(array("SCRIPT", "KILL"), "-UNKILLABLE Sorry the script already executed write commands against the dataset. "+
		"You can either wait the script termination or kill the server in a hard way using the SHUTDOWN NOSAVE command.\r\n")
	c.expect(array("c"), "*1\r\n+<endsession>\r\n:1\r\n"+closedMark)
	other.expect(array("GET", "k"), "$5\r\nafter\r\n")
}

func TestDebuggedScriptIsKilled(t *testing.T) {
	r, c, other := debugged(t)
	other.expect(array("SCRIPT", "KILL"), "+OK\r\n")
	r.pass(time.Second)
	if got := c.replies(); !strings.HasPrefix(got, "*1\r\n+<endsession>\r\n-ERR Script killed by user with SCRIPT KILL.") {
		t.Errorf("got %q", got)
	}
	other.expect(array("GET", "k"), "$6\r\nbefore\r\n")
}

func TestDebuggerIsLeft(t *testing.T) {
	r, c, other := debugged(t)
	c.hangUp()
	r.pass(time.Second)
	other.expect(array("GET", "k"), "$5\r\nafter\r\n")
	if n := r.server.Clients.Len(); n != 1 {
		t.Errorf("%d clients are left", n)
	}
}

func TestDebuggerIsIdle(t *testing.T) {
	r, c, other := debugged(t)
	r.pass(9 * time.Minute)
	c.expect(array("p", "a"), "*1\r\n+No such variable.\r\n")
	r.pass(9 * time.Minute)
	other.expect(array("GET", "k"), debugBusy)
	r.pass(2 * time.Minute)
	if got := c.replies(); !strings.HasPrefix(got, "*1\r\n+<endsession>\r\n-ERR script aborted: the debugger was idle for too long") ||
		!strings.HasSuffix(got, closedMark) {
		t.Errorf("got %q", got)
	}
	other.expect(array("GET", "k"), "$6\r\nbefore\r\n")
}

// What a session on a copy would undo is not done where there can be none.
func TestDebuggerOfNoCopy(t *testing.T) {
	r := newRig(t, rigSettings())
	c := r.connect(t, RESP)
	c.expect(array("SCRIPT", "DEBUG", "YES"), "+OK\r\n")
	c.expect(array("EVAL", "return redis.call('SET', 'k', 'v')", "0"),
		"-ERR Fork() failed: can't run EVAL in debugging mode: Operation not permitted\r\n")
	c.expect(array("GET", "k"), "$-1\r\n")
	c.expect(array("SCRIPT", "DEBUG", "NO"), "+OK\r\n")
	c.expect(array("EVAL", "return 1", "0"), ":1\r\n")
}
