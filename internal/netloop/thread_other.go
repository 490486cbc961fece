//go:build !linux

package netloop

import "time"

func threadID() int64 { return 0 }

// Busy returns the processor time of a thread, which is not known here.
func Busy(int64) time.Duration { return 0 }

// BusySplit is Busy in two.
func BusySplit(int64) (system, user time.Duration) { return 0, 0 }
