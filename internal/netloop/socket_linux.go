package netloop

import (
	"time"

	"golang.org/x/sys/unix"
)

// setKeepAlive has TCP probe a client that was silent for idle, and give it
// up when three probes, a third of idle apart, went unanswered: the timing of
// Redis' tcp-keepalive. 0 turns probing off.
//
// A longer time than Linux knows is the longest it knows.
func setKeepAlive(fd int, idle time.Duration) error {
	if idle <= 0 {
		return unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_KEEPALIVE, 0)
	}
	seconds := min(max(1, int(idle/time.Second)), keepIdleMax)
	for _, o := range []struct{ level, name, value int }{
		{unix.SOL_SOCKET, unix.SO_KEEPALIVE, 1},
		{unix.IPPROTO_TCP, unix.TCP_KEEPIDLE, seconds},
		{unix.IPPROTO_TCP, unix.TCP_KEEPINTVL, max(1, seconds/3)},
		{unix.IPPROTO_TCP, unix.TCP_KEEPCNT, 3},
	} {
		if err := unix.SetsockoptInt(fd, o.level, o.name, o.value); err != nil {
			return err
		}
	}
	return nil
}

// keepIdleMax is Linux' bound of TCP_KEEPIDLE, in seconds.
const keepIdleMax = 32767

// setPlainestCongestionControl has the connections of a listener that only this machine can
// reach do without the machine's congestion control, which may be one for long roads: BBR
// paces every reply and reads the clock for it. The loopback has nothing to share out. Reno does
// least, every kernel has it, and anybody may choose it; where it is refused all stays as it was.
func setPlainestCongestionControl(fd int) {
	_ = unix.SetsockoptString(fd, unix.IPPROTO_TCP, unix.TCP_CONGESTION, "reno")
}

// unread returns the number of bytes that arrived on fd and were not received.
func unread(fd int) int {
	n, err := unix.IoctlGetInt(fd, unix.SIOCINQ)
	if err != nil {
		return 0
	}
	return n
}

// pinThread has the calling thread run on one CPU only.
func pinThread(cpu int) error {
	var set unix.CPUSet
	set.Set(cpu)
	return unix.SchedSetaffinity(0, &set)
}
