//go:build !linux

package spinlock

import "runtime"

func yield() { runtime.Gosched() }
