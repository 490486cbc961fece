package main

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/crucible-cache/crucible/internal/compat/script"
)

func TestProfileNamesEverything(t *testing.T) {
	f := serverFlags{Profile: "compat/memcached.toml"}
	protocol, err := f.protocol()
	if err != nil || protocol != script.Memcached {
		t.Errorf("protocol %q, %v", protocol, err)
	}
	if f.directory() != "compat/memcached" || f.root() != "." || f.listPath() != "compat/memcached/commands.toml" {
		t.Errorf("directory %q, root %q, list %q", f.directory(), f.root(), f.listPath())
	}
	f = serverFlags{Profile: "/etc/crucible/cache.toml"}
	if _, err := f.protocol(); err == nil || !strings.Contains(err.Error(), "--protocol") {
		t.Errorf("a profile named after nobody: %v", err)
	}
	f.Protocol = "redis"
	if protocol, err := f.protocol(); err != nil || protocol != script.Redis {
		t.Errorf("protocol %q, %v", protocol, err)
	}
}

// runCases replays one case on two installed Redis servers, the second with arguments of its own.
func runCases(t *testing.T, targetArguments string) (string, error) {
	t.Helper()
	redis, err := exec.LookPath("redis-server")
	if err != nil {
		t.Skip("NOT TESTED: apt install redis-server")
	}
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "cases", "group"), 0o750); err != nil {
		t.Fatal(err)
	}
	text := "case databases\nCONFIG GET databases\nSET k v\nGET k\n"
	if err := os.WriteFile(filepath.Join(dir, "cases", "group", "file.txt"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	command := redis + " --port {port} --bind 127.0.0.1 --dir {dir} --save ''"
	run := runCommand{
		serverFlags: serverFlags{
			Profile: "redis.toml", ReferenceCommand: command, TargetCommand: command + targetArguments,
		},
		Cases: filepath.Join(dir, "cases"), JUnit: filepath.Join(dir, "out", "junit.xml"),
		Markdown: filepath.Join(dir, "out", "report.md"),
	}
	err = run.Run(context.Background())
	report, readErr := os.ReadFile(run.Markdown)
	if readErr != nil {
		t.Fatal(readErr)
	}
	if _, statErr := os.Stat(run.JUnit); statErr != nil {
		t.Error(statErr)
	}
	return string(report), err
}

func TestRunOfEqualServers(t *testing.T) {
	report, err := runCases(t, "")
	if err != nil {
		t.Error(err)
	}
	if !strings.Contains(report, "| total | 2 | 6 | 2 | 0 |") {
		t.Errorf("report:\n%s", report)
	}
}

func TestRunOfDifferentServers(t *testing.T) {
	report, err := runCases(t, " --databases 4")
	if !errors.Is(err, errDifferent) {
		t.Errorf("got %v", err)
	}
	if !strings.Contains(report, "| total | 2 | 6 | 0 | 2 |") || !strings.Contains(report, `"16"`) || !strings.Contains(report, `"4"`) {
		t.Errorf("report:\n%s", report)
	}
}

func TestRunSaysWhatIsMissing(t *testing.T) {
	for want, run := range map[string]runCommand{
		"no case files": {serverFlags: serverFlags{Profile: "nowhere/redis.toml"}},
		"make build": {
			serverFlags: serverFlags{Profile: "../../compat/redis.toml", Server: "nosuch", Reference: "127.0.0.1:1"},
		},
	} {
		if err := run.Run(context.Background()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error about %q", err, want)
		}
	}
}
