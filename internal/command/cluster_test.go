package command

import (
	"errors"
	"strings"
	"testing"

	"github.com/crucible-cache/crucible/internal/node"
)

// The slots are those that Redis computes.
func TestHashSlot(t *testing.T) {
	for name, want := range map[string]int{
		"a": 15495, "123456789": 12739, "foo": 12182, "{a}1": 15495, "x{a}{b}": 15495, "": 0,
	} {
		if got := hashSlot([]byte(name)); got != want {
			t.Errorf("%q is in slot %d, want %d", name, got, want)
		}
	}
	if hashSlot([]byte("{}a")) == hashSlot([]byte("{}b")) {
		t.Error("empty braces hide the name")
	}
}

func TestSlotOfRequest(t *testing.T) {
	table := Commands()
	for _, test := range []struct {
		request []string
		same    bool
	}{
		{[]string{"mset", "a", "1", "b", "2"}, false},
		{[]string{"mset", "{x}a", "1", "{x}b", "2"}, true},
		{[]string{"ssubscribe", "a", "b"}, false},
		{[]string{"subscribe", "a", "b"}, true},
		{[]string{"eval", "return 1", "2", "a", "b"}, false},
		{[]string{"sort", "a", "store", "b"}, false},
		{[]string{"ping"}, true},
	} {
		var args [][]byte
		for _, word := range test.request {
			args = append(args, []byte(word))
		}
		if _, same := table.resolve(args).slotOf(args, noSlot); same != test.same {
			t.Errorf("%q: of one slot %t, want %t", test.request, same, test.same)
		}
	}
}

// clusterClient is a client of a cluster of one that was never started before.
func clusterClient(t *testing.T, save func(text string) error) *testClient {
	t.Helper()
	c := newTestClient(t)
	c.W.Server.FormCluster(node.New(), save)
	return c
}

// What can't be saved isn't done, so that nothing is lost by a restart that a client was told of.
func TestClusterThatCannotBeSaved(t *testing.T) {
	var full error
	saved := ""
	c := clusterClient(t, func(text string) error { saved = text; return full })
	if got := c.do("CLUSTER", "DELSLOTS", "1"); got != "+OK\r\n" || !strings.Contains(saved, "connected 0 2-16383\n") {
		t.Fatalf("got %q, saved %q", got, saved)
	}
	full = errors.New("no space")
	for _, words := range [][]string{
		{"ADDSLOTS", "1"},
		{"DELSLOTSRANGE", "2", "9"},
		{"SETSLOT", "5", "MIGRATING", c.self().ID},
		{"SETSLOT", "1", "NODE", c.self().ID},
		{"BUMPEPOCH"},
		{"SET-CONFIG-EPOCH", "3"},
		{"FLUSHSLOTS"},
		{"RESET", "HARD"},
		{"SAVECONFIG"},
	} {
		before := *c.self()
		if got := c.do(append([]string{"CLUSTER"}, words...)...); got != "-"+errClusterSave+"no space\r\n" {
			t.Errorf("%q: %q", words, got)
		}
		if *c.self() != before {
			t.Errorf("%q: done though it failed", words)
		}
	}
}

func TestClusterWithoutFile(t *testing.T) {
	c := clusterClient(t, nil)
	if got := c.do("CLUSTER", "DELSLOTS", "1"); got != "+OK\r\n" {
		t.Error(got)
	}
	if got := c.do("CLUSTER", "SAVECONFIG"); !strings.HasPrefix(got, "-"+errClusterSave) {
		t.Errorf("nothing is saved, and the reply is %q", got)
	}
}

// What is announced may be anything. The file has to be read again.
func TestClusterTextIsRead(t *testing.T) {
	c := clusterClient(t, nil)
	for _, name := range []string{"box", "two words", "a,b=c", "line\n"} {
		for _, param := range []string{"cluster-announce-human-nodename", "cluster-announce-ip"} {
			if got := c.do("CONFIG", "SET", param, name); got != "+OK\r\n" {
				t.Fatalf("%s %q: %s", param, name, got)
			}
		}
		text := c.W.Server.clusterText(c.self())
		if st, err := node.Parse(text); err != nil || *st != *c.self() {
			t.Errorf("%q is read otherwise: %v", text, err)
		}
		if name == "box" && !strings.Contains(text, " box:6379@16379,,tls-port=0,nodename=box,shard-id=") {
			t.Errorf("%q", text)
		}
	}
}
