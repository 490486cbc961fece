package machine

import (
	"runtime"
	"strings"
	"testing"
)

func TestField(t *testing.T) {
	text := "model name\t: A B: C\nmodel name\t: second\nNAME=\"x y\"\n"
	if got := field(text, "model name", ":"); got != "A B: C" {
		t.Errorf("got %q", got)
	}
	if got := field(text, "NAME", "="); got != `"x y"` {
		t.Errorf("got %q", got)
	}
	if got := field(text, "absent", ":"); got != "" {
		t.Errorf("got %q", got)
	}
}

func TestDescribe(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("/proc is Linux's")
	}
	m := Describe()
	if m.Kernel == "" || m.MemoryMiB < 64 || m.CPUs < 1 || !strings.Contains(m.String(), m.Kernel) {
		t.Errorf("%+v", m)
	}
}
