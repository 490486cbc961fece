package compat

import (
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/crucible-cache/crucible/internal/compat/script"
)

const testList = `
reference = "8.0.2"

[group.string]
"get" = { level = "full", arity = 2, keys = [1, 1, 1], flags = "fast readonly", acl = "@fast @read @string" }
"set" = { level = "partial", arity = -3, keys = [1, 1, 1], flags = "denyoom write", acl = "@slow @string @write", words = "ours", reason = "no GET" }
"lcs" = { level = "missing", arity = -3, keys = [1, 2, 1], flags = "readonly", acl = "@read @slow @string" }
`

func loadList(t *testing.T, text string) (*CommandList, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "commands.toml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return LoadCommandList(path)
}

func testFacts() map[string]CommandFact {
	return map[string]CommandFact{
		"get": {Group: "string", Arity: 2, Keys: [3]int{1, 1, 1}, Flags: "fast readonly", ACL: "@fast @read @string"},
		"set": {Group: "string", Arity: -3, Keys: [3]int{1, 1, 1}, Flags: "denyoom write", ACL: "@slow @string @write"},
		"lcs": {Group: "string", Arity: -3, Keys: [3]int{1, 2, 1}, Flags: "readonly", ACL: "@read @slow @string"},
	}
}

func wantBreaches(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("breaches:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestReferenceBreaches(t *testing.T) {
	list, err := loadList(t, testList)
	if err != nil {
		t.Fatal(err)
	}
	wantBreaches(t, list.referenceBreaches(testFacts()))
	facts := testFacts()
	facts["new"] = CommandFact{}
	facts["get"] = CommandFact{Arity: 3, Keys: [3]int{1, 1, 2}, Flags: "readonly", ACL: "@read"}
	delete(facts, "set")
	wantBreaches(t, list.referenceBreaches(facts),
		`get: arity 2 listed, the reference says 3`,
		`get: keys [1 1 1] listed, the reference says [1 1 2]`,
		`get: flags "fast readonly" listed, the reference says "readonly"`,
		`get: categories "@fast @read @string" listed, the reference says "@read"`,
		`new: the reference has it, the list does not`,
		`set: listed, but the reference does not have it`)
}

func TestTargetBreaches(t *testing.T) {
	list, err := loadList(t, testList)
	if err != nil {
		t.Fatal(err)
	}
	facts := testFacts()
	delete(facts, "lcs")
	wantBreaches(t, list.targetBreaches(facts))
	facts = testFacts()
	facts["own"] = CommandFact{}
	delete(facts, "set")
	wantBreaches(t, list.targetBreaches(facts),
		"lcs: listed as missing, but our server has it",
		"set: listed as partial, but our server does not have it",
		"own: our server has it, the reference does not")
}

func TestCheckCases(t *testing.T) {
	list, err := loadList(t, testList)
	if err != nil {
		t.Fatal(err)
	}
	file, err := script.Parse("g/f.txt", "case c\nSET k v\nCLIENT Kill ID 1\nraw \"TTL k\\r\\n\"", script.Redis)
	if err != nil {
		t.Fatal(err)
	}
	used := UsedCommands([]script.File{*file})
	for _, name := range []string{"set", "client", "client|kill", "ttl"} {
		if !used[name] {
			t.Errorf("%s counts as unused", name)
		}
	}
	wantBreaches(t, list.CheckCases(used), "get: listed as full, but no case uses it")
	used["get"] = true
	wantBreaches(t, list.CheckCases(used))
}

func TestUpdateKeepsLevels(t *testing.T) {
	list, err := loadList(t, testList)
	if err != nil {
		t.Fatal(err)
	}
	facts := testFacts()
	facts["new"] = CommandFact{Group: "generic", Arity: 1}
	delete(facts, "lcs")
	list.Update("9.0.0", facts)
	path := filepath.Join(t.TempDir(), "commands.toml")
	if err := list.WriteFile(path, "what it is\n\nand more"); err != nil {
		t.Fatal(err)
	}
	again, err := LoadCommandList(path)
	if err != nil {
		t.Fatal(err)
	}
	all := again.All()
	if len(all) != 3 || all["get"].Level != Full || all["set"].Reason != "no GET" || all["set"].Words != OurWords || all["new"].Level != Missing {
		t.Errorf("after an update: %+v", all)
	}
	wantBreaches(t, again.referenceBreaches(facts))
}

func TestLoadCommandListRefuses(t *testing.T) {
	for text, want := range map[string]string{
		`[group.g]` + "\n" + `"a" = { level = "partial" }`:           "needs a reason",
		`[group.g]` + "\n" + `"a" = { level = "complete" }`:          "unknown level",
		`[group.g]` + "\n" + `"a" = { level = "full", ariti = 1 }`:   "strict mode",
		`[group.g]` + "\n" + `"a" = { level = "full", words = "x" }`: "words are",
	} {
		if _, err := loadList(t, text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want an error about %q", text, err, want)
		}
	}
}

// answerLines serves each connection one reply, chosen by the first bytes sent; "" closes at once.
func answerLines(t *testing.T, answers map[string]string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			buffer := make([]byte, 256)
			n, _ := c.Read(buffer)
			for prefix, answer := range answers {
				if strings.HasPrefix(string(buffer[:n]), prefix) {
					_, _ = c.Write([]byte(answer))
				}
			}
			c.Close()
		}
	}()
	t.Cleanup(func() {
		l.Close()
		<-done
	})
	return l.Addr().String()
}

func TestCheckProbes(t *testing.T) {
	list, err := loadList(t, `
[group.text]
"get" = { level = "full", probe = "get k\r\n" }
"quit" = { level = "full", probe = "quit\r\n" }
"touch" = { level = "full", probe = "touch k 1\r\n" }
"mg" = { level = "missing", probe = "mg k v\r\n" }
"ms" = { level = "missing", probe = "ms k 1\r\na\r\n" }
[group.binary]
"noop" = { level = "missing", probe_hex = "80 0a" }
`)
	if err != nil {
		t.Fatal(err)
	}
	noop := "\x81\x0a\x00\x00\x00\x00\x00\x00" + strings.Repeat("\x00", 16)
	address := answerLines(t, map[string]string{
		"get": "END\r\n", "quit": "", "touch": "ERROR\r\n", "mg": "EN\r\n", "ms": "ERROR\r\nERROR\r\n", "\x80": noop,
	})
	breaches, err := list.checkProbes(address, false)
	if err != nil {
		t.Fatal(err)
	}
	wantBreaches(t, breaches,
		`mg: listed as missing, but our server answers "EN\r\n"`,
		`noop: listed as missing, but our server answers "\x81\n`+strings.Repeat(`\x00`, 22)+`"`,
		`touch: listed as full, but our server answers "ERROR\r\n"`)
	breaches, err = list.checkProbes(address, true)
	if err != nil {
		t.Fatal(err)
	}
	wantBreaches(t, breaches,
		`ms: listed, but the reference answers "ERROR\r\nERROR\r\n"`,
		`touch: listed, but the reference answers "ERROR\r\n"`)
}
