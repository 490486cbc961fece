package acl

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// testCatalogue is a small set of commands.
func testCatalogue() *Catalogue {
	return NewCatalogue([]Command{
		{"get", -1, []string{"read", "string", "fast"}},
		{"set", -1, []string{"write", "string", "slow"}},
		{"config", -1, []string{"slow"}},
		{"config|get", 2, []string{"admin", "slow"}},
		{"config|set", 2, []string{"admin", "slow"}},
		{"select", -1, []string{"fast", "connection"}},
		{"ping", -1, []string{"fast", "connection"}},
		{"publish", -1, []string{"fast", "pubsub"}},
	}, []string{"read", "write", "string", "admin", "fast", "slow", "connection", "pubsub", "empty"})
}

// What rules make of a new user, as Redis 8.0 prints it.
func TestRulesAndHowTheyPrint(t *testing.T) {
	for rules, want := range map[string]string{
		"":                                "off sanitize-payload resetchannels -@all",
		"on nopass ~* &* +@all":           "on nopass sanitize-payload ~* &* +@all",
		"+get +set -get":                  "off sanitize-payload resetchannels -@all +set -get",
		"+get -@string +set +@string":     "off sanitize-payload resetchannels -@all +get +set +@string",
		"+config|get -config|set":         "off sanitize-payload resetchannels -@all +config|get -config|set",
		"+config|get -config|set +CONFIG": "off sanitize-payload resetchannels -@all +config",
		"+get +@all -set":                 "off sanitize-payload resetchannels +@all -set",
		"+select|0 +select|AB +select|0":  "off sanitize-payload resetchannels -@all +select|ab +select|0",
		"%R~a %W~b %WR~c ~d %R~d %W~a":    "off sanitize-payload ~a %W~b ~c ~d resetchannels -@all",
		"&a &b &a":                        "off sanitize-payload resetchannels &a &b -@all",
		"(~a +get) ( &b +@all )":          "off sanitize-payload resetchannels -@all (~a resetchannels -@all +get) (resetchannels &b +@all)",
		"on >p ~a (+get) reset":           "off sanitize-payload resetchannels -@all",
	} {
		us := NewUsers(testCatalogue())
		if err := us.Set("u", strings.Fields(rules)); err != nil {
			t.Errorf("%s: %v", rules, err)
			continue
		}
		if got := us.Get([]byte("u")).User().String(); got != want {
			t.Errorf("%s\n got %s\nwant %s", rules, got, want)
		}
	}
}

func TestRulesThatAreWrongChangeNothing(t *testing.T) {
	for rules, want := range map[string]error{
		"foo": errSyntax, "%~a": errSyntax, "%RR~a": errSyntax, "%X~a": errSyntax, "(on)": errSyntax, ")": errSyntax,
		"+select|": errSyntax, "+nosuch": errUnknown, "-nosuch": errUnknown, "+@nosuch": errUnknown, "+config|x": errUnknown,
		"-select|0": errUnknown, "+config|get|x": errFirstArg, "~* ~a": errAfterAllKeys, "allkeys %R~a": errAfterAllKeys,
		"&* &a": errAfterAllChannels, "<x": errNoPassword, "#abc": errBadHash, "!x": errBadHash,
	} {
		us := NewUsers(testCatalogue())
		if err := us.Set("u", []string{"on", "~k"}); err != nil {
			t.Fatal(err)
		}
		before := us.Lines()
		err := us.Set("u", append([]string{"off", "+get", "resetkeys"}, strings.Fields(rules)...))
		if e := new(RuleError); !asRuleError(err, &e) || e.Reason != want {
			t.Errorf("%s: %v, want %v", rules, err, want)
		}
		if got := us.Lines(); !slices.Equal(got, before) {
			t.Errorf("%s changed the user to %s", rules, got[1])
		}
	}
	us := NewUsers(testCatalogue())
	err := us.Set("u", []string{"on", "(+get", "~a"})
	if err == nil || err.Error() != "Unmatched parenthesis in acl selector starting at '(+get'." {
		t.Errorf("an open parenthesis: %v", err)
	}
}

func asRuleError(err error, to **RuleError) bool {
	e, ok := err.(*RuleError) //nolint:errorlint // it is not wrapped
	if ok {
		*to = e
	}
	return ok
}

// anyRule draws rules of every kind, most of them in order.
func anyRule(t *rapid.T) string {
	plain := []string{
		"on", "off", "nopass", "resetpass", "skip-sanitize-payload", "sanitize-payload", "clearselectors", "reset",
		"allkeys", "~*", "resetkeys", "allchannels", "&*", "resetchannels", "allcommands", "nocommands", "",
		"+@all", "-@all", "+get", "-GET", "+config", "-config", "+config|get", "-config|set", "+select|0", "+select|X",
		"+select", "-select", "+@string", "-@string", "+@slow", "-@slow", "+@empty", "+nosuch", "+config|no", "bad",
		"~a", "~b*", "%R~a", "%W~a", "%RW~c", "%W~*", "&a", "&b*", ">p", ">q", "<p", "#" + strings.Repeat("0a", 32), "!" + strings.Repeat("0a", 32),
		"()", "(~a +get)", "(%R~* &x +@all -set)", "(+select|1 resetkeys)", "(on)",
	}
	return rapid.SampledFrom(plain).Draw(t, "rule")
}

// Whatever rules make of a user, its printed form makes the same user: the same
// permissions and the same text.
func TestPrintedRulesMakeTheSameUser(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		us := NewUsers(testCatalogue())
		us.SetAllChannels(rapid.Bool().Draw(t, "all channels"))
		_ = us.Set("u", nil)
		for range rapid.IntRange(0, 20).Draw(t, "rules") {
			_ = us.Set("u", []string{anyRule(t)}) // wrong ones change nothing
		}
		u := us.Get([]byte("u")).User()
		text := u.String()
		if err := us.Set("v", strings.Split(text, " ")); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		v := us.Get([]byte("v")).User()
		if got := v.String(); got != text {
			t.Fatalf("printed %s\nand then %s", text, got)
		}
		samePermissions(t, u, v)
		fromFile := NewUsers(testCatalogue())
		fromFile.SetAllChannels(us.allChannels.Load())
		if _, err := fromFile.Load("f", us.Text()); err != nil || fromFile.Text() != us.Text() {
			t.Fatalf("as a file: %v\n%s\n%s", err, us.Text(), fromFile.Text())
		}
	})
}

// samePermissions asks two users about every command with a few arguments.
func samePermissions(t *rapid.T, u, v *User) {
	for n := range testCatalogue().commands {
		for _, arg := range []string{"0", "1", "x", "a", "b", "bc"} {
			for _, wants := range []Permission{0, Read, Write, ReadWrite} {
				r := &Request{
					Command: n, Args: [][]byte{nil, []byte(arg)}, FirstArg: 1,
					Keys: []KeyUse{{1, wants}}, Channels: []ChannelUse{{1, wants == 0}},
				}
				why, at := u.Check(r)
				if why2, at2 := v.Check(r); why != why2 || at != at2 {
					t.Fatalf("%s\ncommand %d of %s: %v at %d, then %v at %d", u, n, arg, why, at, why2, at2)
				}
				if u.CheckAllKeys(r, wants) != v.CheckAllKeys(r, wants) {
					t.Fatalf("%s: all keys", u)
				}
			}
		}
	}
}

// The fast answer and the slow one agree: a user that is unlimited may do everything.
func TestUnlimitedMeansEverything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		us := NewUsers(testCatalogue())
		_ = us.Set("u", nil)
		for range rapid.IntRange(0, 12).Draw(t, "rules") {
			_ = us.Set("u", []string{anyRule(t)})
		}
		a := us.Get([]byte("u"))
		if !a.Unlimited.Load() {
			return
		}
		for n := range testCatalogue().commands {
			r := &Request{Command: n, Args: [][]byte{nil, []byte("k")}, FirstArg: 1, Keys: []KeyUse{{1, ReadWrite}}, Channels: []ChannelUse{{1, true}}}
			if why, _ := a.User().Check(r); why != Allowed {
				t.Fatalf("%s may not run %d: %v", a.User(), n, why)
			}
		}
	})
}

// closesEarly reports whether a rule inside of parentheses ends with one. There
// is no way to write that down, in Redis either.
func closesEarly(u *User) bool {
	for _, s := range u.selectors[1:] {
		for _, word := range strings.Fields(s.String()) {
			if strings.HasSuffix(word, ")") {
				return true
			}
		}
	}
	return false
}

func FuzzRules(f *testing.F) {
	f.Add("on >p ~a &b +get -@string (%R~x +config|get) +select|0")
	f.Add("%")
	f.Add("+|")
	f.Add("( ~a")
	f.Fuzz(func(t *testing.T, text string) {
		us := NewUsers(testCatalogue())
		if us.Set("u", strings.Split(text, " ")) != nil {
			return
		}
		if closesEarly(us.Get([]byte("u")).User()) {
			return
		}
		u := us.Get([]byte("u")).User().String()
		if err := us.Set("v", strings.Split(u, " ")); err != nil {
			t.Fatalf("%q is printed as %q: %v", text, u, err)
		}
		if v := us.Get([]byte("v")).User().String(); v != u {
			t.Fatalf("%q is printed as %q and then as %q", text, u, v)
		}
	})
}
