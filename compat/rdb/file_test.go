package rdb

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/crucible-cache/crucible/internal/compat/launch"
	"github.com/crucible-cache/crucible/internal/compat/servertest"
)

// inDirectory starts our server with a directory for its snapshot.
func inDirectory(t *testing.T, dir string) *server {
	t.Helper()
	command, err := launch.Crucible(servertest.Binary(t), servertest.Profile(t, "redis"), "", launch.RedisProbe)
	if err != nil {
		t.Fatal(err)
	}
	command.Env = append(command.Env, "CRUCIBLE_PERSISTENCE_DIR="+dir)
	return connect(t, "crucible", servertest.StartCommand(t, command))
}

// openDirectory makes a directory that servers of other users may write to.
func openDirectory(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o777); err != nil { //nolint:gosec // servers of other users write there
		t.Fatal(err)
	}
	for parent := dir; parent != os.TempDir() && parent != "/"; parent = filepath.Dir(parent) {
		_ = os.Chmod(parent, 0o777) //nolint:gosec // as above
	}
	return dir
}

// TestFiles has a reference server load what we saved, and us what it saved. It
// takes servers outside of a chroot, which can read our files.
func TestFiles(t *testing.T) {
	older, err := launch.Installed("redis")
	if err != nil {
		t.Skip(err)
	}
	dir := openDirectory(t)
	we := inDirectory(t, dir)
	keys := fill(t, we, false)
	want := map[string]string{}
	for _, key := range keys {
		want[key] = we.describe(t, key)
	}
	we.do(t, "SAVE")
	if err := we.Stop(); err != nil {
		t.Fatal(err)
	}

	older.Args = append(older.Args, "--dir", dir, "--dbfilename", "dump.rdb")
	they := connect(t, older.Title, servertest.StartCommand(t, older))
	compareAll(t, they, want)
	they.do(t, "SAVE")

	again := inDirectory(t, dir)
	compareAll(t, again, want)
	if info := string(again.do(t, "INFO", "persistence").Text); !strings.Contains(info, "rdb_bgsave_in_progress:0") {
		t.Errorf("%s", info)
	}
}

func compareAll(t *testing.T, s *server, want map[string]string) {
	t.Helper()
	if n := int(s.do(t, "DBSIZE").Int); n != len(want) {
		t.Errorf("%s has %d keys, not %d", s.name, n, len(want))
	}
	for key, text := range want {
		if got := s.describe(t, key); got != text {
			t.Errorf("%q on %s:\n got %.600s\nwant %.600s", key, s.name, got, text)
		}
	}
}

// TestDamagedFile starts with files that were cut off or changed: none is served.
func TestDamagedFile(t *testing.T) {
	dir := t.TempDir()
	we := inDirectory(t, dir)
	fill(t, we, true)
	we.do(t, "SAVE")
	if err := we.Stop(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "dump.rdb")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	changed := append([]byte(nil), whole...)
	changed[len(changed)/2] ^= 0xff
	for name, bytes := range map[string][]byte{"cut": whole[:len(whole)*2/3], "changed": changed} {
		if err := os.WriteFile(path, bytes, 0o600); err != nil {
			t.Fatal(err)
		}
		command, _ := launch.Crucible(servertest.Binary(t), servertest.Profile(t, "redis"), "", launch.RedisProbe)
		command.Env = append(command.Env, "CRUCIBLE_PERSISTENCE_DIR="+dir)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		s, err := launch.Start(ctx, command)
		cancel()
		if err == nil {
			_ = s.Stop()
			t.Errorf("%s: the server started", name)
		} else if !strings.Contains(err.Error(), "at offset") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
