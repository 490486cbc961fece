package config

import (
	"bytes"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"
)

// A later source overrides an earlier one, key by key.
func TestPrecedence(t *testing.T) {
	file := profile(t, "[cache]\nmaxmemory = '1gb'\npolicy = 'noeviction'\n[logging]\nlevel = 'debug'\n")
	t.Setenv("CRUCIBLE_CACHE_MAXMEMORY", "2GB")
	t.Setenv("CRUCIBLE_LOGGING_LEVEL", "warn")
	level := "error"
	c, err := load(file, &Flags{LogLevel: &level}, box)
	if err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string][2]string{
		"cache.segment_size": {"1mb", "default: 1mb, or less so that there are 256"},
		"cache.policy":       {"noeviction", file + ":3"},
		"cache.maxmemory":    {"2gb", "environment CRUCIBLE_CACHE_MAXMEMORY"},
		"logging.level":      {"error", "flag --log-level"},
	} {
		k, _ := keyAt(key)
		got := strings.Trim(tomlValue(k.of(c)), `"`)
		if got != want[0] || c.Origin(key).String() != want[1] {
			t.Errorf("%s = %s from %s, want %s from %s", key, got, c.Origin(key), want[0], want[1])
		}
	}
}

// Every key must be reachable under the name that Key.Environment promises,
// which is what ties the field names to the toml tags.
func TestEveryKeyFromTheEnvironment(t *testing.T) {
	sample := map[reflect.Type]string{
		reflect.TypeFor[Size](): "3mb", reflect.TypeFor[Duration](): "77s", reflect.TypeFor[FileMode](): "0123",
		reflect.TypeFor[CPUList](): "0-1,3", reflect.TypeFor[OutputLimit](): "normal 7mb 3mb 9",
		reflect.TypeFor[Share]():    "7%",
		reflect.TypeFor[[]string](): "a on,b off", reflect.TypeFor[[]Parameter](): "slowlog-max-len 7,hz 20",
		reflect.TypeFor[bool](): "true", reflect.TypeFor[int](): "13", reflect.TypeFor[string](): "some text",
	}
	for _, k := range Keys() {
		t.Run(k.Path, func(t *testing.T) {
			text, ok := sample[k.Type]
			if !ok {
				t.Fatalf("no sample for a %s", k.Type)
			}
			path := k.Path
			isListener := strings.HasPrefix(path, listenerSection+".")
			if isListener {
				path = listenerPath(0, path)
			}
			name := Key{Path: path}.Environment()
			t.Setenv(name, text)
			c := Default()
			if err := c.readEnvironment(); err != nil {
				t.Fatal(err)
			}
			var v reflect.Value
			if isListener {
				v = k.of(&c.Listeners[0])
			} else {
				v = k.of(c)
			}
			got := strings.Trim(strings.NewReplacer(`["`, "", `"]`, "", `", "`, ",").Replace(tomlValue(v)), `"`)
			if got != strings.Replace(text, "77s", "1m17s", 1) {
				t.Errorf("%s=%s gives %s", name, text, got)
			}
			if c.Origin(path).String() != "environment "+name {
				t.Errorf("origin: %s", c.Origin(path))
			}
		})
	}
}

func TestEnvironmentAddsAndChangesListeners(t *testing.T) {
	t.Setenv("CRUCIBLE_LISTENER_0_ADDRESS", "127.0.0.1:7000")
	t.Setenv("CRUCIBLE_LISTENER_1_PROTOCOL", "memcache")
	t.Setenv("CRUCIBLE_LISTENER_1_UNIX", "/run/m.sock")
	c, err := load(profile(t, "[[listener]]\naddress = '127.0.0.1:1'\nbacklog = 9\n"), nil, box)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Listeners) != 2 || c.Listeners[0].String() != "resp://127.0.0.1:7000" || c.Listeners[0].Backlog != 9 || c.Listeners[1].String() != "memcache://unix:/run/m.sock" || c.Listeners[1].Backlog != 511 {
		t.Errorf("listeners: %+v", c.Listeners)
	}
}

func TestEnvironmentErrors(t *testing.T) {
	for name, c := range map[string]struct{ name, value, want string }{
		"misspelt key":  {"CRUCIBLE_CACHE_MAXMEMRY", "1gb", "environment CRUCIBLE_CACHE_MAXMEMRY sets no key; did you mean CRUCIBLE_CACHE_MAXMEMORY?"},
		"bad size":      {"CRUCIBLE_CACHE_MAXMEMORY", "lots", "environment CRUCIBLE_CACHE_MAXMEMORY=lots: expected a size such as 4096 or 512mb"},
		"bad number":    {"CRUCIBLE_WORKERS_THREADS", "four", "environment CRUCIBLE_WORKERS_THREADS=four: expected a whole number"},
		"bad listener":  {"CRUCIBLE_LISTENER_0_BACKLOG", "x", "environment CRUCIBLE_LISTENER_0_BACKLOG=x: expected a whole number"},
		"listener hole": {"CRUCIBLE_LISTENER_7_ADDRESS", "a:1", "environment CRUCIBLE_LISTENER_7_ADDRESS sets no key"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv(c.name, c.value)
			_, err := load("", nil, box)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error: %v\nwant:  %s", err, c.want)
			}
		})
	}
}

// Kubernetes sets these for a service called crucible.
func TestForeignEnvironmentIsAWarning(t *testing.T) {
	t.Setenv("CRUCIBLE_PORT", "tcp://10.0.0.1:6379")
	t.Setenv("CRUCIBLE_SERVICE_HOST", "10.0.0.1")
	t.Setenv("BACKLOG", "3")
	t.Setenv("ADDRESS", "nonsense")
	c, err := load("", nil, box)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Warnings()) != 2 || c.Listeners[0].Backlog != 511 || c.Metrics.Address != "" {
		t.Errorf("warnings %q, listener %+v", c.Warnings(), c.Listeners[0])
	}
}

// run is CommandLine with its output.
func run(args ...string) (c *Config, code int, stdout, stderr string) {
	var out, errs bytes.Buffer
	c, code = CommandLine(args, "1.2.3", &out, &errs)
	return c, code, out.String(), errs.String()
}

func TestCommandLine(t *testing.T) {
	good := profile(t, "[[listener]]\nprotocol = 'memcache'\naddress = '127.0.0.1:11211'\n")
	bad := profile(t, "[cache]\nmaxmemry = 1\n")
	for name, c := range map[string]struct {
		args           []string
		code           int
		stdout, stderr string
	}{
		"version":            {[]string{"--version"}, 0, "crucible-server 1.2.3\n", ""},
		"help":               {[]string{"--help"}, 0, "--maxmemory", ""},
		"check good":         {[]string{"--check", good}, 0, good + ": OK\n", ""},
		"check bad":          {[]string{"--check", bad}, ExitConfig, "", bad + ":2: unknown key cache.maxmemry"},
		"check missing":      {[]string{"--check", "/nonexistent"}, ExitConfig, "", "no such file"},
		"check two":          {[]string{good, "--check", bad}, ExitUsage, "", "give one file"},
		"unknown flag":       {[]string{"--maxmemroy", "1gb"}, ExitUsage, "", "unknown flag --maxmemroy"},
		"flag without value": {[]string{"--threads"}, ExitUsage, "", "usage: crucible-server"},
		"bad size":           {[]string{"--maxmemory", "x"}, ExitUsage, "", `"x" is not a size`},
		"two files":          {[]string{good, bad}, ExitUsage, "", "unexpected argument"},
		"bad listen":         {[]string{"--listen", "6379"}, ExitConfig, "", "flag --listen 6379"},
		"unknown backend":    {[]string{"--backend", "hepa"}, ExitConfig, "", `cache.backend (flag --backend): backend "hepa" does not exist; available: segment, slab, heap; did you mean heap?`},
		"signal nobody":      {[]string{"--signal-reload", "2147483646"}, ExitFailure, "", "--signal-reload 2147483646"},
		"signal a group":     {[]string{"--signal-reload=-1"}, ExitUsage, "", "not a process id"},
		"default policy":     {[]string{good, "--print-config", "--backend", "slab"}, 0, `policy = "lra"  # `, ""},
		"print":              {[]string{good, "--print-config", "--threads", "3"}, 0, "threads = 3  # flag --threads", ""},
	} {
		t.Run(name, func(t *testing.T) {
			cfg, code, stdout, stderr := run(c.args...)
			if cfg != nil || code != c.code || !strings.Contains(stdout, c.stdout) || !strings.Contains(stderr, c.stderr) {
				t.Errorf("config %v, code %d\nstdout: %s\nstderr: %s", cfg != nil, code, stdout, stderr)
			}
			if (c.stdout == "") != (stdout == "") || (c.stderr == "") != (stderr == "") {
				t.Errorf("wrong stream\nstdout: %s\nstderr: %s", stdout, stderr)
			}
		})
	}
}

func TestListenFlagReplacesListeners(t *testing.T) {
	file := profile(t, "[[listener]]\nprotocol = 'memcache'\naddress = '127.0.0.1:11211'\nbacklog = 5\n[[listener]]\naddress = '127.0.0.1:6379'\n")
	c, code, _, stderr := run(file, "--listen", "[::1]:0", "--listen", "unix:/tmp/a,b.sock", "--listen", "resp://:7000", "--cpu-affinity", "0", "--engine", "epoll", "--metrics", "127.0.0.1:0")
	if c == nil {
		t.Fatal(code, stderr)
	}
	var got []string
	for _, l := range c.Listeners {
		got = append(got, l.String())
	}
	if want := []string{"memcache://[::1]:0", "memcache://unix:/tmp/a,b.sock", "resp://:7000"}; !reflect.DeepEqual(got, want) {
		t.Errorf("listeners %q, want %q", got, want)
	}
	if c.Listeners[0].Backlog != 511 || c.Origin("listener.0.backlog").String() != "default" {
		t.Errorf("the profile's listener shines through: %+v", c.Listeners[0])
	}
	if c.Engine.Driver != "epoll" || c.Metrics.Address != "127.0.0.1:0" || c.Workers.CPUAffinity[0] != (CPURange{0, 0}) {
		t.Errorf("flags were not applied: %+v", c)
	}
}

// What --print-config writes is itself a profile with the same values, names
// every key, and keeps secrets.
func TestPrintReadsBack(t *testing.T) {
	file := profile(t, "[workers]\ncpu_affinity = ['0', '2-3']\n[cache]\nmaxmemory = '1gb'\n[redis]\ntimeout = '90s'\n[[listener]]\nname = \"a\\\"b\\\\\\u0001\"\nunix = '/run/x'\nunix_mode = '0750'\n[[listener]]\naddress = ':1'\ntls = {cert='c', key='k', client_ca='ca'}\n")
	c, err := load(file, nil, box)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := c.Print(&out); err != nil {
		t.Fatal(err)
	}
	again, err := load(profile(t, out.String()), nil, box)
	if err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	for _, k := range sectionKeys() {
		if !reflect.DeepEqual(k.of(c).Interface(), k.of(again).Interface()) && k.of(c).String() != k.of(again).String() {
			t.Errorf("%s: %v reads back as %v", k.Path, k.of(c), k.of(again))
		}
		if !regexp.MustCompile(`(?m)^` + k.Name() + ` = .*  # .+$`).Match(out.Bytes()) {
			t.Errorf("%s is missing or has no origin", k.Path)
		}
	}
	if !reflect.DeepEqual(c.Listeners, again.Listeners) {
		t.Errorf("listeners %+v read back as %+v", c.Listeners, again.Listeners)
	}
}

func TestPrintKeepsSecrets(t *testing.T) {
	c, err := load(profile(t, "[redis]\nrequirepass = 'hunter2'\n"), nil, box)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := c.Print(&out); err != nil || strings.Contains(out.String(), "hunter2") || !strings.Contains(out.String(), "# requirepass is set") {
		t.Errorf("%v\n%s", err, out.String())
	}
}

func TestSignalReloadReachesTheProcess(t *testing.T) {
	got := notifyHangup(t)
	if _, code, _, stderr := run("--signal-reload", itoa(os.Getpid())); code != 0 {
		t.Fatal(code, stderr)
	}
	<-got
}
