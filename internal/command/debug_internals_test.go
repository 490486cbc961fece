package command

import "testing"

// DEBUG STRINGMATCH-TEST ends, which Redis' takes longer to than a case waits; what DEBUG LEAK is given stays.
func TestDebugInternals(t *testing.T) {
	c := newDebugClient(t)
	if got := c.do("DEBUG", "STRINGMATCH-TEST"); got != "+Apparently Redis did not crash: test passed\r\n" {
		t.Errorf("%q", got)
	}
	for range 2 {
		if got := c.do("DEBUG", "LEAK", "abc"); got != "+OK\r\n" {
			t.Errorf("%q", got)
		}
	}
	if n := len(c.W.Server.leaked.texts); n != 2 {
		t.Errorf("%d texts stayed", n)
	}
}
