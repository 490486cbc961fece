package command

import (
	"slices"
	"strings"
	"testing"
)

// A request that is carried out must not allocate, whatever the case of its
// name, alone or muted.
func TestExecuteDoesNotAllocate(t *testing.T) {
	c := newTestClient(t)
	set, get := request("SET", "key", "value"), request("gEt", "key")
	for name, requests := range map[string][][][]byte{
		"set":  {set},
		"get":  {set, get},
		"mset": {request("MSET", "a", "1", "b", "2"), request("MGET", "a", "b", "key")},
		"ping": {request("PING")},
		"skip": {request("CLIENT", "REPLY", "SKIP"), get},
	} {
		n := testing.AllocsPerRun(200, func() {
			for _, r := range requests {
				c.Execute(r)
			}
			c.out.Discard(c.out.Len())
		})
		if n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

// A transaction allocates only while its memory grows.
func TestTransactionReusesMemory(t *testing.T) {
	c := newTestClient(t)
	requests := [][][]byte{
		request("MULTI"), request("SET", "a", "1"), request("INCR", "a"), request("MGET", "a", "b"), request("EXEC"),
	}
	n := testing.AllocsPerRun(100, func() {
		for _, r := range requests {
			c.Execute(r)
		}
		c.out.Discard(c.out.Len())
	})
	if n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestNameIndexFindsAllAndOnlyThem(t *testing.T) {
	table := Commands()
	for _, s := range table.all {
		for _, name := range []string{s.fullname, strings.ToUpper(s.fullname)} {
			if table.lookupFull([]byte(name)) != s {
				t.Errorf("%s is not found", name)
			}
			for _, other := range []string{name + "x", name[:len(name)-1] + "\x00", "x" + name} {
				if found := table.lookupFull([]byte(other)); found != nil && !strings.EqualFold(found.fullname, other) {
					t.Errorf("%q finds %s", other, found.fullname)
				}
			}
		}
	}
	for _, name := range []string{"", "@et", "GET ", "client", strings.Repeat("x", 1<<16)} {
		if s := table.Lookup([]byte(name)); s != nil && s.Name != name {
			t.Errorf("%.10q finds %s", name, s.Name)
		}
	}
}

func TestNamesInTableAreWhole(t *testing.T) {
	for _, s := range Commands().all {
		documented := s.Since != "" && s.Summary != ""
		if s.Name != strings.ToLower(s.Name) || s.Arity == 0 || !documented && s.Flags&Module == 0 {
			t.Errorf("%s: incomplete", s.fullname)
		}
		if s.Run == nil && len(s.Sub) == 0 {
			t.Errorf("%s: nothing runs it", s.fullname)
		}
		for _, category := range strings.Fields(s.Categories) {
			if !slices.Contains(categoryNames, category) {
				t.Errorf("%s: no category %q", s.fullname, category)
			}
		}
		checkArguments(t, s, parseArguments(s.Arguments))
	}
}

func checkArguments(t *testing.T, s *Spec, list []argument) {
	t.Helper()
	for _, a := range list {
		if a.keySpec >= len(s.Keys) {
			t.Errorf("%s: argument %s has no key spec", s.fullname, a.name)
		}
		if a.kind == "pure-token" && a.token == "" && a.name != "empty-string" { // whose token that is
			t.Errorf("%s: argument %s lacks its token", s.fullname, a.name)
		}
		if a.token != strings.ToUpper(a.token) {
			t.Errorf("%s: token %s", s.fullname, a.token)
		}
		checkArguments(t, s, a.inner)
	}
}

func TestParseArguments(t *testing.T) {
	got := parseArguments("key:key other:key#1 cond<nx=NX xx=XX>@2.6.12? data(field value)* limit:integer'n'=LIMIT~7.0.0?**")
	if block := got[3]; block.kind != "block" || len(block.inner) != 2 || !block.multiple || block.multipleToken {
		t.Errorf("%+v", block)
	}
	last := got[4]
	if last.token != "LIMIT" || last.display != "n" || last.kind != "integer" || last.deprecated != "7.0.0" ||
		!last.optional || !last.multiple || !last.multipleToken {
		t.Errorf("%+v", last)
	}
	if got[1].keySpec != 1 || got[2].since != "2.6.12" || got[2].inner[0].kind != "pure-token" {
		t.Errorf("%+v", got)
	}
}

// Key specs beyond what the commands here need: a keyword, a count, a limit.
func TestKeySpecs(t *testing.T) {
	for _, x := range []struct {
		spec    KeySpec
		request string
		want    string
	}{
		{KeySpec{Index: 1, Last: -1, Step: 2}, "mset a 1 b 2", "a b"},
		{KeySpec{Index: 1, Last: -1, Step: 2}, "mset a 1 b", "a b"},
		{KeySpec{Index: 1, Last: 1}, "rename a b", "a b"},
		{KeySpec{Index: 1, Last: 1}, "rename a", ""},
		{KeySpec{Index: 2}, "object encoding", ""},
		{KeySpec{Index: 1, Last: -2}, "blpop a b 0", "a b"},
		{KeySpec{Index: 2, KeyNum: true, FirstKey: 1}, "eval script 2 a b c", "a b"},
		{KeySpec{Index: 2, KeyNum: true, FirstKey: 1}, "eval script 3 a b", ""},
		{KeySpec{Index: 2, KeyNum: true, FirstKey: 1}, "eval script 0 a b", ""},
		{KeySpec{Index: 2, KeyNum: true, FirstKey: 1}, "eval script -1 a", ""},
		{KeySpec{Index: 2, KeyNum: true, FirstKey: 1}, "eval script x a", ""},
		{KeySpec{Unknown: true}, "sort a by b", ""},
		{KeySpec{Find: readKeys(1)}, "xread count 1 STREAMS a b 1 2", "a b"},
		{KeySpec{Find: readKeys(1)}, "xread count 1", ""},
		{KeySpec{Find: readKeys(1)}, "xread streams a b 1", ""},
		{KeySpec{Find: readKeys(1)}, "xread streams streams 0", "streams"},
		{KeySpec{Find: readKeys(4)}, "xreadgroup count 1 group streams x streams a 0", "a"},
		{KeySpec{Find: migrateKey}, "migrate h p a 0 0 COPY KEYS a b", ""},
		{KeySpec{Find: migrateKey}, "migrate h p keys 0 0 COPY AUTH KEYS", "keys"},
		{KeySpec{Find: lastStore(6, false)}, "georadius k 0 0 1 m store", ""},
		{KeySpec{Find: lastStore(6, false)}, "georadius k 0 0 1 m store a asc STORE b store", "b"},
		{KeySpec{Find: lastStore(6, false)}, "georadius k 0 0 1 m store a asc STOREDIST b", ""},
		{KeySpec{Find: lastStore(6, true)}, "georadius k 0 0 1 m store a asc STOREDIST b", "b"},
	} {
		s := Spec{Keys: []KeySpec{x.spec}}
		args := request(strings.Fields(x.request)...)
		var found []string
		s.eachKey(args, func(at int, _ *KeySpec) { found = append(found, string(args[at])) })
		if got := strings.Join(found, " "); got != x.want {
			t.Errorf("%s: keys %q, want %q", x.request, got, x.want)
		}
	}
}

func BenchmarkExecute(b *testing.B) {
	for name, words := range map[string][]string{
		"ping": {"PING"},
		"get":  {"GET", "key:000000000042"},
		"set":  {"SET", "key:000000000042", strings.Repeat("x", 64)},
		"mget": {"MGET", "a", "b", "c", "key:000000000042"},
	} {
		b.Run(name, func(b *testing.B) {
			c := newTestClient(b)
			c.do("SET", "key:000000000042", strings.Repeat("x", 64))
			r := request(words...)
			b.ReportAllocs()
			for b.Loop() {
				c.Execute(r)
				if c.out.Len() > 8<<10 {
					c.out.Discard(c.out.Len())
				}
			}
		})
	}
}
