package memcached

import (
	"fmt"
	"testing"
	"time"
)

const day = 24 * 60 * 60

func TestExptime(t *testing.T) {
	c := newTestClient(t)
	start := c.W.NowMS
	now := start / 1000
	set := func(key string, exptime int64) { c.do(fmt.Sprintf("set %s 0 %d 1\r\n%s\r\n", key, exptime, key)) }
	set("a", 0)
	set("b", 10)
	set("c", 30*day)   // the longest that counts from now
	set("d", 30*day+1) // a time in 1970
	set("e", now+20)   // a time soon
	set("f", -1)       // over at once
	c.do("set g 0 0 1\r\ng\r\n")
	set("g", -1) // and so is what was there
	found := func(afterSeconds int64, want string) {
		t.Helper()
		c.W.NowMS = start + afterSeconds*1000
		got := ""
		for _, key := range []string{"a", "b", "c", "d", "e", "f", "g"} {
			if c.do("get "+key+"\r\n") != "END\r\n" {
				got += key
			}
		}
		if got != want {
			t.Errorf("after %d s: %q, want %q", afterSeconds, got, want)
		}
	}
	found(0, "abce")
	found(9, "abce")
	found(10, "ace")
	found(21, "ac")
	found(30*day-1, "ac")
	found(30*day, "a")
}

func TestTouch(t *testing.T) {
	c := newTestClient(t)
	start := c.W.NowMS
	after := func(seconds int64) { c.W.NowMS = start + seconds*1000 }
	c.exchange(t, []exchange{
		{"touch a 10\r\n", "NOT_FOUND\r\n"},
		{"set a 5 0 3\r\nabc\r\n", "STORED\r\n"},
		{"touch a 10\r\n", "TOUCHED\r\n"},
		{"touch a 10 noreply\r\n", ""},
		{"touch a x\r\n", "CLIENT_ERROR invalid exptime argument\r\n"},
		{"gat 20 a b\r\n", "VALUE a 5 3\r\nabc\r\nEND\r\n"},
		{"gat x a\r\n", "CLIENT_ERROR invalid exptime argument\r\n"},
	})
	after(19)
	c.exchange(t, []exchange{{"get a\r\n", "VALUE a 5 3\r\nabc\r\nEND\r\n"}})
	after(20)
	c.exchange(t, []exchange{
		{"get a\r\n", "END\r\n"},
		{"set a 0 1 1\r\na\r\n", "STORED\r\n"},
		{"touch a 0\r\n", "TOUCHED\r\n"},
	})
	after(1000)
	c.exchange(t, []exchange{
		{"gat 0 a\r\n", "VALUE a 0 1\r\na\r\nEND\r\n"},
		{"gat -1 a\r\n", "VALUE a 0 1\r\na\r\nEND\r\n"}, // and gone
		{"gat 0 a\r\n", "END\r\n"},
		{"set a 0 0 1\r\na\r\n", "STORED\r\n"},
		{"touch a -1\r\n", "TOUCHED\r\n"},
		{"get a\r\n", "END\r\n"},
	})
}

func TestFlushAll(t *testing.T) {
	c := newTestClient(t)
	w := c.W
	here := func(want bool, when string) {
		t.Helper()
		if got := c.do("get a\r\n") != "END\r\n"; got != want {
			t.Errorf("%s: item there: %v", when, got)
		}
	}
	set := func() { c.do("set a 0 0 1\r\na\r\n") }
	for _, request := range []string{"flush_all\r\n", "flush_all 0\r\n", "flush_all -1\r\n"} {
		set()
		c.exchange(t, []exchange{{request, "OK\r\n"}})
		here(false, request)
	}
	set()
	c.exchange(t, []exchange{
		{"flush_all x\r\n", "CLIENT_ERROR invalid exptime argument\r\n"},
		{"flush_all 10\r\n", "OK\r\n"},
	})
	w.NowMS += 9000
	w.Tick()
	here(true, "before the delay is over")
	w.NowMS += 1000
	w.Tick()
	here(false, "when the delay is over")
	set()
	w.NowMS += 10000
	w.Tick()
	here(true, "after a flush that was done")
	c.do("flush_all 10\r\nflush_all noreply\r\n")
	set()
	w.NowMS += 20000
	w.Tick()
	here(true, "after a flush that took the place of the delayed one")
	c.do(fmt.Sprintf("flush_all %d\r\n", time.UnixMilli(w.NowMS).Unix()+100))
	here(true, "before a unix time")
	w.NowMS += 101000
	w.Tick()
	here(false, "after a unix time")
	set()
	c.do(fmt.Sprintf("flush_all %d\r\n", 30*day+1))
	w.Tick()
	here(true, "a unix time before the server started")
}
