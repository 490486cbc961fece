package command

import (
	"os"
	"path/filepath"
	"testing"
)

// The score follows both parameters while the first asks for it, and is what it was
// before when it does no more.
func TestOOMScore(t *testing.T) {
	c := newTestClient(t)
	o := &c.W.Server.Params.oom
	o.file = filepath.Join(t.TempDir(), "score")
	if err := os.WriteFile(o.file, []byte("5\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		pairs []string
		want  string
	}{
		{[]string{"oom-score-adj-values", "10 20 30"}, "5\n"},
		{[]string{"oom-score-adj", "yes"}, "15"},
		{[]string{"oom-score-adj-values", "15 20 30"}, "20"},
		{[]string{"oom-score-adj", "no"}, "5"},
		{[]string{"oom-score-adj-values", "9 9 9", "oom-score-adj", "relative"}, "14"},
		{[]string{"oom-score-adj", "absolute"}, "9"},
		{[]string{"oom-score-adj-values", "2000 0 0"}, "1000"},
		{[]string{"oom-score-adj", "no"}, "5"},
	} {
		if got := c.do(append([]string{"CONFIG", "SET"}, x.pairs...)...); got != "+OK\r\n" {
			t.Errorf("CONFIG SET %v: %q", x.pairs, got)
		}
		if got, _ := os.ReadFile(o.file); string(got) != x.want {
			t.Errorf("after %v the score is %q, want %q", x.pairs, got, x.want)
		}
	}
	for _, x := range []struct{ master, want string }{{"127.0.0.1 6379", "25"}, {"", "15"}} {
		c.do("CONFIG", "SET", "oom-score-adj-values", "10 20 30", "oom-score-adj", "yes")
		c.W.Server.Params.master.Store(&x.master)
		c.W.Server.Params.followRole()
		if got, _ := os.ReadFile(o.file); string(got) != x.want {
			t.Errorf("with the master %q the score is %q, want %q", x.master, got, x.want)
		}
	}
	c.do("CONFIG", "SET", "oom-score-adj", "no")
	o.file = filepath.Join(o.file, "nosuch")
	if err := c.W.Server.Params.Start("oom-score-adj", "yes"); err != nil {
		t.Errorf("at the start: %v", err)
	}
	c.do("CONFIG", "SET", "oom-score-adj", "no")
	want := "-ERR CONFIG SET failed (possibly related to argument 'oom-score-adj') - Failed to set current oom_score_adj. Check server logs.\r\n"
	if got := c.do("CONFIG", "SET", "oom-score-adj", "yes"); got != want {
		t.Errorf("got %q", got)
	}
	if got := c.W.Server.Params.value("oom-score-adj"); got != "no" {
		t.Errorf("oom-score-adj is %s after a refusal", got)
	}
}
