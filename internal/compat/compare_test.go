package compat

import (
	"strings"
	"testing"

	"github.com/crucible-cache/crucible/internal/compat/resp"
	"github.com/crucible-cache/crucible/internal/compat/script"
)

func replyOf(t *testing.T, wire string) *Reply {
	t.Helper()
	var reply Reply
	r := resp.NewReader(strings.NewReader(wire))
	for len(reply.Raw) < len(wire) {
		v, err := r.ReadValue()
		if err != nil {
			t.Fatalf("%q: %v", wire, err)
		}
		reply.add(v)
	}
	return &reply
}

func stepOf(t *testing.T, protocol script.Protocol, line string) *script.Step {
	t.Helper()
	file, err := script.Parse("group/file.txt", "case c\n"+line, protocol)
	if err != nil {
		t.Fatal(err)
	}
	return &file.Cases[0].Steps[0]
}

// Each row's replies are equal or different under the rule; a rule that could not tell would be
// worth nothing, so every rule has both.
func TestDifference(t *testing.T) {
	for _, tc := range []struct {
		rule, reference, target string
		equal                   bool
	}{
		{"", "+OK\r\n", "+OK\r\n", true},
		{"", "+OK\r\n", "$2\r\nOK\r\n", false},
		{"", "$-1\r\n", "*-1\r\n", false},
		{"", "$-1\r\n", "_\r\n", false},
		{"", ":1\r\n", ":01\r\n", false},
		{"", ",1\r\n", ",1.0\r\n", false},
		{"", "*1\r\n:1\r\n", "~1\r\n:1\r\n", false},
		{"", "*2\r\n+a\r\n+b\r\n", "*2\r\n+b\r\n+a\r\n", false},
		{"", "-ERR a\r\n", "-ERR A\r\n", false},

		{"~any", "+OK\r\n", "-ERR x\r\n", true},
		{"~type", ":1\r\n", ":2\r\n", true},
		{"~type", ":1\r\n", "+1\r\n", false},
		{"~type", "$-1\r\n", "$1\r\na\r\n", false},
		{"~shape", "*2\r\n:1\r\n+a\r\n", "*2\r\n:2\r\n+b\r\n", true},
		{"~shape", "*2\r\n:1\r\n+a\r\n", "*2\r\n:2\r\n$1\r\nb\r\n", false},
		{"~shape", "*1\r\n:1\r\n", "*2\r\n:1\r\n:1\r\n", false},
		{"~length", "*2\r\n:1\r\n+a\r\n", "*2\r\n+x\r\n+b\r\n", true},
		{"~length", "*1\r\n:1\r\n", "*0\r\n", false},
		{"~length", "$2\r\nab\r\n", "$2\r\ncd\r\n", true},
		{"~length", "$2\r\nab\r\n", "$1\r\nc\r\n", false},
		{"~int within 2", ":10\r\n", ":8\r\n", true},
		{"~int within 2", ":10\r\n", ":13\r\n", false},
		{"~int within 2", ":-1\r\n", ":-1\r\n", true},
		{"~int within 2", ":-1\r\n", ":-2\r\n", false},
		{"~int within 2", ":0\r\n", ":-1\r\n", false},
		{"~int within 2", "+10\r\n", "+10\r\n", false},
		{"~unordered", "*2\r\n+a\r\n+b\r\n", "*2\r\n+b\r\n+a\r\n", true},
		{"~unordered", "*2\r\n+a\r\n+a\r\n", "*2\r\n+a\r\n+b\r\n", false},
		{"~unordered", "%2\r\n+a\r\n:1\r\n+b\r\n:2\r\n", "%2\r\n+b\r\n:2\r\n+a\r\n:1\r\n", true},
		{"~unordered", "%2\r\n+a\r\n:1\r\n+b\r\n:2\r\n", "%2\r\n+b\r\n:1\r\n+a\r\n:2\r\n", false},
		{"~pairs", "*4\r\n+a\r\n+1\r\n+b\r\n+2\r\n", "*4\r\n+b\r\n+2\r\n+a\r\n+1\r\n", true},
		{"~pairs", "*4\r\n+a\r\n+1\r\n+b\r\n+2\r\n", "*4\r\n+b\r\n+1\r\n+a\r\n+2\r\n", false},
		{"~sorted", "*2\r\n*2\r\n+a\r\n+b\r\n:1\r\n", "*2\r\n:1\r\n*2\r\n+b\r\n+a\r\n", true},
		{"~sorted", "*2\r\n*2\r\n+a\r\n+b\r\n:1\r\n", "*2\r\n:1\r\n*2\r\n+b\r\n+c\r\n", false},
		{"~sorted", "%1\r\n+a\r\n+b\r\n", "%1\r\n+b\r\n+a\r\n", false},
		{"~regex ^a+$", "$2\r\naa\r\n", "$3\r\naaa\r\n", true},
		{"~regex ^a+$", "$2\r\naa\r\n", "$1\r\nb\r\n", false},
		{"~regex ^a+$", "$2\r\naa\r\n", "+aa\r\n", false},
		{`~mask id=\d+`, "$6\r\nid=7 x\r\n", "$6\r\nid=8 x\r\n", true},
		{`~mask id=\d+`, "$6\r\nid=7 x\r\n", "$6\r\nid=8 y\r\n", false},
		{"~keys a,b", "%2\r\n+a\r\n:1\r\n+b\r\n:2\r\n", "*4\r\n+b\r\n:3\r\n+a\r\n:1\r\n", false},
		{"~keys a,b", "%2\r\n+a\r\n:1\r\n+b\r\n:2\r\n", "%3\r\n+b\r\n:3\r\n+a\r\n:1\r\n+c\r\n:1\r\n", true},
		{"~keys a,b", "%2\r\n+a\r\n:1\r\n+b\r\n:2\r\n", "%1\r\n+b\r\n:3\r\n", false},
		{"~keys a,c", "$8\r\na:1\r\nc:2\r\n", "$8\r\na:1\r\nb:2\r\n", false},
		{"~values a", "$8\r\na:1\r\nb:2\r\n", "$8\r\na:1\r\nb:3\r\n", true},
		{"~values b", "$8\r\na:1\r\nb:2\r\n", "$8\r\na:1\r\nb:3\r\n", false},
		{"~values x", "$7\r\nx=1 y=2\r\n", "$7\r\nx=1 y=3\r\n", true},
		{"~values y", "$7\r\nx=1 y=2\r\n", "$7\r\nx=1 y=3\r\n", false},
		{"~error", "-ERR a\r\n", "-ERR b\r\n", true},
		{"~error", "-ERR a\r\n", "-WRONGTYPE b\r\n", false},
		{"~error", "+OK\r\n", "+OK\r\n", false},
		{"~outline", "*2\r\n+GET <k>\r\n+    What is it?\r\n", "*2\r\n+GET <k>\r\n+    The value.\r\n", true},
		{"~outline", "*2\r\n+GET <k>\r\n+    What is it?\r\n", "*2\r\n+GET <K>\r\n+    The value.\r\n", false},
		{"~outline", "*2\r\n+GET <k>\r\n+    What is it?\r\n", "*2\r\n+GET <k>\r\n+  The value.\r\n", false},
		{"~outline", "*1\r\n+GET <k>\r\n", "*1\r\n$7\r\nGET <k>\r\n", false},
		{"~outline", "*2\r\n+GET <k>\r\n+    a\r\n", "*1\r\n+GET <k>\r\n", false},
		{"~outline", "*1\r\n+  * NOW at once\r\n", "*1\r\n+  * NOW immediately\r\n", true},
		{"~outline", "*1\r\n+  * NOW at once\r\n", "*1\r\n+  * THEN at once\r\n", false},
		{"~outline", "$6\r\na\n b c\r\n", "$4\r\na\n d\r\n", true},
		{"~prose about", "*2\r\n$5\r\nabout\r\n$3\r\nOne\r\n", "*2\r\n$5\r\nabout\r\n$4\r\nI, 1\r\n", true},
		{"~prose other", "*2\r\n$5\r\nabout\r\n$3\r\nOne\r\n", "*2\r\n$5\r\nabout\r\n$4\r\nI, 1\r\n", false},
		{"~prose about", "*2\r\n$5\r\nabout\r\n*1\r\n$5\r\n1.0.0\r\n", "*2\r\n$5\r\nabout\r\n*1\r\n$5\r\n1.0.1\r\n", false},
		{"~prose about", "%2\r\n$1\r\na\r\n:1\r\n$1\r\nb\r\n:2\r\n", "%2\r\n$1\r\nb\r\n:2\r\n$1\r\na\r\n:1\r\n", true},
		{"~prose about", "%2\r\n$1\r\na\r\n:1\r\n$1\r\nb\r\n:2\r\n", "%2\r\n$1\r\nb\r\n:1\r\n$1\r\na\r\n:2\r\n", false},
		{"~prose about", "*2\r\n*1\r\n$1\r\na\r\n*1\r\n$1\r\nb\r\n", "*2\r\n*1\r\n$1\r\nb\r\n*1\r\n$1\r\na\r\n", true},
		{"~prose about", "*2\r\n:1\r\n:2\r\n", "*2\r\n:2\r\n:1\r\n", false},
		{"~names", "$8\r\na:1\r\nb:2\r\n", "$8\r\nb:1\r\na:3\r\n", true},
		{"~names", "$8\r\na:1\r\nb:2\r\n", "$3\r\na:1\r\n", false},
		{"~names but b", "$8\r\na:1\r\nb:2\r\n", "$3\r\na:1\r\n", true},
		{"~names but a", "$8\r\na:1\r\nb:2\r\n", "$3\r\na:1\r\n", false},
	} {
		step := stepOf(t, script.Redis, "GET k "+tc.rule)
		reason := difference(step, replyOf(t, tc.reference), replyOf(t, tc.target))
		if (reason == "") != tc.equal {
			t.Errorf("%q %q %q: %q, want equal %v", tc.rule, tc.reference, tc.target, reason, tc.equal)
		}
	}
}

func TestDifferenceOfText(t *testing.T) {
	for _, tc := range []struct {
		rule, reference, target string
		equal                   bool
	}{
		{"", "STORED\r\n", "STORED\r\n", true},
		{"", "STORED\r\n", "NOT_STORED\r\n", false},
		{"~any", "x\r\n", "", false},
		{"~type", "VERSION 1\r\n", "VERSION 2\r\n", true},
		{"~type", "VERSION 1\r\n", "ERROR\r\n", false},
		{"~keys pid", "STAT pid 1\r\nEND\r\n", "STAT pid 2\r\nSTAT x 1\r\nEND\r\n", true},
		{"~keys pid", "STAT pid 1\r\nEND\r\n", "END\r\n", false},
		{"~values pid", "STAT pid 1\r\nEND\r\n", "STAT pid 2\r\nEND\r\n", false},
		{"~unordered", "STAT a 1\r\nSTAT b 2\r\nEND\r\n", "STAT b 2\r\nSTAT a 1\r\nEND\r\n", true},
		{"~unordered", "STAT a 1\r\nEND\r\n", "STAT a 2\r\nEND\r\n", false},
		{`~regex ^VERSION \d`, "VERSION 1\r\n", "VERSION x\r\n", false},
		{"~shape", "a\r\n", "a\r\n", false},
	} {
		step := stepOf(t, script.Memcached, "get k "+tc.rule)
		reason := difference(step, &Reply{Raw: []byte(tc.reference)}, &Reply{Raw: []byte(tc.target)})
		if (reason == "") != tc.equal {
			t.Errorf("%q %q %q: %q, want equal %v", tc.rule, tc.reference, tc.target, reason, tc.equal)
		}
	}
}

func TestDifferenceOfFate(t *testing.T) {
	step := stepOf(t, script.Redis, "GET k ~any")
	open, closed := &Reply{Raw: []byte("+OK\r\n")}, &Reply{Raw: []byte("+OK\r\n"), Closed: true}
	fault := &Reply{Fault: errTest}
	for _, tc := range []struct{ reference, target *Reply }{
		{open, closed}, {closed, open}, {open, fault}, {fault, open}, {fault, fault},
	} {
		if difference(step, tc.reference, tc.target) == "" {
			t.Errorf("%s and %s count as equal", tc.reference, tc.target)
		}
	}
}

func TestDifferenceOfVariables(t *testing.T) {
	step := stepOf(t, script.Memcached, `let cas /VALUE k 0 1 (\d+)/ = gets k`)
	a := &Reply{Raw: []byte("VALUE k 0 1 17\r\nx\r\nEND\r\n")}
	b := &Reply{Raw: []byte("VALUE k 0 1 9\r\nx\r\nEND\r\n")}
	c := &Reply{Raw: []byte("VALUE k 0 1 9\r\ny\r\nEND\r\n")}
	if reason := difference(step, a, b); reason != "" {
		t.Errorf("the kept part makes a difference: %s", reason)
	}
	if difference(step, a, c) == "" {
		t.Error("another value around the kept part makes no difference")
	}
}
