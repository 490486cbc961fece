package redisconf

import (
	"strings"
	"testing"
)

// The expected replies are those of a Redis 8.0 server to CONFIG SET.
func TestParse(t *testing.T) {
	const notMemory, notInt = "argument must be a memory value", "argument couldn't be parsed into an integer"
	for _, x := range []struct{ name, text, value, problem string }{
		{"hz", "100", "100", ""},
		{"hz", "1000", "500", ""},
		{"hz", "0", "1", ""},
		{"hz", "-1", "", "argument must be between 0 and 2147483647 inclusive"},
		{"hz", "1.5", "", notInt},
		{"hz", "", "", notInt},
		{"hz", "+5", "", notInt},
		{"hz", "007", "", notInt},
		{"repl-backlog-size", "1mb", "1048576", ""},
		{"auto-aof-rewrite-min-size", "1kB", "1024", ""},
		{"repl-backlog-size", "1m", "1000000", ""},
		{"auto-aof-rewrite-min-size", "007", "7", ""},
		{"repl-backlog-size", "1", "16384", ""},
		{"repl-backlog-size", "1t", "", notMemory},
		{"repl-backlog-size", "1 kb", "", notMemory},
		{"repl-backlog-size", "-1", "", notMemory},
		{"repl-backlog-size", "9223372036854775807", "9223372036854775807", ""},
		{"repl-backlog-size", "9223372036854775808", "", "argument must be between 1 and 9223372036854775807 inclusive"},
		{"repl-backlog-size", "18446744073709551616", "", "argument must be between 1 and 9223372036854775807 inclusive"},
		{"cluster-link-sendbuf-limit", "18446744073709551616", "18446744073709551615", ""},
		{"auto-aof-rewrite-min-size", "20000000000gb", "3028092406290448384", ""},
		{"auto-aof-rewrite-min-size", "", "0", ""},
		{"maxmemory-clients", "5%", "5%", ""},
		{"maxmemory-clients", "101%", "", "percentage argument must be less or equal to 100"},
		{"maxmemory-clients", "-1%", "", "argument must be a memory or percent value"},
		{"maxmemory-clients", "1kb", "1024", ""},
		{"activedefrag", "YES", "yes", ""},
		{"activedefrag", "maybe", "", "argument must be 'yes' or 'no'"},
		{"appendfsync", "ALWAYS", "always", ""},
		{"appendfsync", "x", "", "argument(s) must be one of the following: everysec, always, no"},
		{"shutdown-on-sigterm", "default now", "now", ""},
		{"shutdown-on-sigterm", "now save now", "save now", ""},
		{"shutdown-on-sigterm", "default", "default", ""},
		{"shutdown-on-sigterm", "", "", "argument(s) must be one of the following: default, save, nosave, now, force"},
		{"shutdown-on-sigterm", "save nosave", "", "shutdown options SAVE and NOSAVE can't be used simultaneously"},
		{"oom-score-adj-values", "1 2", "", "wrong number of arguments"},
		{"oom-score-adj-values", "1 2 2001", "", "Invalid oom-score-adj-values, elements must be between -2000 and 2000."},
		{"proc-title-template", "{nosuch}", "", "template format is invalid or contains unknown variables"},
		{"proc-title-template", "{title} x", "{title} x", ""},
		{"unixsocketperm", "770", "770", ""},
		{"unixsocketperm", "zz!", "", "argument couldn't be parsed as an octal number"},
		{"cluster-announce-hostname", strings.Repeat("a", 256), "", "Hostnames must be less than 256 characters"},
		{"cluster-announce-hostname", "zz!", "", "Hostnames may only contain alphanumeric characters, hyphens or dots"},
	} {
		got, err := Lookup(x.name).Parse(x.text)
		problem := ""
		if err != nil {
			got, problem = "", err.Error()
		}
		if got != x.value || problem != x.problem {
			t.Errorf("%s %q: %q, %q", x.name, x.text, got, problem)
		}
	}
}

// A default is a value that the directive accepts and shows as it is, and what
// has no effect says why.
func TestDirectives(t *testing.T) {
	for _, name := range Names() {
		d := Lookup(name)
		if name != d.Name && name != d.Alias {
			t.Errorf("%s is found as %s", name, d.Name)
		}
		if (d.Why == "") != (d.Fate == Mapped) {
			t.Errorf("%s is %s because %q", name, d.Fate, d.Why)
		}
		if got, err := d.Parse(d.Default); err != nil || got != d.Default {
			t.Errorf("%s %q: %q, %v", name, d.Default, got, err)
		}
	}
	if d := Lookup("SLAVEOF"); d == nil || d.Name != "replicaof" {
		t.Errorf("SLAVEOF is %v", d)
	}
	if d := Lookup("nosuch"); d != nil {
		t.Errorf("nosuch is %v", d)
	}
}
