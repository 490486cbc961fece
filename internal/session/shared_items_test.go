package session

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// A command of Redis that gives a key a new value drops Memcached's flags,
// which said how the old one was to be read; one that edits the value, or only
// its name or time to live, keeps them.
func TestFlagsUnderRedisCommands(t *testing.T) {
	for _, c := range []struct {
		command string
		flags   int
	}{
		{"SET k 5", 0},
		{"SET k 5 KEEPTTL", 0},
		{"GETSET k 5", 0},
		{"MSET k 5", 0},
		{"SETEX k 100 5", 0},
		{"APPEND k 1", 9},
		{"SETRANGE k 0 7", 9},
		{"INCR k", 9},
		{"DECRBY k 3", 9},
		{"INCRBYFLOAT k 1", 9},
		{"EXPIRE k 100", 9},
		{"PERSIST k", 9},
		{"GETEX k EX 50", 9},
		{"GET k", 9},
		{"TOUCH k", 9},
		{"RENAME k k2\r\nRENAME k2 k", 9},
		{"COPY k k2\r\nDEL k\r\nRENAME k2 k", 9},
		{"MOVE k 1\r\nSELECT 1\r\nMOVE k 0", 9},
	} {
		r := newRig(t, rigSettings())
		redis, text := r.connect(t, RESP), r.connect(t, Memcache)
		text.expect("set k 9 1000 2\r\n41\r\n", "STORED\r\n")
		if got := redis.ask(c.command + "\r\n"); strings.Contains(got, "-ERR") {
			t.Errorf("%s: %s", c.command, got)
		}
		if got := text.ask("get k\r\n"); !strings.HasPrefix(got, fmt.Sprintf("VALUE k %d ", c.flags)) {
			t.Errorf("after %s: %q, want flags %d", c.command, got, c.flags)
		}
	}
}

// Whatever Redis' clients do to a value, a unique number that was handed out
// before does not fit any more; what leaves the value alone leaves the number.
func TestCASAcrossProtocols(t *testing.T) {
	for _, c := range []struct {
		command string
		reply   string // of cas with the number from before
	}{
		{"SET k new", "EXISTS\r\n"},
		{"SET k 41", "EXISTS\r\n"},
		{"APPEND k 1", "EXISTS\r\n"},
		{"INCR k", "EXISTS\r\n"},
		{"SETRANGE k 0 9", "EXISTS\r\n"},
		{"GETSET k x", "EXISTS\r\n"},
		{"MSET k x", "EXISTS\r\n"},
		{"DEL k", "NOT_FOUND\r\n"},
		{"GETDEL k", "NOT_FOUND\r\n"},
		{"FLUSHALL", "NOT_FOUND\r\n"},
		{"RENAME k other", "NOT_FOUND\r\n"},
		{"DEL k\r\nSET k 41", "EXISTS\r\n"},
		{"RENAME k a\r\nRENAME a k", "EXISTS\r\n"},
		{"GET k", "STORED\r\n"},
		{"STRLEN k", "STORED\r\n"},
		{"TTL k", "STORED\r\n"},
		{"OBJECT FREQ k", "STORED\r\n"},
	} {
		r := newRig(t, rigSettings())
		redis, text := r.connect(t, RESP), r.connect(t, Memcache)
		text.expect("set k 0 1000 2\r\n41\r\n", "STORED\r\n")
		var unique uint64
		if _, err := fmt.Sscanf(text.ask("gets k\r\n"), "VALUE k 0 2 %d\r\n", &unique); err != nil {
			t.Fatal(err)
		}
		redis.ask(c.command + "\r\n")
		text.expect(fmt.Sprintf("cas k 0 0 3 %d\r\nnew\r\n", unique), c.reply)
	}
}

// And the other way round: a key that is watched was touched when Memcached's
// clients write to it.
func TestWatchSeesMemcachedWrites(t *testing.T) {
	for _, c := range []struct {
		request string
		touched bool
	}{
		{"set k 0 0 1\r\nx\r\n", true},
		{"append k 0 0 1\r\nx\r\n", true},
		{"incr k 1\r\n", true},
		{"delete k\r\n", true},
		{"flush_all\r\n", true},
		{"add k 0 0 1\r\nx\r\n", false},
		{"get k\r\n", false},
		{"set other 0 0 1\r\nx\r\n", false},
		{"cas k 0 0 1 999\r\nx\r\n", false},
	} {
		r := newRig(t, rigSettings())
		redis, text := r.connect(t, RESP), r.connect(t, Memcache)
		redis.expect("SET k 41\r\nWATCH k\r\n", "+OK\r\n+OK\r\n")
		text.ask(c.request)
		want := "*1\r\n+PONG\r\n"
		if c.touched {
			want = "*-1\r\n"
		}
		if got := redis.ask("MULTI\r\nPING\r\nEXEC\r\n"); got != "+OK\r\n+QUEUED\r\n"+want {
			t.Errorf("after %q: %q", c.request, got)
		}
	}
}

// A delayed flush_all empties the cache when its time comes, for both
// protocols, and whatever was stored meanwhile.
func TestDelayedFlushAll(t *testing.T) {
	r := newRig(t, rigSettings())
	redis, text := r.connect(t, RESP), r.connect(t, Memcache)
	redis.expect("SET a 1\r\n", "+OK\r\n")
	text.expect("flush_all 3\r\nset b 0 0 1\r\n2\r\n", "OK\r\nSTORED\r\n")
	r.pass(2 * time.Second)
	redis.expect("MGET a b\r\n", "*2\r\n$1\r\n1\r\n$1\r\n2\r\n")
	text.expect("set c 0 0 1\r\n3\r\n", "STORED\r\n")
	r.pass(1500 * time.Millisecond)
	redis.expect("MGET a b c\r\nDBSIZE\r\n", "*3\r\n$-1\r\n$-1\r\n$-1\r\n:0\r\n")
	text.expect("set d 0 0 1\r\n4\r\n", "STORED\r\n")
	r.pass(5 * time.Second)
	text.expect("get d\r\n", "VALUE d 0 1\r\n4\r\nEND\r\n")
	// Memcached's clients see database 0 only.
	redis.expect("SELECT 1\r\nSET other 1\r\n", "+OK\r\n+OK\r\n")
	text.expect("flush_all\r\nget other\r\n", "OK\r\nEND\r\n")
	redis.expect("GET other\r\n", "$1\r\n1\r\n")
}
