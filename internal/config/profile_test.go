package config

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// shipped are the profiles that users get.
var shipped = []string{
	"../../compat/redis.toml",
	"../../compat/memcached.toml",
	"../../packaging/example.toml",
	"../../packaging/heap.toml",
	"../../packaging/slab.toml",
}

func TestShippedProfilesAreValid(t *testing.T) {
	small := box
	small.MemoryBytes, small.Cores, small.CPUs = 512<<20, 1, []int{0}
	for _, file := range shipped {
		for name, m := range map[string]Machine{"box": box, "small": small, "here": ThisMachine()} {
			c, err := load(file, nil, m)
			if err != nil {
				t.Errorf("%s on %s: %v", file, name, err)
				continue
			}
			if len(c.Warnings()) != 0 {
				t.Errorf("%s on %s warns: %q", file, name, c.Warnings())
			}
			for i, l := range c.Listeners {
				if !strings.HasPrefix(l.Address, "127.0.0.1:") && !strings.HasPrefix(l.Address, "[::1]:") {
					t.Errorf("%s: listener %d is reachable from elsewhere: %s", file, i, l)
				}
			}
		}
	}
}

func TestCompatProfilesListenWhereTheIncumbentDoes(t *testing.T) {
	for file, want := range map[string]string{
		shipped[0]: "resp://127.0.0.1:6379 resp://[::1]:6379",
		shipped[1]: "memcache://127.0.0.1:11211",
		shipped[2]: "resp://127.0.0.1:6379 memcache://127.0.0.1:11211",
	} {
		c, err := load(file, nil, box)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, l := range c.Listeners {
			got = append(got, l.String())
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s listens on %q, want %s", file, got, want)
		}
	}
}

// exampleOnly are the values of the example that are not defaults, or depend
// on the machine.
var exampleOnly = map[string]bool{"metrics.address": true, "listener.address": true, "listener.1.protocol": true, "listener.1.backlog": true}

// The example names every key, commented out or not, with its default.
func TestExampleNamesEveryKey(t *testing.T) {
	text, err := os.ReadFile(shipped[2])
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range Keys() {
		if !regexp.MustCompile(`(?m)^(# )?` + k.Name() + ` = `).Match(text) {
			t.Errorf("%s is not in the example", k.Path)
		}
	}
	c, err := load(shipped[2], nil, box)
	if err != nil {
		t.Fatal(err)
	}
	defaults, err := load("", nil, box)
	if err != nil {
		t.Fatal(err)
	}
	defaults.Listeners = []Listener{DefaultListener(), DefaultListener()}
	for i := range defaults.Listeners {
		defaults.Listeners[i].TLS.ClientAuth = "off"
	}
	for _, path := range Changed(c, defaults) {
		if !exampleOnly[path] && !exampleOnly[withoutIndex(path)] {
			t.Errorf("%s in the example is not the default", path)
		}
	}
}

// Removing the # of the example's commented settings must give a profile that
// is valid as well.
func TestExampleWithEverythingSwitchedOn(t *testing.T) {
	text, err := os.ReadFile(shipped[2])
	if err != nil {
		t.Fatal(err)
	}
	commented := regexp.MustCompile(`(?m)^# (\[|[a-z_]+ = )`)
	if n := len(commented.FindAll(text, -1)); n < 10 {
		t.Fatalf("only %d commented settings found", n)
	}
	file := filepath.Join(t.TempDir(), "p.toml")
	if err := os.WriteFile(file, commented.ReplaceAll(text, []byte("$1")), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := load(file, nil, box)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Listeners) != 4 || c.Listeners[2].UnixMode != 0o770 || !c.Listeners[3].TLS.Enabled() {
		t.Errorf("listeners: %+v", c.Listeners)
	}
}

// Every setting of a shipped profile is explained: a comment stands above it,
// or above the block of settings it belongs to.
func TestShippedProfilesAreCommented(t *testing.T) {
	setting := regexp.MustCompile(`^[a-z_]+ = `)
	for _, file := range shipped[:3] {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		explained := map[string]bool{}
		previous := ""
		for line := range strings.Lines(string(text)) {
			line = strings.TrimSpace(line)
			if setting.MatchString(line) {
				name, _, _ := strings.Cut(line, " = ")
				afterComment := strings.HasPrefix(previous, "#")
				if !afterComment && !setting.MatchString(previous) && !explained[name] && !strings.HasPrefix(previous, "[[") {
					t.Errorf("%s: %q is not explained", file, line)
				}
				explained[name] = true
			}
			previous = line
		}
	}
}
