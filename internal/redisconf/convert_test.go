package redisconf

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// write makes a redis.conf and returns its path.
func write(t *testing.T, name, text string) string {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// The reasons are those of a Redis 8.0 server, and of 7.0 for a directive that there is not.
func TestLinesThatAreWrong(t *testing.T) {
	for text, reason := range map[string]string{
		"nosuch 1":                              badDirective,
		"port 5 6":                              wrongArguments,
		"port":                                  wrongArguments,
		"PORT 1 2":                              wrongArguments,
		`save "a`:                               "Unbalanced quotes in configuration line",
		`hz "1"x`:                               "Unbalanced quotes in configuration line",
		"save 1":                                "Invalid save parameters",
		"save 0 1":                              "Invalid save parameters",
		"save 1 x":                              "Invalid save parameters",
		"include":                               badDirective,
		"include a b":                           badDirective,
		"hz abc":                                "argument couldn't be parsed into an integer",
		"user":                                  badDirective,
		"loadmodule":                            badDirective,
		"client-output-buffer-limit normal 1 2": "Wrong number of arguments in buffer limit configuration.",
		"client-output-buffer-limit foo 1 2 3":  "Invalid client class specified in buffer limit configuration.",
		"client-output-buffer-limit normal a 2 3":  "Error in hard, soft or soft_seconds setting in buffer limit configuration.",
		"bind 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7":   "Too many bind addresses specified.",
		"maxmemory 1t":                             "argument must be a memory value",
		"dbfilename a/b":                           "dbfilename can't be a path, just a filename",
		"slaveof a":                                wrongArguments,
		"replicaof":                                wrongArguments,
		"sentinel monitor x":                       "sentinel directive while not in sentinel mode",
		"notify-keyspace-events K E":               wrongArguments,
		"oom-score-adj-values":                     wrongArguments,
		"shutdown-on-sigterm":                      "argument(s) must be one of the following: default, save, nosave, now, force",
		"maxmemory-policy noeviction x":            wrongArguments,
		"databases 0":                              "argument must be between 1 and 2147483647 inclusive",
		"io-threads 999":                           "argument must be between 1 and 128 inclusive",
		"appendonly maybe":                         "argument must be 'yes' or 'no'",
		"proto-max-bulk-len 1":                     "argument must be between 1048576 and 9223372036854775807 inclusive",
		"tls-auth-clients x":                       "argument(s) must be one of the following: no, yes, optional",
		"client-output-buffer-limit normal 1 2 -3": "Error in hard, soft or soft_seconds setting in buffer limit configuration.",
	} {
		file := write(t, filepath.Join(t.TempDir(), "redis.conf"), "# first\n\n  "+text+" \r\nhz 1\n")
		_, err := Convert(file)
		want := fmt.Sprintf("*** FATAL CONFIG FILE ERROR ***\nReading the configuration file %s, at line 3\n>>> '%s'\n%s", file, text, reason)
		if err == nil || err.Error() != want {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// converted is the profile of a text without comments, and its complaints.
func converted(t *testing.T, text string) (toml string, complaints []string) {
	t.Helper()
	p, err := Convert(write(t, filepath.Join(t.TempDir(), "redis.conf"), text))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for line := range strings.Lines(string(p.Text())) {
		line, _, _ = strings.Cut(line, "  # ")
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			b.WriteString(line + "\n")
		}
	}
	return b.String(), p.Complaints()
}

func TestConvert(t *testing.T) {
	for _, x := range []struct{ text, has, hasNot string }{
		{"", "[cache]\npolicy = \"noeviction\"\n", "[redis]"},
		{"", "save = \"3600 1 300 100 60 10000\"\n[[listener]]\naddress = \"0.0.0.0:6379\"\n[[listener]]\naddress = \"[::]:6379\"\noptional = true\n", ""},
		{"save 10 1\nsave 20 2 30 3", `save = "10 1 20 2 30 3"`, ""},
		{"save 10 1\nsave \"\"\nsave 30 3", `save = "30 3"`, ""},
		{"save \"\"", `save = ""`, ""},
		{"maxmemory 100mb\nMAXMEMORY 2gb\nmaxmemory-policy allkeys-lru", "maxmemory = \"2gb\"\npolicy = \"allkeys-lru\"", "100mb"},
		{"maxmemory 1k", `maxmemory = "1000"`, ""},
		{"maxmemory 0", `"maxmemory 0"`, "maxmemory = "},
		{
			"bind 127.0.0.1 -::1\nport 0\ntls-port 7000\ntls-cert-file a.pem\ntls-key-file /k.pem\ndir /d\ntls-auth-clients no\ntls-protocols TLSv1.3",
			"address = \"[::1]:7000\"\noptional = true\ntls.cert = \"/d/a.pem\"\ntls.key = \"/k.pem\"\ntls.client_auth = \"off\"\ntls.min_version = \"1.3\"\n", "6379",
		},
		{
			"tls-cert-file a.pem\ntls-key-file /k.pem\ndir /d\ntls-auth-clients no\ntls-port 0",
			"parameters = [\n\"tls-cert-file /d/a.pem\",\n\"tls-key-file /k.pem\",\n\"tls-auth-clients no\",\n]\n", "tls.cert",
		},
		{"port 0\nunixsocket r.sock\nunixsocketperm 770\ndir /run", "[[listener]]\nunix = \"/run/r.sock\"\nunix_mode = \"0770\"\n", "address"},
		{"tcp-keepalive 60\ntcp-backlog 0", "keepalive = 60\nbacklog = 1\n", ""},
		{"user a on >secret ~*\nuser b off", "users = [\n\"a on >secret ~*\",\n\"b off\",\n]\n", ""},
		{"rename-command CONFIG \"\"\nrename-command get LOOK", "rename_command = [\n\"CONFIG\",\n\"get LOOK\",\n]\n", ""},
		{
			"client-output-buffer-limit normal 1mb 0 0\nclient-output-buffer-limit replica 1 2 3 pubsub 4 5 6\nclient-output-buffer-limit slave 7 8 9",
			"client_output_buffer_limit = \"normal 1048576 0 0\"\nparameters = [\n\"client-output-buffer-limit slave 7 8 9 pubsub 4 5 6\",\n]\n", "",
		},
		{"slowlog-max-len 5\nhz 50\nhash-max-ziplist-entries 3\nhash-max-listpack-entries 4", "\"slowlog-max-len 5\",\n\"hz 50\",\n\"hash-max-listpack-entries 4\",\n]", "ziplist"},
		{"hz 10\ntls-dh-params-file x\ndaemonize yes", "[cache]", "parameters"},
		{"masterauth x", "\"masterauth x\"", ""},
		{"slaveof host 6379", "[redis]\nreplicaof = \"host 6379\"\n", ""},
		{"requirepass \"a\\\"b \\x41\"", `requirepass = "a\"b A"`, ""},
		{"io-threads 4\nserver-cpulist 0-7:2,9-10", "threads = 4\ncpu_affinity = [\"0\", \"2\", \"4\", \"6\", \"9-10\"]\n", ""},
		{"loglevel verbose\nlogfile x.log\ndir /var/lib", "level = \"debug\"\nfile = \"/var/lib/x.log\"\n", ""},
		{"maxmemory-clients 5%\ntimeout 3\nprotected-mode no", "protected_mode = false\nmaxmemory_clients = \"5%\"\ntimeout = 3\n", ""},
	} {
		toml, complaints := converted(t, x.text)
		if !strings.Contains(toml, x.has) || x.hasNot != "" && strings.Contains(toml, x.hasNot) || len(complaints) > 0 {
			t.Errorf("%q: %v\n%s", x.text, complaints, toml)
		}
	}
}

func TestWhatCannotBeHad(t *testing.T) {
	for _, text := range []string{"appendonly yes", "loadmodule /m.so", "tls-key-file-pass x"} {
		file := write(t, filepath.Join(t.TempDir(), "redis.conf"), text)
		p, err := Convert(file)
		if err != nil {
			t.Fatal(err)
		}
		refused := p.Refused()
		if len(p.Complaints()) != 1 || refused == nil || !strings.Contains(refused.Error(), "at line 1\n>>> '"+text+"'\nnot supported here: ") {
			t.Errorf("%s: %v, %v", text, p.Complaints(), refused)
		}
	}
	for _, text := range []string{"appendonly no", "replicaof no one", "min-slaves-to-write 1", "appendonly yes\nappendonly no"} {
		if _, complaints := converted(t, text); len(complaints) != 0 {
			t.Errorf("%s: %v", text, complaints)
		}
	}
}

// What listens nowhere is an error, as in Redis.
func TestNoListener(t *testing.T) {
	for _, text := range []string{"port 0", "bind \"\""} {
		if _, err := Convert(write(t, filepath.Join(t.TempDir(), "redis.conf"), text)); err != errSilent {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// Every directive that has an effect is written to the profile somewhere.
func TestEveryMappedDirectiveHasAPlace(t *testing.T) {
	c := &converter{profile: &Profile{}}
	for _, d := range mapped {
		places := 0
		for _, is := range []bool{hasKey(d.Name), strings.Contains(" "+strings.Join(elsewhere, " ")+" ", " "+d.Name+" "), c.isParameter(&Line{Of: &d})} {
			if is {
				places++
			}
		}
		if places != 1 {
			t.Errorf("%s has %d places in the profile", d.Name, places)
		}
	}
}

func TestInclude(t *testing.T) {
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	write(t, in("b.inc"), "hz 20\n")
	write(t, in("a.inc"), "hz 10\ntimeout 7\n")
	lines, err := Read(write(t, in("redis.conf"), "dir "+dir+"\ninclude *.inc\ninclude nosuch*\ninclude "+in("b.inc")+"\n"))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, l := range lines[1:] {
		got = append(got, fmt.Sprintf("%s:%d %s", filepath.Base(l.File), l.Number, l.Text))
	}
	if want := "a.inc:1 hz 10, a.inc:2 timeout 7, b.inc:1 hz 20, b.inc:1 hz 20"; strings.Join(got, ", ") != want {
		t.Errorf("read %v", got)
	}
	if _, err := Read(write(t, in("missing"), "include /nosuch/file")); err == nil || err.Error() != "can't open config file '/nosuch/file': no such file or directory" {
		t.Errorf("a missing file: %v", err)
	}
	if _, err := Read(write(t, in("loop"), "include "+in("loop")+"\ninclude "+in("loop")+"\n")); err == nil || !strings.Contains(err.Error(), "files include each other") {
		t.Errorf("a file that includes itself: %v", err)
	}
}
