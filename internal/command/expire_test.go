package command

import "testing"

// TestExpiry lets time pass.
func TestExpiry(t *testing.T) {
	c := newTestClient(t)
	type step struct {
		afterMS int64
		request []string
		want    string
	}
	for _, s := range []step{
		{0, []string{"SET", "k", "v", "PX", "1500"}, "+OK\r\n"},
		{0, []string{"TTL", "k"}, ":2\r\n"}, // to the nearest second
		{100, []string{"PTTL", "k"}, ":1400\r\n"},
		{0, []string{"TTL", "k"}, ":1\r\n"},
		{0, []string{"GETEX", "k", "PX", "2000"}, "$1\r\nv\r\n"},
		{1400, []string{"GET", "k"}, "$1\r\nv\r\n"},
		{599, []string{"PTTL", "k"}, ":1\r\n"},
		{1, []string{"PTTL", "k"}, ":-2\r\n"},
		{0, []string{"GET", "k"}, "$-1\r\n"},
		{0, []string{"SET", "k", "v", "XX"}, "$-1\r\n"},
		{0, []string{"SET", "k", "5", "EX", "1"}, "+OK\r\n"},
		{1000, []string{"INCR", "k"}, ":1\r\n"}, // from nothing, and for good
		{0, []string{"TTL", "k"}, ":-1\r\n"},
		{0, []string{"PEXPIRE", "k", "10"}, ":1\r\n"},
		{10, []string{"APPEND", "k", "x"}, ":1\r\n"},
		{0, []string{"EXPIRE", "k", "10"}, ":1\r\n"},
		{10000, []string{"EXPIRE", "k", "10"}, ":0\r\n"},
		{0, []string{"MSET", "a", "1", "b", "2"}, "+OK\r\n"},
		{0, []string{"PEXPIRE", "a", "5"}, ":1\r\n"},
		{5, []string{"EXISTS", "a", "b"}, ":1\r\n"},
		{0, []string{"KEYS", "*"}, "*1\r\n$1\r\nb\r\n"},
		{0, []string{"RENAME", "a", "c"}, "-ERR no such key\r\n"},
		{0, []string{"RANDOMKEY"}, "$1\r\nb\r\n"},
		{0, []string{"PEXPIRE", "b", "5"}, ":1\r\n"},
		{5, []string{"RANDOMKEY"}, "$-1\r\n"},
		{0, []string{"SETNX", "b", "x"}, ":1\r\n"},
	} {
		c.W.NowMS += s.afterMS
		if got := c.do(s.request...); got != s.want {
			t.Errorf("%q: %q, want %q", s.request, got, s.want)
		}
	}
}
