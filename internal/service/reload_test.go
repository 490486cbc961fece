//go:build unix

package service

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/crucible-cache/crucible/internal/config"
	"github.com/crucible-cache/crucible/internal/listen"
)

// load reads a profile with a fixed maxmemory.
func load(t *testing.T, text string) *config.Config {
	t.Helper()
	file := filepath.Join(t.TempDir(), "p.toml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := config.Load(file, nil)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// clients is an option of a test: it applies redis.maxclients unless told to
// fail.
type clients struct {
	value int
	fail  error
}

func (o *clients) Keys() []string { return []string{"redis.maxclients"} }
func (o *clients) Apply(next *config.Config) error {
	if o.fail == nil {
		o.value = next.Redis.Maxclients
	}
	return o.fail
}

const base = "[workers]\nthreads = 1\n[cache]\nmaxmemory = '100mb'\n"

func TestChangeAppliesWhatItCan(t *testing.T) {
	o := &clients{}
	drain := NewDrainTimeoutOption(load(t, base))
	r := NewReloader(load(t, base), o, drain)
	report, err := r.Change(load(t, base+"segment_size = '2mb'\n[redis]\nmaxclients = 7\n[shutdown]\ndrain_timeout = 3\n"))
	want := Report{Applied: []string{"redis.maxclients", "shutdown.drain_timeout"}, Restart: []string{"cache.segment_size"}}
	if err != nil || !reflect.DeepEqual(report, want) {
		t.Errorf("%+v, %v", report, err)
	}
	if o.value != 7 || drain.Timeout() != 3*time.Second {
		t.Errorf("maxclients %d, drain %s", o.value, drain.Timeout())
	}
	c := r.Current()
	if c.Redis.Maxclients != 7 || c.Cache.SegmentSize != load(t, base).Cache.SegmentSize {
		t.Errorf("in force: maxclients %d, segment_size %s", c.Redis.Maxclients, c.Cache.SegmentSize)
	}
}

func TestChangeThatFails(t *testing.T) {
	o := &clients{fail: errors.New("no")}
	drain := NewDrainTimeoutOption(load(t, base))
	r := NewReloader(load(t, base), o, drain)
	report, err := r.Change(load(t, base+"[redis]\nmaxclients = 7\n[shutdown]\ndrain_timeout = 3\n"))
	if !errors.Is(err, o.fail) || !reflect.DeepEqual(report.Applied, []string{"shutdown.drain_timeout"}) {
		t.Errorf("%+v, %v", report, err)
	}
	if c := r.Current(); c.Redis.Maxclients != 10000 || c.Shutdown.DrainTimeout != config.Seconds(3) {
		t.Errorf("in force: %+v %+v", c.Redis, c.Shutdown)
	}
}

// An option is applied at a reload that changes nothing, too.
func TestReloadWithoutChange(t *testing.T) {
	o := &clients{}
	report, err := NewReloader(load(t, base), o).Change(load(t, base))
	if err != nil || len(report.Applied)+len(report.Restart) != 0 || o.value != 10000 {
		t.Errorf("%+v, %v, value %d", report, err, o.value)
	}
}

func TestLogFollowsLevelAndFile(t *testing.T) {
	dir := t.TempDir()
	path, moved := filepath.Join(dir, "log"), filepath.Join(dir, "log.1")
	profile := func(level string) *config.Config {
		return load(t, base+"[logging]\nformat = 'json'\nlevel = '"+level+"'\nfile = '"+path+"'\n")
	}
	l, err := OpenLog(profile("info").Logging, os.Stderr)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	r := NewReloader(profile("info"), l)
	l.Debug("hidden")
	l.Info("one")
	if err := os.Rename(path, moved); err != nil {
		t.Fatal(err)
	}
	l.Info("two")
	report, err := r.Change(profile("debug"))
	if err != nil || !reflect.DeepEqual(report.Applied, []string{"logging.level"}) {
		t.Fatalf("%+v, %v", report, err)
	}
	l.Debug("three")
	for file, want := range map[string][]string{moved: {"one", "two"}, path: {"three"}} {
		text, err := os.ReadFile(file)
		if err != nil || strings.Count(string(text), "\n") != len(want) {
			t.Errorf("%s: %s, %v", file, text, err)
		}
		for _, w := range want {
			if !strings.Contains(string(text), `"msg":"`+w+`"`) {
				t.Errorf("%s has no %q: %s", file, w, text)
			}
		}
	}
}

func TestLogToStandardError(t *testing.T) {
	var out strings.Builder
	t.Setenv("JOURNAL_STREAM", "")
	os.Unsetenv("JOURNAL_STREAM")
	l, err := OpenLog(load(t, base).Logging, &out)
	if err != nil {
		t.Fatal(err)
	}
	l.Info("hello")
	if !strings.HasPrefix(out.String(), "time=") || !strings.Contains(out.String(), "msg=hello") {
		t.Errorf("wrote %q", out.String())
	}
	out.Reset()
	t.Setenv("JOURNAL_STREAM", "8:1")
	if l, err = OpenLog(load(t, base).Logging, &out); err != nil {
		t.Fatal(err)
	}
	l.Info("hello")
	if strings.Contains(out.String(), "time=") {
		t.Errorf("the journal gets a second time: %q", out.String())
	}
	if _, err := OpenLog(config.Logging{Level: "info", File: "/nonexistent/log"}, &out); err == nil || !strings.Contains(err.Error(), "LogsDirectory=") {
		t.Errorf("error: %v", err)
	}
}

// TLS can't come or go with a reload; what is not a TLS listener is left alone.
func TestCertificatesOption(t *testing.T) {
	plain := load(t, base+"[[listener]]\naddress = '127.0.0.1:0'\n")
	open, err := listen.Open(plain.Listeners, listen.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer listen.Close(open)
	r := NewReloader(plain, &CertificatesOption{func() []*listen.Listener { return open }})
	if _, err := r.Change(plain.Clone()); err != nil {
		t.Error(err)
	}
	secure := load(t, base+"[[listener]]\naddress = '127.0.0.1:0'\ntls = {cert = 'c', key = 'k'}\n")
	report, err := r.Change(secure)
	if err == nil || !strings.Contains(err.Error(), "at a restart only") || len(report.Applied) != 0 {
		t.Errorf("%+v, %v", report, err)
	}
	if r.Current().Listeners[0].TLS.Enabled() {
		t.Error("the configuration in force claims TLS")
	}
}

func TestFitClients(t *testing.T) {
	if n, err := FitClients(10); n != 10 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	n, err := FitClients(1 << 40)
	if err == nil || !strings.Contains(err.Error(), "LimitNOFILE=") || n < 10 || n >= 1<<40 {
		t.Errorf("%d, %v", n, err)
	}
}
