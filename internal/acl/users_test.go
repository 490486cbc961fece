package acl

import (
	"strings"
	"testing"
)

func TestPasswords(t *testing.T) {
	us := NewUsers(testCatalogue())
	_ = us.Set("u", []string{">p", ">q"})
	a := us.Get([]byte("u"))
	check := func(password string, want bool) {
		t.Helper()
		if got := a.User().Accepts([]byte(password)); got != want {
			t.Errorf("%s accepts %q: %v", a.User(), password, got)
		}
	}
	check("p", false) // off
	_ = us.Set("u", []string{"on"})
	check("p", true)
	check("q", true)
	check("", false)
	_ = us.Set("u", []string{"<p"})
	check("p", false)
	_ = us.Set("u", []string{"nopass"})
	check("anything", true)
	_ = us.Set("u", []string{"resetpass"})
	check("q", false)
}

// requirepass and its undoing, which brings back what ACL SETUSER had made.
func TestSetPassword(t *testing.T) {
	us := NewUsers(testCatalogue())
	d := us.Default()
	_ = us.Set(DefaultUser, []string{"-set", ">old"})
	before := d.User().String()
	undo := us.SetPassword("new")
	if d.User().Open() || !d.User().Accepts([]byte("new")) || d.User().Accepts([]byte("old")) {
		t.Errorf("after SetPassword: %s", d.User())
	}
	undo()
	if got := d.User().String(); got != before {
		t.Errorf("undone: %s, was %s", got, before)
	}
	us.SetPassword("")
	if !d.User().Open() {
		t.Errorf("without a password: %s", d.User())
	}
}

func TestDeletedUserMayDoNothing(t *testing.T) {
	us := NewUsers(testCatalogue())
	_ = us.Set("u", []string{"on", "nopass", "+@all", "~*", "&*"})
	a := us.Get([]byte("u"))
	if !a.Unlimited.Load() {
		t.Fatal("a user of all permissions is limited")
	}
	gone, err := us.Delete("u")
	if gone != a || err != nil || !a.Gone() || a.Unlimited.Load() {
		t.Errorf("deleted %v, %v; gone %v, unlimited %v", gone, err, a.Gone(), a.Unlimited.Load())
	}
	if why, _ := a.User().Check(&Request{Command: 0, Args: [][]byte{nil}}); why != DeniedCommand {
		t.Errorf("may: %v", why)
	}
	if _, err := us.Delete(DefaultUser); err == nil {
		t.Error("the default user was deleted")
	}
}

// What Redis 8.0 says of the same files.
func TestLoadErrors(t *testing.T) {
	const nothing = "WARNING: ACL errors detected, no change to the previously active ACL rules was performed"
	for text, want := range map[string]string{
		"foo bar\n":                      "f:1 should start with user keyword followed by the username. ",
		"user\n":                         "f:1 should start with user keyword followed by the username. ",
		"USER a\n":                       "f:1 should start with user keyword followed by the username. ",
		"user\ta\n":                      "f:1 should start with user keyword followed by the username. ",
		"user  a on":                     "f:1: Syntax error. ",
		"# c\n\nuser a on\nuser a off\n": "f:1 should start with user keyword followed by the username. WARNING: Duplicate user 'a' found on line 4. ",
		"user a foo bar\nuser b +nosuch -nono\nx": "f:1: Syntax error. f:2: Error in applying operation '+nosuch': Unknown command or category name in ACL. f:2: Error in applying operation '-nono': Unknown command or category name in ACL. f:3 should start with user keyword followed by the username. ",
		"user a (+get ~x\n":                       "f:1: Unmatched parenthesis in selector definition.",
		"user a (+get +nosuch)":                   "f:1: Error in applying operation '(+get +nosuch)': Unknown command or category name in ACL. ",
	} {
		us := NewUsers(testCatalogue())
		_ = us.Set("stays", nil)
		before := us.Text()
		_, err := us.Load("f", text)
		if err == nil || err.Error() != want+nothing {
			t.Errorf("%q\n got %v\nwant %s", text, err, want+nothing)
		}
		if us.Text() != before {
			t.Errorf("%q changed the users", text)
		}
	}
}

func TestLoadReplacesUsers(t *testing.T) {
	us := NewUsers(testCatalogue())
	us.SetPassword("secret")
	_ = us.Set("stays", []string{"on", "+@all", "~*", "&*"})
	_ = us.Set("goes", []string{"on"})
	stays, goes := us.Get([]byte("stays")), us.Get([]byte("goes"))
	gone, err := us.Load("f", "\n  user new on  ~x\t \r\nuser stays on +get\n\n")
	if err != nil || len(gone) != 1 || gone[0] != goes || !goes.Gone() {
		t.Fatalf("gone %v, %v", gone, err)
	}
	if us.Get([]byte("stays")) != stays || stays.Unlimited.Load() {
		t.Error("a user that stays has another account, or kept its permissions")
	}
	want := "user default on nopass sanitize-payload ~* &* +@all\n" +
		"user new on sanitize-payload ~x resetchannels -@all\n" +
		"user stays on sanitize-payload resetchannels -@all +get\n"
	if got := us.Text(); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestLogGroupsAndForgets(t *testing.T) {
	var l Log
	at := func(ms int64, object string) Event {
		return Event{Reason: DeniedKey, Context: TopLevel, Object: object, Username: "u", Client: object, UnixMS: ms}
	}
	l.Add(at(1000, "a"))
	l.Add(at(2000, "b"))
	l.Add(at(3000, "a"))
	l.Add(at(3000+groupedMS, "a"))
	l.Add(at(3001+2*groupedMS, "a"))
	got := l.Entries(10)
	if len(got) != 3 || got[0].Count != 1 || got[1].Count != 3 || got[1].ID != 0 || got[1].CreatedMS != 1000 ||
		got[1].UnixMS != 3000+groupedMS || got[2].Object != "b" {
		t.Errorf("%+v", got)
	}
	if n := l.Counts[DeniedKey].Load(); n != 5 {
		t.Errorf("counted %d", n)
	}
	l.SetLimit(2)
	for _, object := range strings.Split("c d e", " ") {
		l.Add(at(5000, object))
	}
	if got := l.Entries(10); len(got) != 2 || got[0].Object != "e" || got[1].Object != "d" {
		t.Errorf("%+v", got)
	}
	l.Reset()
	if got := l.Entries(10); len(got) != 0 {
		t.Errorf("%+v", got)
	}
}
