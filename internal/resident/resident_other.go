//go:build !linux

package resident

func ofSystem() Memory { return Memory{} }
