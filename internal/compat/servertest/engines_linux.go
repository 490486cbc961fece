package servertest

import (
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"
)

var engines = []string{"uring", "epoll", "goroutine"}

// The uring driver needs what kernel 6.1 brought.
const (
	kernelMajorMin = 6
	kernelMinorMin = 1
	// uringParamsBytes is the size of struct io_uring_params.
	uringParamsBytes = 120
)

// uringLacks says why the kernel gives no ring to this process, "" when it does.
func uringLacks() string {
	var name unix.Utsname
	if err := unix.Uname(&name); err != nil {
		return "uname: " + err.Error()
	}
	release := unix.ByteSliceToString(name.Release[:])
	var major, minor int
	if _, err := fmt.Sscanf(release, "%d.%d", &major, &minor); err != nil {
		return "kernel release " + release
	}
	if major < kernelMajorMin || major == kernelMajorMin && minor < kernelMinorMin {
		return "kernel " + release + " is older than 6.1"
	}
	var params [uringParamsBytes]byte
	fd, _, errno := unix.Syscall(unix.SYS_IO_URING_SETUP, 1, uintptr(unsafe.Pointer(&params)), 0)
	if errno != 0 {
		return "io_uring_setup: " + errno.Error()
	}
	if err := unix.Close(int(fd)); err != nil {
		return "close: " + err.Error()
	}
	return ""
}
