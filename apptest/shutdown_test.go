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
