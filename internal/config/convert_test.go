package config

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// packaged has the directives of a redis.conf as Debian installs it.
const packaged = `bind 127.0.0.1 -::1
protected-mode yes
port 6379
tcp-backlog 511
timeout 0
tcp-keepalive 300
daemonize yes
pidfile /run/redis/redis-server.pid
loglevel notice
logfile /var/log/redis/redis-server.log
databases 16
proc-title-template "{title} {listen-addr} {server-mode}"
dir /var/lib/redis
oom-score-adj-values 0 200 800
appendonly no
notify-keyspace-events ""
client-output-buffer-limit normal 0 0 0
client-output-buffer-limit replica 256mb 64mb 60
client-output-buffer-limit pubsub 32mb 8mb 60
hz 20
`

// What --redis-conf serves is what the converted profile says, for the file above
// and those that are installed on this machine.
func TestRedisConf(t *testing.T) {
	dir := t.TempDir()
	own := filepath.Join(dir, "redis.conf")
	if err := os.WriteFile(own, []byte(packaged), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{own, "/etc/redis/redis.conf", "../../.tools/trixie/etc/redis/redis.conf"} {
		if _, err := os.ReadFile(file); err != nil {
			t.Logf("*** NOT TESTED: %v", err)
			continue
		}
		var stdout, stderr bytes.Buffer
		if _, code := CommandLine([]string{"convert-config", file}, "1", &stdout, &stderr); code != ExitOK || stderr.Len() > 0 {
			t.Fatalf("%s: exit %d, %s", file, code, stderr.String())
		}
		profile := filepath.Join(dir, "profile.toml")
		if err := os.WriteFile(profile, stdout.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, code := CommandLine([]string{"--check", profile}, "1", &stdout, &stderr); code != ExitOK {
			t.Fatalf("%s: %s\n%s", file, stderr.String(), stdout.String())
		}
		converted, err := Load(profile, nil)
		if err != nil {
			t.Fatal(err)
		}
		served, code := CommandLine([]string{"--redis-conf", file}, "1", &stdout, &stderr)
		if code != ExitOK {
			t.Fatalf("%s: %s", file, stderr.String())
		}
		if changed := Changed(converted, served); len(changed) > 0 {
			t.Errorf("%s: %v differ", file, changed)
		}
		if served.Cache.Policy != "noeviction" || served.File() != file || len(served.Listeners) != 2 {
			t.Errorf("%s: %s, %s, %d listeners", file, served.Cache.Policy, served.File(), len(served.Listeners))
		}
		again, err := served.Reload()
		if err != nil || len(Changed(served, again)) > 0 {
			t.Errorf("%s: a reload reads something else: %v", file, err)
		}
	}
}

// A value that cannot be is reported with the line of the redis.conf.
func TestRedisConfOrigin(t *testing.T) {
	for text, want := range map[string]string{
		"port 7000\ndatabases 1000\n": ":2): 1000 is out of range",
		"\nappendonly yes\n":          "at line 2\n>>> 'appendonly yes'\nnot supported here",
		"nosuch 1":                    "at line 1\n>>> 'nosuch 1'\nBad directive",
	} {
		file := filepath.Join(t.TempDir(), "redis.conf")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		var stdout, stderr bytes.Buffer
		c, code := CommandLine([]string{"--redis-conf", file}, "1", &stdout, &stderr)
		if c != nil || code != ExitConfig || !strings.Contains(stderr.String(), want) {
			t.Errorf("%q: exit %d, %s", text, code, stderr.String())
		}
	}
}

func TestRedisConfUsage(t *testing.T) {
	for _, args := range [][]string{{"convert-config"}, {"convert-config", "a", "b"}, {"convert-config", "--x"}, {"--redis-conf", "a", "b.toml"}, {"--redis-conf", "a", "--check", "b"}} {
		var stdout, stderr bytes.Buffer
		if c, code := CommandLine(args, "1", &stdout, &stderr); c != nil || code != ExitUsage {
			t.Errorf("%v: exit %d", args, code)
		}
	}
}
