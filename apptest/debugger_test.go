package apptest

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/crucible-cache/crucible/internal/compat/resp"
)

// copies returns the processes that the server has started and that are still there.
func (s *server) copies() (pids []string) {
	s.t.Helper()
	pid := s.cmd.Process.Pid
	threads, err := os.ReadDir(fmt.Sprintf("/proc/%d/task", pid))
	if err != nil {
		s.t.Fatal(err)
	}
	for _, thread := range threads {
		text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%s/children", pid, thread.Name()))
		pids = append(pids, strings.Fields(string(text))...)
	}
	return pids
}

// debug begins a session with the debugger on a copy of the server, which stops at the first line.
func (s *server) debug(c *client, script string, more ...string) {
	s.t.Helper()
	c.want("OK", "SCRIPT", "DEBUG", "YES")
	c.send(resp.Command(append([]string{"EVAL", script}, more...)...))
	first, _, _ := strings.Cut(script, "\n")
	if got, want := c.reply(), "* Stopped at 1, stop reason = step over -> 1   "+first; got != want {
		s.t.Fatalf("got %q, want %q", got, want)
	}
}

// SCRIPT DEBUG YES: the script is debugged on a copy, others are served and see nothing of it, and it sees nothing of
// them.
func TestScriptIsDebuggedOnACopy(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("children are counted in /proc")
	}
	eachEngine(t, func(t *testing.T, engine string) {
		s := start(t, options{engine: engine, maxmemory: "96mb"})
		c, other := s.redis(), s.redis()
		other.want("OK", "SET", "k", "before")
		other.want("OK", "SELECT", "3")
		other.want("OK", "SET", "k", "third")
		other.want("lib", "FUNCTION", "LOAD", "#!lua name=lib\nredis.register_function('f', function() return 'known' end)")
		other.want("OK", "CONFIG", "SET", "set-max-intset-entries", "1")
		other.want("OK", "ACL", "SETUSER", "u", "on", ">p", "~k*", "+@all")
		c.want("OK", "AUTH", "u", "p")
		c.want("OK", "SELECT", "3")
		s.debug(c, "local a = redis.call('GET', 'k')\n"+
			"redis.call('SET', 'k', 'after')\n"+
			"redis.call('SADD', 'ks', 1, 2)\n"+
			"return {a, redis.call('GET', 'k'), redis.call('OBJECT', 'ENCODING', 'ks'), redis.pcall('GET', 'x').err, redis.call('DBSIZE'), ARGV[1]}",
			"0", "z\x00\r\n")
		other.want("OK", "SET", "k2", "meanwhile")
		other.want("third", "GET", "k")
		c.send(resp.Command("c"))
		if got := c.reply(); got != "<endsession>" {
			t.Errorf("got %q", got)
		}
		if got := c.reply(); got != "third after listpack ERR ACL failure in script: No permissions to access a key 2 z\x00\r\n" {
			t.Errorf("got %q", got)
		}
		other.want("third", "GET", "k")
		other.want("2", "DBSIZE")
		until(t, patience, "the copy is gone", func() bool { return len(s.copies()) == 0 })
		s.stop()
	})
}

// A copy ends with its client and with the server, and there are not more than a few.
func TestCopiesEnd(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("children are counted in /proc")
	}
	s := start(t, options{maxmemory: "96mb"})
	var clients []*client
	for range 4 {
		c := s.redis()
		s.debug(c, "return 1", "0")
		clients = append(clients, c)
	}
	more := s.redis()
	more.want("OK", "SCRIPT", "DEBUG", "YES")
	const full = "-ERR Fork() failed: can't run EVAL in debugging mode: Resource temporarily unavailable"
	more.want(full, "EVAL", "return 1", "0")
	more.want("OK", "MULTI")
	more.want("QUEUED", "EVAL", "return redis.call('SET', 'k', 'v')", "0")
	more.want("-ERR Fork() failed: can't run EVAL in debugging mode: Operation not permitted", "EXEC")
	more.want("(nil)", "GET", "k")
	if n := len(s.copies()); n != 4 {
		t.Errorf("%d copies", n)
	}
	clients[0].Close()
	clients[1].send(resp.Command("c"))
	more.want("1", "CLIENT", "KILL", "LADDR", clients[2].RemoteAddr().String(), "ADDR", clients[2].LocalAddr().String())
	until(t, patience, "one copy is left", func() bool { return len(s.copies()) == 1 })
	// One that runs and runs ends with its client too.
	s.debug(more, "while true do end", "0")
	more.send(resp.Command("c"))
	more.Close()
	until(t, patience, "one copy is left", func() bool { return len(s.copies()) == 1 })
	last := s.copies()
	s.stop()
	for _, child := range last {
		until(t, patience, "the last copy is gone", func() bool {
			_, err := os.Stat("/proc/" + child)
			return err != nil
		})
	}
}
