package profile

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/crucible-cache/crucible/internal/bench/workload"
)

func TestParse(t *testing.T) {
	p, err := Parse([]byte(`
[target]
protocol = "resp3"
password = "p"
username = "u"
[load]
rate = 1e5
duration = "1m30s"
[keys]
access = "zipf"
count = 1000
[values]
sizes = "histogram"
histogram = [{size = 10, weight = 1}, {size = 500, weight = 2.5}]
[ttl]
min = 60
[[command]]
send = "GET {key}"
weight = 9
[[command]]
name = "store"
send = "SET {key} {value} EX {ttl}"
`))
	if err != nil {
		t.Fatal(err)
	}
	w, err := p.Workload()
	if err != nil {
		t.Fatal(err)
	}
	if p.Load.Duration.Duration != 90*time.Second || p.Load.Rate != 1e5 || p.Load.Pipeline != 1 || p.Keys.Length != 16 {
		t.Errorf("%+v", p)
	}
	if len(w.Commands) != 2 || w.Commands[0].Weight != 9 || w.Commands[1].Weight != 1 || w.Commands[1].Name != "store" || w.Sizes.Max() != 500 || w.TTLs != (workload.TTLs{Low: 60, High: 60}) {
		t.Errorf("%+v", w)
	}
	if g := p.Greeting(); len(g) != 2 || string(g[0]) != "*3\r\n$4\r\nAUTH\r\n$1\r\nu\r\n$1\r\np\r\n" || !strings.Contains(string(g[1]), "HELLO") {
		t.Errorf("greeting %q", g)
	}
}

func TestSetup(t *testing.T) {
	p, err := Parse([]byte(`
[load]
setup = ["-XGROUP CREATE s g 0 MKSTREAM", "SET k 'a b'"]
[[script]]
name = "one"
text = "return 1"
[[command]]
send = "EVALSHA {sha:one} 0"
`))
	if err != nil {
		t.Fatal(err)
	}
	setup, err := p.Setup()
	if err != nil || len(setup) != 3 || setup[0].Words[2] != "return 1" || !setup[1].MayFail || setup[2].MayFail || setup[2].Words[2] != "a b" {
		t.Errorf("%+v, %v", setup, err)
	}
	w, err := p.Workload()
	if err != nil || w.Commands[0].Words[1].Text != "e0e1f9fabfc9d4800c877a703b823ac0578ff8db" {
		t.Errorf("%+v, %v", w, err)
	}
	p.Commands[0].Send = "EVALSHA {sha:two} 0"
	if _, err := p.Workload(); err == nil || !strings.Contains(err.Error(), `"two"`) {
		t.Errorf("a script that isn't there: %v", err)
	}
	for _, bad := range []string{"", "-", "GET 'x"} {
		p.Load.Setup = []string{bad}
		if _, err := p.Setup(); err == nil {
			t.Errorf("%q must be refused", bad)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"[load]\nthreds = 1":           `line 2: unknown key "load.threds"`,
		"[load]\nthreads = \"x\"":      "line 2",
		"[load]\nduration = \"soon\"":  "duration",
		"[load\n":                      "line 1",
		"[[command]]\nweigth = 1":      `line 2: unknown key "command.weigth"`,
		"[target]\n\n\nadress = \"x\"": "line 4",
	} {
		if _, err := Parse([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: want an error with %q, got %v", text, want, err)
		}
	}
}

func TestWorkloadRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"[target]\nprotocol = \"x\"":                 "protocol",
		"[keys]\naccess = \"x\"":                     "access",
		"[keys]\ncount = 0":                          "no key",
		"[keys]\naccess = \"zipf\"\ntheta = 0":       "theta",
		"[keys]\nlength = 8":                         "tell 1000000 keys apart",
		"[values]\nsizes = \"x\"":                    "sizes",
		"[values]\nsize = -1":                        "size",
		"[values]\nsizes = \"histogram\"":            "weight",
		"[[command]]\nsend = \"\"":                   "first word",
		"[[command]]\nsend = \"GET\"\nweight = 0":    "zero",
		"[ttl]\nmin = 9999999":                       "times to live",
		"[[command]]\nsend = \"GET {kye}\"":          "{kye}",
		"[keys]\naccess = \"hotspot\"\nhot_keys = 2": "hotspot",
	} {
		p, err := Parse([]byte(text))
		if err == nil {
			_, err = p.Workload()
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: want an error with %q, got %v", text, want, err)
		}
	}
}

func TestDefaultIsComplete(t *testing.T) {
	if _, err := Default().Workload(); err != nil {
		t.Error(err)
	}
}

// Every profile that comes with the project must be one.
func TestShippedProfiles(t *testing.T) {
	files, err := filepath.Glob("../../../benchmark/*.toml")
	if err != nil || len(files) < 5 {
		t.Fatalf("%v, %v", files, err)
	}
	for _, file := range files {
		p, err := Read(file)
		if err == nil {
			_, err = p.Workload()
		}
		if err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
}

func TestReadRefuses(t *testing.T) {
	dir := t.TempDir()
	big := filepath.Join(dir, "big.toml")
	if err := os.WriteFile(big, make([]byte, sizeMax+1), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{big, filepath.Join(dir, "absent.toml")} {
		if _, err := Read(path); err == nil {
			t.Errorf("%s must be refused", path)
		}
	}
}
