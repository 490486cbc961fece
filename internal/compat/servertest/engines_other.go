//go:build !linux

package servertest

var engines = []string{"goroutine"}

func uringLacks() string { return "it is part of Linux" }
