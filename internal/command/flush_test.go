package command

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// FLUSHALL of a server that saves replies when there is a snapshot of nothing, and one that is being taken does
// not hold it up.
func TestFlushAllSaves(t *testing.T) {
	s := newTestServer(t, 1, Hooks{})
	if _, err := s.Params.byName["dbfilename"].set("dump.rdb"); err != nil {
		t.Fatal(err)
	}
	c := s.client(t, 0).ownThread()
	expect := func(want string, words ...string) {
		t.Helper()
		if got := c.do(words...); got != want {
			t.Fatalf("%q: got %q, want %q", words, got, want)
		}
	}
	expect("+OK\r\n", "CONFIG", "SET", "save", "3600 1000000", "rdb-key-save-delay", "10000000")
	expect("+OK\r\n", "SET", "k", "v")
	expect("+OK\r\n", "SET", "l", "v")
	expect("+Background saving started\r\n", "BGSAVE")
	began := time.Now()
	expect("", "FLUSHALL")
	(<-c.peer.posted)()
	if got := c.reply(); got != "+OK\r\n" {
		t.Fatalf("FLUSHALL replies %q", got)
	}
	if took := time.Since(began); took > 8*time.Second {
		t.Errorf("FLUSHALL took %v", took)
	}
	st := s.Snapshots.Status()
	if !st.OK || s.Snapshots.Failing.Load() || st.Saves == 0 || st.SavedAt != s.changes() {
		t.Errorf("after FLUSHALL %d snapshots were taken, ok %v, of %d changes of %d", st.Saves, st.OK, st.SavedAt, s.changes())
	}
	dir := s.Params.directory()
	if names, err := filepath.Glob(filepath.Join(dir, "temp-*")); err != nil || len(names) > 0 {
		t.Errorf("%q are left (%v)", names, err)
	}
	if info, err := os.Stat(filepath.Join(dir, "dump.rdb")); err != nil || info.Size() > 200 {
		t.Errorf("the snapshot: %v, %v", info, err)
	}
	expect("+OK\r\n", "SET", "k", "v")
	expect("+OK\r\n", "MULTI")
	expect("+QUEUED\r\n", "FLUSHALL")
	expect("*1\r\n+OK\r\n", "EXEC")
	if !s.Snapshots.Status().Scheduled {
		t.Error("no snapshot is scheduled after FLUSHALL in a transaction")
	}
}
