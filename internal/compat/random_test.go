package compat

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/crucible-cache/crucible/internal/compat/grammar"
	"github.com/crucible-cache/crucible/internal/compat/resp"
)

// counting is a server of three commands without arguments: "mark", "look" and "other". With wrong set, what it says to
// look is wrong once it was marked.
func counting(t *testing.T, wrong bool) Endpoint {
	t.Helper()
	names, marked := []string{"mark", "look", "other"}, false
	return fakeServer(t, func(args []string) string {
		switch strings.ToUpper(args[0] + " " + strings.Join(args[1:min(2, len(args))], "")) {
		case "COMMAND ":
			var b strings.Builder
			fmt.Fprintf(&b, "*%d\r\n", len(names))
			for _, n := range names {
				fmt.Fprintf(&b, "*10\r\n$%d\r\n%s\r\n:1\r\n*0\r\n:0\r\n:0\r\n:0\r\n*0\r\n*0\r\n*0\r\n*0\r\n", len(n), n)
			}
			return b.String()
		case "COMMAND DOCS":
			var b strings.Builder
			fmt.Fprintf(&b, "*%d\r\n", 2*len(names))
			for _, n := range names {
				fmt.Fprintf(&b, "$%d\r\n%s\r\n*2\r\n$5\r\ngroup\r\n$4\r\nlist\r\n", len(n), n)
			}
			return b.String()
		case "FLUSHALL ":
			marked = false
		case "HELLO 3":
			return "%1\r\n$5\r\nproto\r\n:3\r\n"
		case "MARK ":
			marked = true
		case "LOOK ":
			if marked && wrong {
				return ":2\r\n"
			}
			return ":1\r\n"
		}
		return "+OK\r\n"
	})
}

func TestRandomFindsTheShortest(t *testing.T) {
	r := Random{Reference: counting(t, false), Target: counting(t, true), Seed: 3}
	_, found, err := r.Run(context.Background(), time.Minute)
	if err != nil || found == nil {
		t.Fatalf("%+v, %v", found, err)
	}
	var names []string
	for _, q := range found.Requests {
		names = append(names, q.Name)
	}
	var text strings.Builder
	if err := found.Write(&text); err != nil {
		t.Fatal(err)
	}
	if strings.Join(names, " ") != "mark look" || !strings.Contains(text.String(), "\n    mark\n    look\n") || !strings.Contains(text.String(), "\"2\"") {
		t.Errorf("%v:\n%s", names, text.String())
	}
}

func TestRandomFindsNothing(t *testing.T) {
	told := 0
	r := Random{Reference: counting(t, true), Target: counting(t, true), Seed: 3, Progress: func(n int) { told = n }}
	n, found, err := r.Run(context.Background(), 100*time.Millisecond)
	if err != nil || found != nil || n < episodeRequests || told != n {
		t.Errorf("%d requests, told of %d, %+v, %v", n, told, found, err)
	}
}

func TestJudge(t *testing.T) {
	reply := func(raw string) *Reply {
		v, err := resp.NewReader(strings.NewReader(raw)).ReadValue()
		if err != nil {
			t.Fatal(err)
		}
		r := &Reply{}
		r.add(v)
		return r
	}
	var j judge
	for _, c := range []struct {
		name, a, b string
		equal      bool
	}{
		{"get", ":1\r\n", ":1\r\n", true},
		{"get", ":1\r\n", "$1\r\n1\r\n", false},
		{"smembers", "*2\r\n:1\r\n:2\r\n", "*2\r\n:2\r\n:1\r\n", true},
		{"smembers", "*2\r\n:1\r\n:2\r\n", "*2\r\n:2\r\n:2\r\n", false},
		{"lrange", "*2\r\n:1\r\n:2\r\n", "*2\r\n:2\r\n:1\r\n", false},
		{"pttl", ":5000\r\n", ":4000\r\n", true},
		{"pttl", ":5000\r\n", ":-1\r\n", false},
		{"xpending", "*1\r\n*2\r\n$1\r\na\r\n:5\r\n", "*1\r\n*2\r\n$1\r\na\r\n:6\r\n", true},
		{"xpending", "*1\r\n*2\r\n$1\r\na\r\n:5\r\n", "*1\r\n*2\r\n$1\r\nb\r\n:5\r\n", false},
		{"srandmember", "$1\r\na\r\n", "$1\r\nb\r\n", true},
		{"srandmember", "$1\r\na\r\n", "$-1\r\n", false},
		{"vsim", "*4\r\n$1\r\na\r\n$1\r\n1\r\n$1\r\nb\r\n$1\r\n0\r\n", "*4\r\n$1\r\na\r\n$1\r\n1\r\n$1\r\nc\r\n$1\r\n0\r\n", true},
		{"vsim", "*4\r\n$1\r\na\r\n$1\r\n1\r\n$1\r\nb\r\n$1\r\n0\r\n", "*4\r\n$1\r\nc\r\n$1\r\n1\r\n$1\r\nb\r\n$1\r\n0\r\n", false},
		{"vsim", "%2\r\n+a\r\n,1\r\n+b\r\n,1\r\n", "%2\r\n+b\r\n,1\r\n+a\r\n,1\r\n", true},
		{"vsim", "%1\r\n+a\r\n,1\r\n", "%1\r\n+a\r\n,0.5\r\n", false},
		{"vsim", "*2\r\n+a\r\n+b\r\n", "*2\r\n+b\r\n+a\r\n", true},
		{"vsim", "*2\r\n+a\r\n+b\r\n", "*1\r\n+b\r\n", false},
		{"vinfo", "*4\r\n+size\r\n:1\r\n+max-level\r\n:1\r\n", "*4\r\n+size\r\n:1\r\n+max-level\r\n:2\r\n", true},
		{"vinfo", "*4\r\n+size\r\n:1\r\n+max-level\r\n:1\r\n", "*4\r\n+size\r\n:2\r\n+max-level\r\n:1\r\n", false},
		{"scan", "*0\r\n", "*1\r\n:1\r\n", true},
		{"scan", "-ERR a\r\n", "-ERR b\r\n", false},
		// A transaction whose second MULTI is refused.
		{"multi", "+OK\r\n", "+OK\r\n", true},
		{"smembers", "+QUEUED\r\n", "+QUEUED\r\n", true},
		{"multi", "-ERR nested\r\n", "-ERR nested\r\n", true},
		{"get", "+QUEUED\r\n", "+QUEUED\r\n", true},
		{"exec", "*2\r\n*2\r\n:1\r\n:2\r\n:3\r\n", "*2\r\n*2\r\n:2\r\n:1\r\n:3\r\n", true},
		{"smembers", "+QUEUED\r\n", "+QUEUED\r\n", true},
		{"get", "+QUEUED\r\n", "+QUEUED\r\n", true},
		{"exec", "*2\r\n*2\r\n:1\r\n:2\r\n:3\r\n", "*2\r\n*2\r\n:2\r\n:1\r\n:4\r\n", false},
	} {
		if what := j.differ(&grammar.Request{Name: c.name}, reply(c.a), reply(c.b)); (what == "") != c.equal {
			t.Errorf("%s, %q and %q: %q", c.name, c.a, c.b, what)
		}
	}
	if j.differ(&grammar.Request{Name: "get"}, reply(":1\r\n"), &Reply{Closed: true}) == "" {
		t.Error("a connection that ended is no difference")
	}
}
