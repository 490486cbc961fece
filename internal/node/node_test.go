package node

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var (
	testID    = strings.Repeat("c1", 20)
	testShard = strings.Repeat("5a", 20)
)

func TestSlots(t *testing.T) {
	var s Slots
	for _, slot := range []int{16383, 0, 63, 64, 65, 7, 7, 16382} {
		s.Add(slot)
	}
	s.Remove(7)
	s.Remove(7)
	var got [][2]int
	for first, last := range s.Ranges() {
		got = append(got, [2]int{first, last})
	}
	want := [][2]int{{0, 0}, {63, 65}, {16382, 16383}}
	if len(got) != len(want) || got[0] != want[0] || got[1] != want[1] || got[2] != want[2] || s.Len() != 6 {
		t.Errorf("got %v, %d", got, s.Len())
	}
	all := AllSlots()
	all.RemoveAll(&s)
	if all.Len() != SlotCount-6 || all.Has(64) || !all.Has(66) {
		t.Errorf("%d are left", all.Len())
	}
	all.AddAll(&s)
	if all != AllSlots() {
		t.Error("the whole is not all")
	}
}

// What Redis 8.0.2 wrote of a lone node is read, and written again as it was.
func TestTextOfRedis(t *testing.T) {
	const text = "6cdea0ea14340ee662f28ceec831232e0bba11eb :23817@33817,,tls-port=0,shard-id=c654c039076ff8f20cef53a1833b9226b848a480 " +
		"myself,master - 0 0 1 connected 1-3 9 [1->-6cdea0ea14340ee662f28ceec831232e0bba11eb] [7-<-6cdea0ea14340ee662f28ceec831232e0bba11eb]\n" +
		"vars currentEpoch 4 lastVoteEpoch 2\n"
	s, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	if got := s.Text(":23817@33817,,tls-port=0"); got != text {
		t.Errorf("it becomes\n%s", got)
	}
	if s.CurrentEpoch != 4 || s.ConfigEpoch != 1 || s.Owned.Len() != 4 || !s.Migrating.Has(1) || !s.Importing.Has(7) {
		t.Errorf("read as %s", s.Text(":"))
	}
}

func TestParse(t *testing.T) {
	line := testID + " 127.0.0.1:7000@17000,,shard-id=" + testShard + " myself,master - 0 0 1 connected"
	with := func(old, text string) string { return strings.Replace(line, old, text, 1) }
	for _, test := range []struct{ text, problem string }{
		{line, ""},
		{line + " 0-16383 \nvars currentEpoch 3 lastVoteEpoch 0\n", ""},
		{line + "\nvars unknown 1 currentEpoch 3", ""},
		{with("@17000,,shard-id="+testShard, ""), ""}, // of Redis before 4.0 and 7.0
		{with(",,", ",host.example.org,nodename=x,tls-port=1,"), ""},
		{"", "line 1: it is empty"},
		{"\n", "line 1: it is empty"},
		{line + "\n\n" + line, "line 2: it is empty"},
		{"vars currentEpoch 3 lastVoteEpoch 0", "no line is of the node itself"},
		{"vars currentEpoch", "currentEpoch has no value"},
		{"vars currentEpoch x", `currentEpoch "x" is not a number`},
		{"x", "it ends after 1 words"},
		{strings.TrimSuffix(line, " connected"), "it ends after 7 words"},
		{with(testID, "abc"), `"abc" is no name of a node`},
		{with(testID, strings.ToUpper(testID)), "is no name of a node"},
		{with("myself,", ""), "of another node, " + testID},
		{line + "\n" + line, "line 2: it is a second one"},
		{with("master", "slave"), "is a replica"},
		{with(":7000@17000", ""), `"127.0.0.1" is no address`},
		{with(testShard, "5a"), `"5a" is no name of a shard`},
		{with("shard-id=", ""), "has no value"},
		{with("0 0 1", "0 0 x"), `epoch "x" is not a number`},
		{line + " 16384", "names no slots"},
		{line + " 0-16384", "names no slots"},
		{line + " 5-1", "names no slots"},
		{line + " -1", "names no slots"},
		{line + " 1-", "names no slots"},
		{line + " [5]", "no slot on its way"},
		{line + " [x->-" + testID + "]", "no slot on its way"},
		{line + " [5--" + testID + "]", "no slot on its way"},
		{line + " [5->-" + testShard + "]", "between this node and another"},
	} {
		s, err := Parse(test.text)
		switch {
		case test.problem == "" && err != nil:
			t.Errorf("%q: %v", test.text, err)
		case test.problem == "" && (s.ID != testID || len(s.Shard) != nameLen || s.CurrentEpoch < s.ConfigEpoch):
			t.Errorf("%q: read as %s", test.text, s.Text(":"))
		case test.problem != "" && (err == nil || !strings.Contains(err.Error(), test.problem)):
			t.Errorf("%q: got error %v, want %q", test.text, err, test.problem)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(New().Text(":1@2,"))
	f.Add("vars currentEpoch 3 lastVoteEpoch 0\n")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := Parse(text)
		if err != nil {
			return
		}
		again, err := Parse(s.Text(":1@2,"))
		if err != nil || *again != *s {
			t.Errorf("%q comes back otherwise: %v", text, err)
		}
	})
}

func TestEpochs(t *testing.T) {
	s := New()
	for _, want := range []bool{true, false, false} {
		if got := s.Bump(); got != want || s.ConfigEpoch != 1 || s.CurrentEpoch != 1 {
			t.Fatalf("bumped %t to %d of %d", got, s.ConfigEpoch, s.CurrentEpoch)
		}
	}
	s.CurrentEpoch = 5
	if !s.Bump() || s.ConfigEpoch != 6 {
		t.Errorf("bumped to %d", s.ConfigEpoch)
	}
	id, shard := s.ID, s.Shard
	if s.Reset(false); s.ID != id || s.Shard != shard || s.ConfigEpoch != 6 || s.Owned.Len() != 0 {
		t.Errorf("a soft reset leaves %s", s.Text(":"))
	}
	if s.Reset(true); s.ID == id || s.Shard == shard || s.ConfigEpoch != 0 || s.CurrentEpoch != 0 {
		t.Errorf("a hard reset leaves %s", s.Text(":"))
	}
}

func TestFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "nodes.conf")
	f, s, err := Open(path)
	if err != nil || s != nil {
		t.Fatalf("a new file: %v", err)
	}
	busy := func() {
		t.Helper()
		if _, _, err := Open(path); !errors.Is(err, ErrInUse) {
			t.Errorf("opened twice: %v", err)
		}
	}
	busy()
	want := New()
	for range 2 {
		want.Bump()
		if err := f.Save(want.Text(":1@2,")); err != nil {
			t.Fatal(err)
		}
		busy() // also the one that replaced the first
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	f, s, err = Open(path)
	if err != nil || *s != *want {
		t.Fatalf("it comes back otherwise: %v", err)
	}
	f.Close()
	if err := os.WriteFile(path, []byte("x\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 { // nothing stays locked
		if _, _, err := Open(path); err == nil || !strings.Contains(err.Error(), path+": line 1:") {
			t.Errorf("a corrupt file: %v", err)
		}
	}
	if _, _, err := Open(filepath.Join(path, "nosuch")); err == nil {
		t.Error("a file is opened where there is no directory")
	}
}
