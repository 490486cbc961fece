//go:build !amd64 && !arm64

package prefetch

import "unsafe"

// Elsewhere nothing is loaded ahead.
func line(unsafe.Pointer) {}
