package script

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/crucible-cache/crucible/internal/protocol"
	"github.com/crucible-cache/crucible/internal/protocol/resp"
)

var errLate = errors.New("late")

// alone is a Host without commands that ends scripts after a while.
type alone struct {
	pool     protocol.Pool
	out      *protocol.Output
	deadline time.Time
}

func newAlone(patience time.Duration) *alone {
	h := &alone{deadline: time.Now().Add(patience)}
	h.out = protocol.NewOutput(&h.pool)
	return h
}

func (h *alone) Call([][]byte) string     { return "ERR there are no commands" }
func (h *alone) Output() *protocol.Output { return h.out }
func (h *alone) SetProto(int)             {}
func (h *alone) Replicate(bool)           {}

func (h *alone) Allowed([][]byte) (allowed bool, problem string) { return false, "" }
func (h *alone) Log(int, string)                                 {}

func (h *alone) Pause() error {
	if time.Now().After(h.deadline) {
		return errLate
	}
	return nil
}

// answer runs a script and returns its reply, or the error that ended it.
func answer(s *State, source string, patience time.Duration, args ...[]byte) string {
	p, err := Compile([]byte(source))
	if err != nil {
		return err.Error()
	}
	h := newAlone(patience)
	if failure := s.Run(p, nil, args, h); failure != nil {
		return failure.Message
	}
	w := &resp.Writer{Out: h.out, Proto: 2}
	s.Reply(Replies{Writer: w, Fail: func(text string, _ bool) { w.Error(text) }})
	text := string(h.out.Front())
	h.out.Discard(h.out.Len())
	return text
}

// What would take all memory, the stack or all time is ended, and the state is as
// good as before.
func TestBombs(t *testing.T) {
	const memory, patience = 32 << 20, 200 * time.Millisecond
	const noMemory, overflow = "not enough memory", "stack overflow"
	for name, c := range map[string]struct{ source, want string }{
		"sparse tables":      {"local t={} for i=1,1e6 do t[i]={} t[i][4000000]=1 end", noMemory},
		"inserted far away":  {"local t={} for i=1,1e6 do t[i]={} table.insert(t[i],4000000,1) end", noMemory},
		"unpacked far away":  {`local m='\129\206\0\61\9\0\1' return cmsgpack.unpack('\220\3\232'..m:rep(1000))`, noMemory},
		"insert far below":   {"table.insert({},-1e15,1)", "late"},
		"doubled string":     {"local s='x' for i=1,60 do s=s..s end", noMemory},
		"repeated string":    {"return string.rep('x',1e12)", noMemory},
		"substituted":        {"local s=string.rep('x',1e5) return (s:gsub('',s))", noMemory},
		"coroutines kept":    {"local t={} for i=1,1e6 do t[i]=coroutine.create(error) end", noMemory},
		"nested coroutines":  {"local function f(n) return coroutine.wrap(function() return f(n-1) end)() end return f(1)", overflow},
		"deep in coroutines": {"local function d(n,f) if n==0 then return f() end return (select(2,pcall(d,n-1,f))) end local function c(k) if k==0 then return 1 end return coroutine.wrap(function() return d(5000,function() return c(k-1) end) end)() end return c(150)", ""},
		"__index":            {"local t=setmetatable({},{__index=function(t,k) return t[k] end}) return t.x", overflow},
		"__tostring":         {"local t t=setmetatable({},{__tostring=function(x) return tostring(x) end}) return tostring(t)", overflow},
		"in error handler":   {"local function h(e) return h(e)..'x' end return {xpcall(error,h)}", "*1\r\n$-1\r\n"},
		"values on stack":    {"local function f(...) return f(1,...) end return f()", overflow},
		"tail calls":         {"local function f(n) if n==0 then return 7 end return f(n-1) end return f(100000)", ":7"},
		"same string":        {"local s,r=('x'):rep(1e6),{} for i=1,4000 do r[i]=s end return r", noMemory},
		"reply of itself":    {"local t={} t[1]=t t[2]=t return t", noMemory},
		"packed cycle":       {"local t={} t[1]=t return cjson.encode(t)", "excessive nesting"},
		"nested JSON":        {"return cjson.decode(('['):rep(1e5))", "too many nested"},
		"pattern":            {"return ('a'):rep(1e5):find(('a*'):rep(20)..'b')", "late"},
		"pattern with set":   {"return ('a'):rep(1e6):find('['..('b'):rep(1e6)..'a]*c')", "late"},
		"balance":            {"return ('('):rep(1e6):find('%b()')", "late"},
		"caught":             {"while true do pcall(function() while true do end end) end", "late"},
	} {
		t.Run(name, func(t *testing.T) {
			s := NewState(Limits{Memory: memory})
			defer s.Close()
			before, begun := heapBytes(), time.Now()
			got := answer(s, c.source, patience)
			took, grown := time.Since(begun), int64(heapBytes())-int64(before)
			t.Logf("%v, %d MiB, %.100q", took, grown>>20, got)
			if !strings.Contains(got, c.want) && !strings.Contains(got, errLate.Error()) {
				t.Errorf("%.200q", got)
			}
			if grown > 1<<30 {
				t.Errorf("the heap grew by %d MiB", grown>>20)
			}
			if !s.Spoilt() {
				if got := answer(s, "return 1", time.Minute); got != ":1\r\n" {
					t.Errorf("then: %q", got)
				}
			}
		})
	}
}

// FuzzScript runs any source with an argument: whatever it is, it ends.
func FuzzScript(f *testing.F) {
	for _, source := range []string{
		"return ARGV[1]", "return {1,{err='x'},{ok='y'},1.5,true,false}", "return cjson.decode(ARGV[1])",
		"return cmsgpack.unpack(ARGV[1])", "return {struct.unpack(ARGV[1],ARGV[1])}", "return string.find(ARGV[1],ARGV[1])",
		"return string.format(ARGV[1],1,'x')", "return loadstring(ARGV[1])()", "#!lua flags=no-writes\nreturn redis.call(ARGV[1])",
		"local t=setmetatable({},{__index=string}) return t.rep(ARGV[1],3)", "goto x ::x::", "return (('x'):gsub(ARGV[1],ARGV[1]))",
	} {
		for _, arg := range []string{"", "x", "[1,{\"a\":null}]", "\x92\x01\x81\xa1a\xc0", "%5.2s%-", "(a*)[^%w]-$", "<i4c0>", "\x1bLua"} {
			f.Add(source, []byte(arg))
		}
	}
	s := NewState(Limits{Memory: 16 << 20})
	f.Fuzz(func(t *testing.T, source string, arg []byte) {
		begun := time.Now()
		answer(s, source, 20*time.Millisecond, arg)
		if took := time.Since(begun); took > time.Minute {
			t.Errorf("it took %v", took)
		}
		if s.Spoilt() {
			s.Close()
			s = NewState(Limits{Memory: 16 << 20})
		}
	})
}
