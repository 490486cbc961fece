//go:build !linux

package service

// monotonicLine returns a harmless line: systemd runs on Linux only.
func monotonicLine() string { return statusLine("reloading") }
