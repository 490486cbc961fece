package rdb

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/crucible-cache/crucible/internal/compat/launch"
	"github.com/crucible-cache/crucible/internal/compat/servertest"
)

// persistence reads that section of INFO.
func (s *server) persistence(t *testing.T) map[string]string {
	t.Helper()
	fields := map[string]string{}
	for line := range strings.Lines(string(s.do(t, "INFO", "persistence").Text)) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), ":"); ok {
			fields[name] = value
		}
	}
	return fields
}

// rewrite has a server write its append-only file anew and returns when that is done.
func (s *server) rewrite(t *testing.T) {
	t.Helper()
	s.do(t, "BGREWRITEAOF")
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		info := s.persistence(t)
		if info["aof_rewrite_in_progress"] == "0" && info["aof_rewrite_scheduled"] == "0" {
			if info["aof_last_bgrewrite_status"] != "ok" {
				t.Fatalf("%v", info)
			}
			return
		}
		if time.Now().After(end) {
			t.Fatal("the append-only file is still being written")
		}
	}
}

// TestAppendOnlyFile has a reference server with an append-only file load the one we
// wrote, add to it, and us take the place of what it made of it.
func TestAppendOnlyFile(t *testing.T) {
	installed, err := launch.Installed("redis")
	if err != nil {
		t.Skip(err)
	}
	dir := openDirectory(t)
	parts := func(want ...string) {
		t.Helper()
		list, err := os.ReadDir(filepath.Join(dir, "appendonlydir"))
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, f := range list {
			names = append(names, f.Name())
		}
		if !slices.Equal(names, want) {
			t.Fatalf("%q, want %q", names, want)
		}
	}
	we := inDirectory(t, dir)
	want := map[string]string{}
	for _, key := range fill(t, we, false) {
		want[key] = we.describe(t, key)
	}
	we.rewrite(t)
	parts("appendonly.aof.1.base.rdb", "appendonly.aof.manifest")
	we.rewrite(t)
	parts("appendonly.aof.2.base.rdb", "appendonly.aof.manifest")
	if err := we.Stop(); err != nil {
		t.Fatal(err)
	}

	installed.Args = append(installed.Args, "--dir", dir, "--appendonly", "yes")
	they := connect(t, installed.Title, servertest.StartCommand(t, installed))
	compareAll(t, they, want)
	they.do(t, "SET", "added", "later")
	if err := they.Stop(); err != nil {
		t.Fatal(err)
	}
	parts("appendonly.aof.1.incr.aof", "appendonly.aof.2.base.rdb", "appendonly.aof.manifest")

	again := inDirectory(t, dir)
	again.rewrite(t)
	parts("appendonly.aof.3.base.rdb", "appendonly.aof.manifest")
}

// What nobody can read as a manifest is left alone.
func TestAppendOnlyFileWithBadManifest(t *testing.T) {
	dir := openDirectory(t)
	path := filepath.Join(dir, "appendonlydir", "appendonly.aof.manifest")
	const text = "file ../../etc/passwd seq 1 type b\n"
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	we := inDirectory(t, dir)
	we.do(t, "BGREWRITEAOF")
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		info := we.persistence(t)
		if info["aof_last_bgrewrite_status"] == "err" && info["aof_rewrites_consecutive_failures"] == "1" {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("%v", info)
		}
	}
	if now, _ := os.ReadFile(path); string(now) != text {
		t.Errorf("the manifest became %q", now)
	}
}
