//go:build !linux

package ticks

import "runtime"

// counting reports whether the counter is used: where nobody says that it runs
// at one rate on all processors, it is not.
var counting = runtime.GOARCH == "arm64"
