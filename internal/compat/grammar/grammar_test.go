package grammar

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/crucible-cache/crucible/internal/compat/resp"
)

// docs is what COMMAND DOCS says of two commands and a container, as RESP2 arrays.
func docs(t *testing.T) *resp.Value {
	t.Helper()
	var b strings.Builder
	bulk := func(words ...string) {
		for _, w := range words {
			b.Write(resp.AppendCommand(nil, []byte(w))[4:]) // a request of one word, without its header
		}
	}
	b.WriteString("*6\r\n")
	bulk("zinter")
	b.WriteString("*4\r\n")
	bulk("group", "sorted-set", "arguments")
	b.WriteString("*4\r\n*4\r\n")
	bulk("name", "numkeys", "type", "integer")
	b.WriteString("*6\r\n")
	bulk("name", "key", "type", "key", "flags")
	b.WriteString("*1\r\n")
	bulk("multiple")
	b.WriteString("*8\r\n")
	bulk("name", "weight", "type", "integer", "token", "WEIGHTS", "flags")
	b.WriteString("*2\r\n")
	bulk("optional", "multiple")
	b.WriteString("*8\r\n")
	bulk("name", "aggregate", "type", "oneof", "token", "AGGREGATE", "arguments")
	b.WriteString("*2\r\n")
	for _, token := range []string{"MIN", "MAX"} {
		b.WriteString("*6\r\n")
		bulk("name", strings.ToLower(token), "type", "pure-token", "token", token)
	}
	bulk("blpop")
	b.WriteString("*2\r\n")
	bulk("group", "list")
	bulk("object")
	b.WriteString("*4\r\n")
	bulk("group", "generic", "subcommands")
	b.WriteString("*2\r\n")
	bulk("object|encoding")
	b.WriteString("*2\r\n")
	bulk("summary", "says it")
	v, err := resp.NewReader(strings.NewReader(b.String())).ReadValue()
	if err != nil {
		t.Fatal(err)
	}
	return &v
}

func TestDraw(t *testing.T) {
	var asked []string
	g, err := Read(docs(t), func(name, group string) bool {
		asked = append(asked, name+" of "+group)
		return name != "blpop"
	})
	slices.Sort(asked)
	if err != nil || strings.Join(asked, ", ") != "blpop of list, object|encoding of generic, zinter of sorted-set" {
		t.Fatalf("%v, %v", asked, err)
	}
	same := g.NewDrawer(7, 1)
	d := g.NewDrawer(7, 1)
	other := g.NewDrawer(8, 1)
	seen, differs, whole := map[string]int{}, false, 0
	for range 2000 {
		r := d.Draw()
		if again := same.Draw(); !slices.Equal(r.Args, again.Args) {
			t.Fatalf("the same seed draws %q and %q", r.Args, again.Args)
		}
		differs = differs || !slices.Equal(r.Args, other.Draw().Args)
		seen[r.Name]++
		if r.Name != "zinter" || len(r.Args) < 3 || !slices.Contains([]string{"1", "2", "3"}, r.Args[1]) {
			continue
		}
		n := int(r.Args[1][0] - '0')
		if at := slices.Index(r.Args, "AGGREGATE"); at > n+1 && slices.Contains([]string{"MIN", "MAX"}, r.Args[len(r.Args)-1]) &&
			(at == 2+n || r.Args[2+n] == "WEIGHTS" && at == 3+2*n) {
			whole++
		}
	}
	if !differs || len(seen) != 2 || whole < 800 {
		t.Errorf("another seed differs: %v, commands %v, of which %d as the grammar says", differs, seen, whole)
	}
}

func TestReadRefuses(t *testing.T) {
	v, err := resp.NewReader(bytes.NewReader([]byte("*1\r\n:1\r\n"))).ReadValue()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Read(&v, func(string, string) bool { return true }); err == nil {
		t.Error("a list that is no map is read")
	}
	if _, err := Read(docs(t), func(string, string) bool { return false }); err == nil {
		t.Error("a grammar without commands")
	}
}

// What COMMAND DOCS leaves out is drawn all the same: a vector has as many components as its request says, but where
// it is to be refused.
func TestDrawVectors(t *testing.T) {
	v, err := resp.NewReader(strings.NewReader("*2\r\n$4\r\nVADD\r\n*2\r\n$5\r\ngroup\r\n$6\r\nmodule\r\n")).ReadValue()
	if err != nil {
		t.Fatal(err)
	}
	g, err := Read(&v, func(_, group string) bool { return group == vectorGroup })
	if err != nil {
		t.Fatal(err)
	}
	d, whole := g.NewDrawer(1, 1), 0
	for range 1000 {
		r := d.Draw()
		if len(r.Args) > 4+dimensions && r.Args[2] == "VALUES" && r.Args[3] == "5" && strings.HasPrefix(r.Args[4+dimensions], "e") {
			whole++
		}
	}
	if whole < 300 {
		t.Errorf("%d of 1000 requests add a vector by its components", whole)
	}
}
