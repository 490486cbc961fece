package script

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// typist debugs a script with commands that are known from the start, and then has it run on.
type typist struct {
	commands []string
	shown    []string
}

func (y *typist) Show(lines []string) { y.shown = append(y.shown, lines...) }

func (y *typist) Ask() ([]string, error) {
	if len(y.commands) == 0 {
		return nil, nil
	}
	words := strings.Fields(y.commands[0])
	y.commands = y.commands[1:]
	return words, nil
}

// debug returns what is shown of a script.
func debug(t *testing.T, source string, commands ...string) []string {
	t.Helper()
	p, err := Compile([]byte(source))
	if err != nil {
		t.Fatal(err)
	}
	s := NewState(Limits{Memory: 32 << 20})
	defer s.Close()
	y := &typist{commands: commands}
	failure, rest := s.Debug(p, source, nil, nil, newAlone(10*time.Second), y)
	if failure != nil {
		rest = append(rest, failure.Message)
	}
	if s.debugger != nil {
		t.Error("the next script would be debugged")
	}
	return append(y.shown, rest...)
}

// values are the variables that "print" shows at a line of a script.
func values(t *testing.T, source string, line int) string {
	t.Helper()
	var all []string
	for _, shown := range debug(t, source, fmt.Sprintf("b %d", line), "c", "p") {
		if value, ok := strings.CutPrefix(shown, "<value> "); ok && !strings.HasPrefix(value, "(for") {
			all = append(all, value)
		}
	}
	return strings.Join(all, ", ")
}

// The variables of a line are those of its scope, though one's register was another's before.
func TestDebuggerVariables(t *testing.T) {
	const source = `local a = 1
do
  local b = 2
  a = a + b
end
local c = 3
for i = 1, 1 do
  local d = i
  a = a + d
end
for k, v in ipairs({7}) do
  a = k + v
end
if a == 0 then
  local e = 5
  a = e
else
  local f = 6
  a = f
end
local t = {}
function t:m(x, ...)
  local g = x
  return g
end
local up = function(a)
  local h = c
  return h + a
end
c = t:m(9) + up(1)
while c > 0 do
  local w = c
  c = 0
end
repeat
  local r = 8
  a = r
until r
return a`
	for line, want := range map[int]string{
		4:  "a = 1, b = 2",
		6:  "a = 3",
		9:  "a = 3, c = 3, i = 1, d = 1",
		12: "a = 4, c = 3, k = 1, v = 7",
		14: "a = 8, c = 3",
		19: "a = 8, c = 3, f = 6",
		21: "a = 6, c = 3",
		24: "self = {[\"m\"]=\"function@\"}, x = 9, arg = {[\"n\"]=0}, g = 9",
		28: "a = 1, h = 3",
		33: "a = 6, c = 13, t = {[\"m\"]=\"function@\"}, up = \"function@\", w = 13",
		37: "a = 6, c = 0, t = {[\"m\"]=\"function@\"}, up = \"function@\", r = 8",
		39: "a = 8, c = 0, t = {[\"m\"]=\"function@\"}, up = \"function@\"",
	} {
		got := values(t, source, line)
		for {
			at := strings.Index(got, "@0x")
			if at < 0 {
				break
			}
			got = got[:at+1] + strings.TrimLeft(got[at+3:], "0123456789abcdef")
		}
		if got != want {
			t.Errorf("line %d: %s, want %s", line, got, want)
		}
	}
}

// What is printed to a debugger that nobody looks at is bounded.
func TestDebuggerLogIsBounded(t *testing.T) {
	lines := debug(t, "local s = string.rep('x', 1000)\nfor i = 1, 5e3 do redis.debug(s) end\nreturn 1", "c")
	size := 0
	for _, line := range lines {
		size += len(line)
	}
	if last := lines[len(lines)-1]; size > logMost+1000 || !strings.HasPrefix(last, "<hint> There are more lines") {
		t.Errorf("%d bytes, ending in %.80q", size, last)
	}
}

// A table is described as far as is kept, and as deep as Redis does.
func TestDebuggerDescribesLargeTables(t *testing.T) {
	lines := debug(t, "local t = {}\nfor i = 1, 1000 do t[i] = string.rep('x', 10000) end\nlocal u = {t, t, t}\nredis.breakpoint()\nreturn 1", "c", "m 0", "p u")
	for _, line := range lines {
		if len(line) > 2*logMost {
			t.Errorf("a line of %d bytes", len(line))
		}
	}
}

// Code of the one who debugs has limits, too.
func TestDebuggerEvalIsBounded(t *testing.T) {
	p, err := Compile([]byte("local a = 1\nreturn a"))
	if err != nil {
		t.Fatal(err)
	}
	s := NewState(Limits{Memory: 32 << 20})
	defer s.Close()
	y := &typist{commands: []string{"e while(true)do(x)() end", "e while true do end", "p a"}}
	begun := time.Now()
	failure, _ := s.Debug(p, "", nil, nil, newAlone(200*time.Millisecond), y)
	if failure == nil || !strings.Contains(failure.Message, "late") || time.Since(begun) > 10*time.Second {
		t.Errorf("got %+v, %q", failure, y.shown)
	}
}
