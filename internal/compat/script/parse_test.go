package script

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func parseOne(t *testing.T, protocol Protocol, lines string) Step {
	t.Helper()
	file, err := Parse("group/file.txt", "case c\n"+lines, protocol)
	if err != nil {
		t.Fatal(err)
	}
	return file.Cases[0].Steps[0]
}

func expandAll(t *testing.T, step Step, variables map[string]string) []string {
	t.Helper()
	var args []string
	for _, template := range step.Args {
		arg, err := template.Expand(variables)
		if err != nil {
			t.Fatal(err)
		}
		args = append(args, string(arg))
	}
	return args
}

func TestParseArguments(t *testing.T) {
	for _, tc := range []struct {
		line string
		want []string
	}{
		{`SET k v`, []string{"SET", "k", "v"}},
		{`  SET   k	v  `, []string{"SET", "k", "v"}},
		{`SET k ""`, []string{"SET", "k", ""}},
		{`SET k "a b\r\n\x00\"\\"`, []string{"SET", "k", "a b\r\n\x00\"\\"}},
		{`SET k 'a "b" \' \n'`, []string{"SET", "k", `a "b" ' \n`}},
		{`SET k repeat("ab", 3)`, []string{"SET", "k", "ababab"}},
		{`SET k x-repeat("a", 2)"-y z"`, []string{"SET", "k", "x-aa-y z"}},
		{`SET k repeat("", 5)`, []string{"SET", "k", ""}},
		{`SET ${who} "${who}!\${who}"`, []string{"SET", "me", "me!${who}"}},
		{`SET price $5`, []string{"SET", "price", "$5"}},
		{`SET k "~any"`, []string{"SET", "k", "~any"}},
		{`SET k a~b`, []string{"SET", "k", "a~b"}},
		{`"read" x`, []string{"read", "x"}},
		{`"" x`, []string{"", "x"}},
		{`SET k v ~any`, []string{"SET", "k", "v"}},
	} {
		step := parseOne(t, Redis, tc.line)
		if got := expandAll(t, step, map[string]string{"who": "me"}); !slices.Equal(got, tc.want) {
			t.Errorf("%s: got %q, want %q", tc.line, got, tc.want)
		}
		if step.Op != Command {
			t.Errorf("%s: operation %d, want a command", tc.line, step.Op)
		}
	}
}

func TestParseSteps(t *testing.T) {
	step := parseOne(t, Redis, `B: times 5 INCR k ~int within 3`)
	if step.Op != Times || step.Count != 5 || step.Conn != "B" || step.Rule.Kind != Within || step.Rule.Within != 3 {
		t.Errorf("times: %+v", step)
	}
	step = parseOne(t, Redis, `let id = CLIENT ID`)
	if step.Op != Command || step.Variable != "id" || step.Capture != nil {
		t.Errorf("let: %+v", step)
	}
	step = parseOne(t, Redis, `let id /id=(\d+) / = CLIENT INFO`)
	if step.Capture == nil || step.Capture.FindStringSubmatch("id=7 x")[1] != "7" {
		t.Errorf("let with a pattern: %+v", step)
	}
	step = parseOne(t, Redis, `raw "*1\r\n" repeat("x", 3) ~regex ^-ERR`)
	payload, err := step.Data.Expand(nil)
	if step.Op != Raw || err != nil || string(payload) != "*1\r\nxxx" || step.Rule.Kind != Regex {
		t.Errorf("raw: %+v, payload %q, %v", step, payload, err)
	}
	step = parseOne(t, Redis, `read 3 ~shape`)
	if step.Op != Read || step.Count != 3 || step.Rule.Kind != Shape {
		t.Errorf("read: %+v", step)
	}
	step = parseOne(t, Redis, `sleep 50ms`)
	if step.Op != Sleep || step.Pause != 50*time.Millisecond {
		t.Errorf("sleep: %+v", step)
	}
	step = parseOne(t, Redis, `INFO ~keys a, b`)
	if !slices.Equal(step.Rule.Names, []string{"a", "b"}) {
		t.Errorf("keys: %+v", step)
	}
	for line, op := range map[string]Op{
		"drain": Drain, "reconnect": Reconnect, "close": Close, "send GET k": Send, "scanall SCAN 0": ScanAll,
	} {
		if got := parseOne(t, Redis, line).Op; got != op {
			t.Errorf("%s: operation %d, want %d", line, got, op)
		}
	}
}

func TestParseMemcached(t *testing.T) {
	step := parseOne(t, Memcached, "set k 0 0 5 noreply\n> he\"lo\n")
	data, err := step.Data.Expand(nil)
	if got := expandAll(t, step, nil); err != nil || string(data) != `he"lo` || got[0] != "set k 0 0 5 noreply" {
		t.Errorf("got %q with data %q, %v", got, data, err)
	}
	step = parseOne(t, Memcached, "set k 0 0 0\n>\n")
	if step.Data == nil || len(step.Data) != 0 {
		t.Errorf("an empty data block is %v", step.Data)
	}
	step = parseOne(t, Memcached, "set k 0 0 3\n> \"\\x00\\r\\n\"\n")
	if data, err := step.Data.Expand(nil); err != nil || string(data) != "\x00\r\n" {
		t.Errorf("a quoted data block is %q, %v", data, err)
	}
	step = parseOne(t, Memcached, `get repeat("k", 3) ${c} ~any`)
	if got := expandAll(t, step, map[string]string{"c": "x"}); got[0] != "get kkk x" || step.Rule.Kind != Any {
		t.Errorf("got %q, rule %q", got, step.Rule.Kind)
	}
}

func TestParseRefuses(t *testing.T) {
	for _, tc := range []struct{ protocol, text, want string }{
		{"redis", "GET k", "before the first case"},
		{"redis", "case", "needs a name"},
		{"redis", "case a\nGET k\ncase a\nGET k", "already"},
		{"redis", "case a\ncase b\nGET k", "no steps"},
		{"redis", "case a\nGET \"k", "never closed"},
		{"redis", `case a` + "\n" + `GET "\xg0"`, "hexadecimal"},
		{"redis", "case a\nGET k ~maybe", "unknown rule"},
		{"redis", "case a\nGET k ~int 5", "within N"},
		{"redis", "case a\nGET k ~regex (", "missing"},
		{"redis", "case a\nGET k ~type x", "no argument"},
		{"redis", "case a\n~any", "command is missing"},
		{"redis", "case a\nsend GET k ~any", "reads no reply"},
		{"redis", "case a\nsleep 1h", "sleep DURATION"},
		{"redis", "case a\ntimes x GET k", "times COUNT"},
		{"redis", "case a\nlet x GET k", "let NAME"},
		{"redis", "case a\nlet x /a/ = GET k", "one group"},
		{"redis", "case a\nraw abc", "double quotes"},
		{"redis", "case a\ndrain now", "no argument"},
		{"redis", "case a\nGET k\nonly resp2", "below a case's name"},
		{"redis", "mode clusters\ncase a\nGET k", "mode cluster"},
		{"redis", "case a\nGET ${1}", "no variable"},
		{"redis", `case a` + "\n" + `GET repeat("k", -1)`, "repeat("},
		{"memcached", "mode cluster\ncase a\nget k", "mode cluster"},
		{"memcached", "case a\n> x", "follows the command"},
		{"memcached", "case a\nset k 0 0 1\n> x\n> y", "follows the command"},
		{"memcached", "case a\nlet c = gets k", "which part"},
		{"memcached", "case a\nonly resp2\nget k", "only"},
	} {
		_, err := Parse("group/file.txt", tc.text, Protocol(tc.protocol))
		if err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%q: %v, want an error about %q", tc.text, err, tc.want)
		}
	}
}

func TestExpandNamesTheMissingVariable(t *testing.T) {
	step := parseOne(t, Redis, "GET ${nobody}")
	if _, err := step.Args[1].Expand(nil); err == nil || !strings.Contains(err.Error(), "nobody") {
		t.Errorf("got %v", err)
	}
}
