package config

import (
	"reflect"
	"testing"
)

func TestChangedAndKeep(t *testing.T) {
	read := func(text string) *Config {
		t.Helper()
		c, err := load(profile(t, text), nil, box)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	const base = "[cache]\nmaxmemory = '1gb'\n[[listener]]\naddress = 'a:1'\n"
	a := read(base)
	if same := Changed(a, read(base)); len(same) != 0 {
		t.Errorf("the same profile differs in %q", same)
	}
	b := read("[workers]\ncpu_affinity = [1]\n[cache]\nmaxmemory = '2gb'\n[logging]\nlevel = 'warn'\n[[listener]]\naddress = 'a:1'\nbacklog = 7\ntls = {cert = 'c', key = 'k'}\n")
	want := []string{
		"workers.threads", "workers.cpu_affinity", "cache.maxmemory", "logging.level",
		"listener.0.backlog", "listener.0.tls.cert", "listener.0.tls.key",
	}
	if got := Changed(a, b); !reflect.DeepEqual(got, want) {
		t.Errorf("changed: %q\nwant     %q", got, want)
	}
	for _, path := range want {
		b.Keep(path, a)
		if b.Origin(path) != a.Origin(path) {
			t.Errorf("%s now comes from %s", path, b.Origin(path))
		}
	}
	if left := Changed(a, b); len(left) != 0 {
		t.Errorf("still changed: %q", left)
	}

	two := read(base + "[[listener]]\naddress = 'b:2'\n")
	if got := Changed(a, two); !reflect.DeepEqual(got, []string{"listener"}) {
		t.Errorf("changed: %q", got)
	}
	two.Keep("listener", a)
	if len(two.Listeners) != 1 || two.isSet("listener.1.address") || !two.isSet("listener.0.address") {
		t.Errorf("kept: %+v", two.Listeners)
	}
}
