package snapshot

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestManifest(t *testing.T) {
	path := filepath.Join(t.TempDir(), "appendonly.aof.manifest")
	if m, err := readManifest(path); err != nil || m.base != 0 || m.files != nil {
		t.Errorf("of none: %+v, %v", m, err)
	}
	for text, want := range map[string]manifest{
		"":                                 {},
		"file a.1.base.rdb seq 1 type b\n": {1, []string{"a.1.base.rdb"}},
		"# said by hand\nfile \"a b.7.base.rdb\" seq 7 type b\nfile a.3.incr.aof seq 3 type i startoffset 5\nfile old seq 2 type h\n": {7, []string{"a b.7.base.rdb", "a.3.incr.aof", "old"}},
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if m, err := readManifest(path); err != nil || m.base != want.base || !slices.Equal(m.files, want.files) {
			t.Errorf("%q: %+v, %v, want %+v", text, m, err, want)
		}
	}
	for _, text := range []string{"x\n", "file a seq 1 type\n", "file a seq 0 type b\n", "file a seq x type b\n", "file ../a seq 1 type b\n", "file \"a seq 1 type b\n", "seq 1 type b mode x\n"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if m, err := readManifest(path); err == nil {
			t.Errorf("%q: %+v", text, m)
		}
	}
	if err := writeManifest(path, "a b", 9); err != nil {
		t.Fatal(err)
	}
	if m, err := readManifest(path); err != nil || m.base != 9 || !slices.Equal(m.files, []string{"a b"}) {
		t.Errorf("written: %+v, %v", m, err)
	}
}
