package ticks

import (
	"os"
	"runtime"
	"strings"
)

// counting reports whether the counter is used. The kernel watches the one of
// amd64 and gives it up when it is not the same everywhere; that of arm64 is
// by definition.
var counting = runtime.GOARCH == "arm64" || runtime.GOARCH == "amd64" && kernelCounts()

func kernelCounts() bool {
	source, err := os.ReadFile("/sys/devices/system/clocksource/clocksource0/current_clocksource")
	return err == nil && strings.TrimSpace(string(source)) == "tsc"
}
