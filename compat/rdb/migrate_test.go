package rdb

import (
	"net"
	"regexp"
	"testing"
)

// TestMigrate moves keys to a reference server and back.
func TestMigrate(t *testing.T) {
	we := ours(t)
	for _, they := range references(t) {
		t.Run(they.name, func(t *testing.T) {
			keys := fill(t, we, they.knowsFieldTimes(t))
			want := map[string]string{}
			for _, key := range keys {
				want[key] = we.describe(t, key)
			}
			they.do(t, "FLUSHALL")
			move(t, we, they, keys)
			move(t, they, we, keys)
			for _, key := range keys {
				if got := we.describe(t, key); timeless(got) != timeless(want[key]) {
					t.Errorf("%q:\n got %.600s\nwant %.600s", key, got, want[key])
				}
			}
			we.do(t, "SET", "taken", "here")
			they.do(t, "SET", "taken", "there")
			host, port, _ := net.SplitHostPort(they.Address)
			if v := we.ask(t, "MIGRATE", host, port, "taken", "0", "1000"); string(v.Text) != "ERR Target instance replied with error: BUSYKEY Target key name already exists." {
				t.Errorf("%s", v.Text)
			}
			if v := we.ask(t, "MIGRATE", host, port, "taken", "99", "1000", "COPY"); string(v.Text) != "ERR Target instance replied with error: ERR DB index is out of range" {
				t.Errorf("%s", v.Text)
			}
			we.do(t, "MIGRATE", host, port, "taken", "0", "1000", "COPY", "REPLACE")
			if got := show(they.do(t, "GET", "taken")) + show(we.do(t, "GET", "taken")); got != `"here""here"` {
				t.Errorf("%s", got)
			}
		})
	}
}

// timeless leaves out the last digits of when a key expires: what is sent is the
// time to live, to which each way adds what it takes.
func timeless(text string) string {
	return regexp.MustCompile(`expires "(\d+)\d{4}"`).ReplaceAllString(text, "expires $1")
}

// move fails unless all keys are on the other side, and only there, afterwards.
func move(t *testing.T, from, to *server, keys []string) {
	t.Helper()
	host, port, _ := net.SplitHostPort(to.Address)
	from.do(t, append([]string{"MIGRATE", host, port, "", "0", "5000", "KEYS"}, keys...)...)
	if left, there := from.do(t, "DBSIZE").Int, to.do(t, "DBSIZE").Int; left != 0 || int(there) != len(keys) {
		t.Fatalf("of %d keys %d are left and %d came", len(keys), left, there)
	}
}
