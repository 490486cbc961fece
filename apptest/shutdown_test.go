package apptest

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What SHUTDOWN is to save is saved before the server goes, and if that fails it stays.
func TestShutdownSaves(t *testing.T) {
	dir := t.TempDir()
	conf := "dir " + dir + "\nport 0\nunixsocket redis.sock\nsave 3600 1\n"
	s := start(t, options{conf: conf})
	c := dial(t, filepath.Join(dir, "redis.sock"))
	c.want("OK", "SET", "k", "v")
	file := filepath.Join(dir, "dump.rdb")
	if err := os.Mkdir(file, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, options := range [][]string{{"SHUTDOWN"}, {"SHUTDOWN", "SAVE", "NOW"}} {
		c.want("-ERR Errors trying to SHUTDOWN. Check logs.", options...)
	}
	c.want("v", "GET", "k")
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if got := c.do("SHUTDOWN", "ABORT"); !strings.HasPrefix(got, "-ERR No shutdown") {
		t.Errorf("SHUTDOWN ABORT: %s", got)
	}
	c.send([]byte("SHUTDOWN\r\n"))
	if n, err := c.Read(make([]byte, 100)); err != io.EOF {
		t.Errorf("%d bytes, %v: Redis closes without a reply", n, err)
	}
	if code := s.wait(stopTimeout); code != 0 {
		t.Errorf("exit code %d", code)
	}
	start(t, options{conf: conf})
	dial(t, filepath.Join(dir, "redis.sock")).want("v", "GET", "k")
}

// A snapshot that is being written when the server is told to go is given up, and leaves
// nothing behind. While it goes on, it takes as long as it is told to.
func TestShutdownGivesUpSnapshot(t *testing.T) {
	dir := t.TempDir()
	s := start(t, options{conf: "dir " + dir + "\nport 0\nunixsocket redis.sock\nsave \"\"\n"})
	c := dial(t, filepath.Join(dir, "redis.sock"))
	c.want("OK", "MSET", "a", "1", "b", "2", "c", "3")
	c.want("OK", "CONFIG", "SET", "rdb-key-save-delay", "100000000")
	c.want("Background saving started", "BGSAVE")
	if info := c.do("INFO", "persistence"); !strings.Contains(info, "rdb_bgsave_in_progress:1") {
		t.Errorf("INFO persistence: %s", info)
	}
	c.send([]byte("SHUTDOWN NOSAVE\r\n"))
	if code := s.wait(stopTimeout); code != 0 {
		t.Errorf("exit code %d", code)
	}
	for _, pattern := range []string{"temp-*", "*.rdb"} {
		if left, _ := filepath.Glob(filepath.Join(dir, pattern)); len(left) > 0 {
			t.Errorf("%v is left", left)
		}
	}
}

// What DEBUG ends the server by, it says before it goes.
func TestDebugCrashes(t *testing.T) {
	for _, word := range []string{"PANIC", "ASSERT", "OOM", "SEGFAULT"} {
		dir := t.TempDir()
		s := start(t, options{conf: "dir " + dir + "\nport 0\nunixsocket redis.sock\nsave \"\"\nenable-debug-command yes\n"})
		c := dial(t, filepath.Join(dir, "redis.sock"))
		c.send([]byte("DEBUG " + word + "\r\n"))
		if code := s.wait(stopTimeout); code == 0 {
			t.Errorf("DEBUG %s: exit code 0", word)
		}
	}
}
