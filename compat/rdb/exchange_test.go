package rdb

import (
	"testing"

	"github.com/crucible-cache/crucible/internal/compat/launch"
	"github.com/crucible-cache/crucible/internal/compat/servertest"
)

// references are the servers there are: Redis 8.0 and 7.0, if they are installed.
func references(t *testing.T) (all []*server) {
	t.Helper()
	newest, err := launch.Reference(servertest.Root(t), "redis")
	if err != nil {
		t.Skip(err)
	}
	commands := []launch.Command{newest}
	if older, err := launch.Installed("redis"); err == nil && older.Title != newest.Title {
		commands = append(commands, older)
	}
	for _, c := range commands {
		all = append(all, connect(t, c.Title, servertest.StartCommand(t, c)))
	}
	return all
}

func ours(t *testing.T) *server {
	t.Helper()
	return connect(t, "crucible", servertest.Start(t, "redis", ""))
}

// knowsFieldTimes reports whether fields of hashes can expire there.
func (s *server) knowsFieldTimes(t *testing.T) bool {
	return string(s.ask(t, "HPEXPIRETIME", "no key", "FIELDS", "1", "f").Text) == "" // an array
}

// TestDumpRestore carries every kind of value from one server to another.
func TestDumpRestore(t *testing.T) {
	we := ours(t)
	for _, they := range references(t) {
		timed := they.knowsFieldTimes(t)
		t.Run(they.name, func(t *testing.T) {
			carry(t, they, we, fill(t, they, timed))
			carry(t, we, they, fill(t, we, timed))
			carry(t, we, we, fill(t, we, true))
		})
	}
}

// carry restores keys of one server, under other names if it is the same.
func carry(t *testing.T, from, to *server, keys []string) {
	t.Helper()
	if from != to {
		to.do(t, "FLUSHALL")
	}
	for _, key := range keys {
		at := string(from.do(t, "PEXPIRETIME", key).Text)
		if at == "-1" {
			at = "0"
		}
		payload := string(from.do(t, "DUMP", key).Text)
		before := from.describe(t, key)
		to.do(t, "RESTORE", key, at, payload, "ABSTTL", "REPLACE")
		if got := to.describe(t, key); got != before {
			t.Errorf("%q from %s to %s:\n got %.600s\nwant %.600s", key, from.name, to.name, got, before)
		}
	}
}
