package command

import (
	"strings"
	"testing"

	"github.com/crucible-cache/crucible/internal/redisconf"
)

// Every parameter of a Redis server can be asked for, and all but the hidden ones are shown.
func TestEveryDirectiveIsShown(t *testing.T) {
	c := newTestClient(t)
	shown := c.do("CONFIG", "GET", "*")
	for _, name := range redisconf.Names() {
		if strings.Contains(shown, "\r\n"+name+"\r\n") == redisconf.Lookup(name).Hidden {
			t.Errorf("CONFIG GET * has or lacks %s", name)
		}
	}
}

// What redisconf says of a parameter that has an effect here, which is what a
// redis.conf is held against, is what CONFIG SET does.
func TestDirectivesAgreeWithParameters(t *testing.T) {
	p := NewParams(Settings{}, Hooks{})
	for _, name := range redisconf.Names() {
		d, v := redisconf.Lookup(name), p.byName[name]
		if v.immutable() || d.Kind == redisconf.Text || d.Kind == redisconf.Words || d.Kind == redisconf.EnumSet {
			continue
		}
		for _, text := range []string{"zz!", "1.5", "-9223372036854775808", "9223372036854775807", "9223372036854775808"} {
			_, want := d.Parse(text)
			_, err := v.set(text)
			if want != nil && (err == nil || err.Error() != want.Error()) {
				t.Errorf("%s %q: %v, want %v", name, text, err, want)
			}
		}
	}
}

func TestRefusedParameterUndoesOthers(t *testing.T) {
	c := newTestClient(t)
	got := c.do("CONFIG", "SET", "appendfsync", "always", "hz", "20", "slowlog-log-slower-than", "5", "hll-sparse-max-bytes", "x")
	const want = "-ERR CONFIG SET failed (possibly related to argument 'hll-sparse-max-bytes') - argument must be a memory value\r\n"
	if got != want {
		t.Errorf("%q", got)
	}
	for name, value := range map[string]string{"appendfsync": "everysec", "hz": "10", "slowlog-log-slower-than": "10000"} {
		if got := c.W.Server.Params.value(name); got != value {
			t.Errorf("%s is %s", name, got)
		}
	}
	if n := c.W.Server.Params.noticed.Load(); n != 10e6 {
		t.Errorf("commands are noticed from %d ns", n)
	}
}
