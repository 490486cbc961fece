package apptest

import (
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// DEBUG RESTART saves what there is and what was set, and is the same process afterwards; DEBUG CRASH-AND-RECOVER
// saves nothing. A restart that cannot save is none.
func TestDebugRestart(t *testing.T) {
	dir := t.TempDir()
	conf := "dir " + dir + "\nport 0\nunixsocket redis.sock\nsave 3600 1\nenable-debug-command yes\n"
	s := start(t, options{conf: conf})
	socket := filepath.Join(dir, "redis.sock")
	restarted := func(request string) *client {
		t.Helper()
		was := runID(socket)
		c := dial(t, socket)
		c.send([]byte(request + "\r\n"))
		if n, err := c.Read(make([]byte, 100)); err != io.EOF && !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("%d bytes, %v: the connection is closed without a reply", n, err)
		}
		for ends := time.Now().Add(stopTimeout); ; time.Sleep(10 * time.Millisecond) {
			if id := runID(socket); id != "" && id != was {
				return dial(t, socket)
			}
			if time.Now().After(ends) {
				t.Fatalf("there is no new server after %s", request)
			}
		}
	}
	c := dial(t, socket)
	c.want("OK", "SET", "k", "v")
	c.want("OK", "CONFIG", "SET", "slowlog-max-len", "7")
	file := filepath.Join(dir, "dump.rdb")
	if err := os.Mkdir(file, 0o700); err != nil {
		t.Fatal(err)
	}
	c.want("-ERR failed to restart the server. Check server logs.", "DEBUG", "RESTART")
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	c = restarted("DEBUG RESTART 50")
	c.want("v", "GET", "k")
	c.want("slowlog-max-len 7", "CONFIG", "GET", "slowlog-max-len")
	c.want("OK", "SET", "k", "w")
	c = restarted("DEBUG CRASH-AND-RECOVER")
	c.want("v", "GET", "k")
	c.want("OK", "DEBUG", "CONFIG-REWRITE-FORCE-ALL")
	written, err := os.ReadFile(s.profile)
	if err != nil || !strings.Contains(string(written), "\nzset-max-listpack-entries 128\n") {
		t.Errorf("%v, no default in\n%s", err, written)
	}
	c = restarted("DEBUG RESTART")
	c.want("v", "GET", "k")
}

// runID is what the server at a socket calls its run, "" while there is none.
func runID(socket string) string {
	c, err := net.Dial("unix", socket)
	if err != nil {
		return ""
	}
	defer c.Close() //nolint:errcheck // it was read from
	_, _ = c.Write([]byte("INFO server\r\nQUIT\r\n"))
	text, _ := io.ReadAll(c)
	_, id, _ := strings.Cut(string(text), "run_id:")
	return id[:min(len(id), 40)]
}
