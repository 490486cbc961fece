//go:build !linux

package netloop

import (
	"errors"
	"time"
)

// The native loops need a driver, and none exists outside Linux: these are
// never reached there.
var errLinuxOnly = errors.New("native loops are for Linux")

func setKeepAlive(int, time.Duration) error { return errLinuxOnly }
func setPlainestCongestionControl(int)      {}
func unread(int) int                        { return 0 }
func pinThread(int) error                   { return errLinuxOnly }
