package command

import (
	"slices"
	"strings"
	"testing"
)

func TestRenamedCommands(t *testing.T) {
	s := newTestServer(t, 1, Hooks{})
	count := len(s.Table.order)
	for _, pair := range [][2]string{{"get", "Fetch"}, {"CONFIG", "secret"}, {"flushall", ""}} {
		if err := s.Table.Rename(pair[0], pair[1]); err != nil {
			t.Fatal(err)
		}
	}
	for from, to := range map[string]string{"nosuch": "x", "set": "DEL", "get": "x", "flushall": "x"} {
		if s.Table.Rename(from, to) == nil {
			t.Errorf("%s was renamed to %s", from, to)
		}
	}
	c := s.client(t, 0)
	for _, x := range []struct{ request, want string }{
		{"get k", "-ERR unknown command 'get', with args beginning with: 'k' \r\n"},
		{"FETCH k", "$-1\r\n"},
		{"fetch", "-ERR wrong number of arguments for 'get' command\r\n"},
		{"config get x", "-ERR unknown command 'config', with args beginning with: 'get' 'x' \r\n"},
		{"secret get nosuch", "*0\r\n"},
		{"secret nosuch", "-ERR unknown subcommand 'nosuch'. Try SECRET HELP.\r\n"},
		{"flushall", "-ERR unknown command 'flushall', with args beginning with: \r\n"},
		{"acl setuser u +get", "+OK\r\n"},
		{"acl setuser u +fetch", "-ERR Error in ACL SETUSER modifier '+fetch': Unknown command or category name in ACL\r\n"},
		{"acl setuser u +flushall", "+OK\r\n"},
		{"acl dryrun u get k", "-ERR Command 'get' not found\r\n"},
		{"command getkeys get k", "-ERR Invalid command specified\r\n"},
		{"command getkeys fetch k", "*1\r\n$1\r\nk\r\n"},
		{"command list filterby pattern flushall", "*0\r\n"},
		{"command list filterby pattern get", "*1\r\n$3\r\nget\r\n"},
	} {
		if got := c.do(strings.Fields(x.request)...); got != x.want {
			t.Errorf("%s: %q, want %q", x.request, got, x.want)
		}
	}
	if got := len(s.Table.order); got != count-1 {
		t.Errorf("%d commands, want %d", got, count-1)
	}
	if got := c.do("acl", "cat", "keyspace"); !strings.Contains(got, "flushall") {
		t.Error("ACL CAT forgets a command that cannot be called")
	}
}

func TestProtectedMode(t *testing.T) {
	s := newTestServer(t, 1, Hooks{})
	from := func(address string) bool { return s.Denies(func() string { return address }) }
	addresses := []string{"127.0.0.1:1", "127.9.9.9:1", "[::1]:1", "/run/x.sock:0", "10.0.0.1:1", "[fe80::1]:1", "[::127]:1"}
	denied := func() (all []string) {
		for _, a := range addresses {
			if from(a) {
				all = append(all, a)
			}
		}
		return all
	}
	if got := denied(); got != nil {
		t.Errorf("without protected mode: %v", got)
	}
	if err := s.Params.Set("protected-mode", "yes"); err != nil {
		t.Fatal(err)
	}
	if got, want := denied(), addresses[4:]; !slices.Equal(got, want) {
		t.Errorf("under protected mode: %v, want %v", got, want)
	}
	if err := s.Params.Set("requirepass", "x"); err != nil {
		t.Fatal(err)
	}
	if got := denied(); got != nil {
		t.Errorf("with a password: %v", got)
	}
}

func TestWhoMayUseProtectedCommands(t *testing.T) {
	c := newTestClient(t)
	for setting, want := range map[string]bool{"no": false, "yes": true, "local": true} {
		if got := c.allowedBy(setting); got != want {
			t.Errorf("%s: %v", setting, got)
		}
	}
	c.Peer.(*testPeer).remote = "10.0.0.1:5"
	if c.allowedBy("local") || !c.allowedBy("yes") {
		t.Error("a client of another machine is taken for a local one")
	}
}
