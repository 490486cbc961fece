// Package version says which build this is.
//
// It owns two variables that the linker may set (`-ldflags "-X .../internal/version.Version=1.2.3"`)
// and the one sentence made of them. It allocates only when asked for that sentence, holds no state,
// and may be called from any goroutine.
package version

import (
	"runtime"
	"runtime/debug"
	"strings"
)

// Version is the release, without a leading "v". The default is the next release with the suffix
// "-dev"; only a build from a release tag overrides it.
var Version = "0.1.0-dev"

// Commit is the abbreviated git commit the binary was built from, or "" when nobody said and the
// Go tool recorded none.
var Commit = ""

// commitLen is the length, in hexadecimal digits, at which a commit recorded by the Go tool is cut.
const commitLen = 12

// String is the one line that `--version` prints, without a newline:
//
//	0.1.0 (commit 1f3870be274f, go1.26.8, linux/amd64, tags uring)
//
// The build tags are part of it because they decide whether the io_uring driver is in the binary.
func String() string {
	commit, tags := Commit, ""
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			switch {
			case s.Key == "-tags":
				tags = s.Value
			case s.Key == "vcs.revision" && commit == "":
				commit = s.Value[:min(len(s.Value), commitLen)]
			}
		}
	}
	return line(commit, tags)
}

// line puts the sentence together; parts that are not known are left out.
func line(commit, tags string) string {
	parts := []string{runtime.Version(), runtime.GOOS + "/" + runtime.GOARCH}
	if commit != "" {
		parts = append([]string{"commit " + commit}, parts...)
	}
	if tags != "" {
		parts = append(parts, "tags "+tags)
	}
	return Version + " (" + strings.Join(parts, ", ") + ")"
}
