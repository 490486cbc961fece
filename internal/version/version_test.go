package version

import (
	"runtime"
	"strings"
	"testing"
)

func TestLine(t *testing.T) {
	platform := runtime.Version() + ", " + runtime.GOOS + "/" + runtime.GOARCH
	defer func(v string) { Version = v }(Version)
	Version = "1.2.3"

	for _, c := range []struct{ commit, tags, want string }{
		{"", "", "1.2.3 (" + platform + ")"},
		{"1f3870be274f", "", "1.2.3 (commit 1f3870be274f, " + platform + ")"},
		{"1f3870be274f", "uring", "1.2.3 (commit 1f3870be274f, " + platform + ", tags uring)"},
	} {
		if got := line(c.commit, c.tags); got != c.want {
			t.Errorf("line(%q, %q) = %q, want %q", c.commit, c.tags, got, c.want)
		}
	}
}

// TestStringNamesTheCommit guards the name of the variable that the release build sets with -X.
func TestStringNamesTheCommit(t *testing.T) {
	defer func(c string) { Commit = c }(Commit)
	Commit = "0123456789ab"
	if got, want := String(), Version+" (commit 0123456789ab, "; !strings.HasPrefix(got, want) {
		t.Errorf("String() = %q, want it to start with %q", got, want)
	}
}
