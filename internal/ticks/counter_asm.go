//go:build amd64 || arm64

package ticks

//go:noescape
func counter() uint64
