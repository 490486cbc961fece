package replace

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func content(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestFile(t *testing.T) {
	name := filepath.Join(t.TempDir(), "file")
	f, err := File(name, "first", 0o640, nil)
	if err != nil {
		t.Fatal(err)
	}
	f.Close()
	if err := os.Chmod(name, 0o604); err != nil {
		t.Fatal(err)
	}
	f, err = File(name, "second", 0o640, func(*os.File) error {
		if got := content(t, name); got != "first" {
			t.Errorf("it is replaced by %q too soon", got)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if got := content(t, name); got != "second" {
		t.Errorf("it holds %q", got)
	}
	if st, err := os.Stat(name); err != nil || st.Mode().Perm() != 0o604 {
		t.Errorf("its mode is lost: %v, %v", st, err)
	}
}

func TestFileThatMayNotBeReplaced(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "file")
	if err := os.WriteFile(name, []byte("first"), 0o600); err != nil {
		t.Fatal(err)
	}
	refusal := errors.New("no")
	if _, err := File(name, "second", 0o600, func(*os.File) error { return refusal }); !errors.Is(err, refusal) {
		t.Errorf("got %v", err)
	}
	if _, err := File(filepath.Join(dir, "nosuch", "file"), "", 0o600, nil); err == nil {
		t.Error("a file is written where there is no directory")
	}
	if list, err := os.ReadDir(dir); err != nil || len(list) != 1 || content(t, name) != "first" {
		t.Errorf("left behind: %v, %v", list, err)
	}
}
