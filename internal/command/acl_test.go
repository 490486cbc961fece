package command

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/crucible-cache/crucible/internal/acl"
	"github.com/crucible-cache/crucible/internal/keyspace"
	"github.com/crucible-cache/crucible/internal/protocol"
)

// newFiledServer is a server with an ACL file.
func newFiledServer(t *testing.T, text string) (*testServer, string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "users.acl")
	if err := os.WriteFile(file, []byte(text), 0o640); err != nil {
		t.Fatal(err)
	}
	ks, err := keyspace.New(keyspace.Config{Databases: 16, Maxmemory: 64 << 20, SegmentSize: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	settings := testSettings
	settings.ACLFile = file
	s := &testServer{
		Server: NewServer(ks, NewParams(settings, Hooks{}), Identity{Started: time.Now()}),
		pools:  make([]protocol.Pool, 2),
	}
	for i := range s.pools {
		w := s.NewWorker(ks.NewWorker(i, len(s.pools)))
		w.NowMS = time.Now().UnixMilli()
	}
	t.Cleanup(func() {
		for i := range s.pools {
			s.pools[i].Close()
		}
		ks.Close()
	})
	return s, file
}

func TestACLFile(t *testing.T) {
	s, file := newFiledServer(t, "user default on nopass +@all ~* &*\nuser a on nopass +@all ~*\nuser b on nopass +@all ~*\n")
	if err := s.LoadUsers(nil); err != nil {
		t.Fatal(err)
	}
	admin, a, b := s.client(t, 0), s.client(t, 1), s.client(t, 1)
	a.do("AUTH", "a", "x")
	b.do("AUTH", "b", "x")
	if got := admin.do("ACL", "SETUSER", "c", "+get"); got != "+OK\r\n" {
		t.Fatal(got)
	}
	if got := admin.do("ACL", "SAVE"); got != "+OK\r\n" {
		t.Fatal(got)
	}
	text, err := os.ReadFile(file)
	if err != nil || string(text) != strings.Join(s.Users.Lines(), "\n")+"\n" || len(s.Users.Lines()) != 4 {
		t.Errorf("%v, saved\n%s", err, text)
	}
	if stat, err := os.Stat(file); err != nil || stat.Mode().Perm() != 0o640 {
		t.Errorf("mode %v, %v", stat.Mode(), err)
	}
	if left, _ := filepath.Glob(file + ".*"); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	if err := os.WriteFile(file, []byte("user a on nopass +get ~*\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := admin.do("ACL", "LOAD"); got != "+OK\r\n" {
		t.Fatal(got)
	}
	if got := a.do("SET", "k", "v"); got != "-NOPERM User a has no permissions to run the 'set' command\r\n" {
		t.Errorf("a user that was changed: %q", got)
	}
	if !b.Killed || a.Killed {
		t.Errorf("killed: a %v, b %v", a.Killed, b.Killed)
	}
	if err := os.WriteFile(file, []byte("nonsense\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := admin.do("ACL", "LOAD"); !strings.HasPrefix(got, "-ERR "+file+":1 should start with user keyword") {
		t.Errorf("a file that is wrong: %q", got)
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if got, want := admin.do("ACL", "LOAD"), "-ERR Error loading ACLs, opening file '"+file+"': No such file or directory\r\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestLoadUsersOfTheProfile(t *testing.T) {
	s := newTestServer(t, 1, Hooks{})
	if err := s.LoadUsers([]string{"a on >p +get ~x", "default on >q +@all"}); err != nil {
		t.Fatal(err)
	}
	if got := s.Users.Default().User().String(); !strings.Contains(got, " resetchannels +@all") {
		t.Errorf("the default user was not reset first: %s", got)
	}
	for declared, want := range map[string]string{
		"":                "without a name",
		"b +nosuch":       "user b: Error in ACL SETUSER modifier '+nosuch'",
		"c (+get":         "user c: Unmatched parenthesis",
		"d on\x1fd again": "twice",
	} {
		err := s.LoadUsers(strings.Split(declared, "\x1f"))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", declared, err, want)
		}
	}
}

// A client that logs in while its user is being deleted does not stay.
func TestLoginAsAUserThatIsGone(t *testing.T) {
	s := newTestServer(t, 1, Hooks{})
	c := s.client(t, 0)
	_ = s.Users.Set("u", []string{"on", "nopass", "+@all", "~*", "&*"})
	a := s.Users.Get([]byte("u"))
	_, _ = s.Users.Delete("u")
	c.become(a, true)
	if !c.Killed || c.unchecked.Load() {
		t.Errorf("killed %v, unchecked %v", c.Killed, c.unchecked.Load())
	}
}

// What checks cost: nothing is allocated for a user of any kind.
func TestChecksDoNotAllocate(t *testing.T) {
	s := newTestServer(t, 1, Hooks{})
	_ = s.Users.Set("u", []string{"on", "nopass", "+get", "+mset", "+config|get", "+select|0", "~a*", "%R~b*", "(+@all ~c*)"})
	c := s.client(t, 0)
	c.become(s.Users.Get([]byte("u")), true)
	for _, request := range []string{"GET a1", "MSET a1 x a2 y a3 z", "GET c1"} {
		var args [][]byte
		for _, word := range strings.Fields(request) {
			args = append(args, []byte(word))
		}
		spec := s.Table.resolve(args)
		got := testing.AllocsPerRun(100, func() {
			if text := c.Refusal(spec, args, acl.TopLevel); text != "" {
				t.Fatal(text)
			}
		})
		if got != 0 {
			t.Errorf("%s: %v allocations", request, got)
		}
	}
}

// Every key spec says what is done with its keys, or that they are none, in
// words that access rules know.
func TestKeySpecsSayWhatIsDone(t *testing.T) {
	for _, s := range Commands().all {
		for _, k := range s.Keys {
			for _, flag := range strings.Fields(k.Flags) {
				switch flag {
				case "RO", "RW", "OW", "RM", "access", "insert", "update", "delete", "not_key", "incomplete", "variable_flags":
				default:
					t.Errorf("%s: key flag %q", s.fullname, flag)
				}
			}
			if wants, isKey := permission(k.Flags); isKey && s.Flags&Write == 0 && wants&acl.Write != 0 && s.KeyFlags == nil && s.Flags&(NoScript|MayReplicate|Module) == 0 {
				t.Errorf("%s does not write, but its key spec does: %s", s.fullname, k.Flags)
			}
		}
	}
}

// Requests of a user on two loops while a third changes the user, deletes it and
// logs in as it: every reply is one of those that some moment allows.
func TestUsersChangeWhileTheirClientsWork(t *testing.T) {
	const rounds = 300
	s := newTestServer(t, 3, Hooks{})
	admin := s.client(t, 0)
	admin.do("ACL", "SETUSER", "u", "on", "nopass", "+@all", "~*", "&*")
	var done sync.WaitGroup
	var stop atomic.Bool
	var killed atomic.Int64
	for worker := 1; worker < 3; worker++ {
		done.Add(1)
		go func() {
			defer done.Done()
			c := s.client(t, worker).ownThread()
			for ; !stop.Load(); c.attend() {
				if c.Killed {
					killed.Add(1)
					c = s.client(t, worker).ownThread()
				}
				switch got := c.do("AUTH", "u", "x"); got {
				case "+OK\r\n", "-WRONGPASS invalid username-password pair or user is disabled.\r\n":
				default:
					t.Errorf("AUTH: %q", got)
				}
				for _, key := range []string{"a", "b"} {
					switch got := c.do("GET", key); got {
					case "$-1\r\n", "-NOPERM No permissions to access a key\r\n", "-NOPERM User u has no permissions to run the 'get' command\r\n":
					default:
						t.Errorf("GET %s: %q", key, got)
					}
				}
			}
		}()
	}
	enough := time.Now().Add(20 * time.Second)
	for round := 0; round < rounds || killed.Load() == 0 && time.Now().Before(enough); round++ {
		for _, rules := range []string{"resetkeys ~a", "-get", "+@all allkeys", "(+get ~b)", "clearselectors"} {
			admin.do(append([]string{"ACL", "SETUSER", "u"}, strings.Fields(rules)...)...)
		}
		admin.do("ACL", "LOG")
		admin.do("CLIENT", "LIST")
		admin.do("ACL", "DELUSER", "u")
		admin.do("ACL", "SETUSER", "u", "on", "nopass", "+@all", "~*", "&*")
	}
	stop.Store(true)
	done.Wait()
	if killed.Load() == 0 {
		t.Error("no client was ended with its user")
	}
}
