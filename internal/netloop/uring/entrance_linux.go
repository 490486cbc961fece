//go:build uring

package uring

import (
	"fmt"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"

	"github.com/pawelgaczynski/giouring"
	"golang.org/x/sys/unix"

	"github.com/crucible-cache/crucible/internal/netloop/driver"
)

// entrance is the way into the kernel. giouring has one, but its waits always go
// through Go's scheduler; see driver.BriefWait.
type entrance struct {
	mem     []byte  // the submission ring, mapped a second time
	head    *uint32 // entries the kernel took
	tail    *uint32 // entries the kernel may take
	queued  uint32  // entries handed out; what tail becomes
	ring    uintptr // descriptor of the ring, or its registered index
	flags   uintptr // EnterRegisteredRing in the latter case
	arg     waitArgument
	timeout unix.Timespec
}

// waitArgument is the kernel's io_uring_getevents_arg.
type waitArgument struct {
	_       uint64 // no signal mask
	_       uint32
	_       uint32
	timeout uint64 // address of a timespec
}

// params is the kernel's io_uring_params, which giouring has with its fields
// closed.
type params struct {
	_      [2]uint32
	flags  uint32
	_      [7]uint32
	sq, cq ringOffsets
}

// newParams returns the parameters of a ring with these set-up flags.
func newParams(flags uint32) *giouring.Params {
	p := params{flags: flags}
	return (*giouring.Params)(unsafe.Pointer(&p))
}

// ringOffsets is the kernel's io_sqring_offsets, and the start of
// io_cqring_offsets: where a ring has what.
type ringOffsets struct {
	head, tail uint32
	_          [6]uint32
	_          uint64
}

// Both describe one struct of the kernel, or this does not compile.
var _ = [1]struct{}{}[unsafe.Sizeof(params{})-unsafe.Sizeof(giouring.Params{})]

// open maps what there is to know of the ring that was set up with p.
func (e *entrance) open(ring *giouring.Ring, p *giouring.Params) (err error) {
	offsets := (*params)(unsafe.Pointer(p)).sq
	size := int(max(offsets.head, offsets.tail)) + 4
	if e.mem, err = unix.Mmap(ring.RingFd(), 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED); err != nil {
		return fmt.Errorf("map the submission ring: %w", err)
	}
	e.head = (*uint32)(unsafe.Pointer(&e.mem[offsets.head]))
	e.tail = (*uint32)(unsafe.Pointer(&e.mem[offsets.tail]))
	e.arg.timeout = uint64(uintptr(unsafe.Pointer(&e.timeout))) // part of the Driver: stays where it is
	e.ring = uintptr(ring.RingFd())
	e.register(ring)
	return nil
}

// register saves the kernel looking the descriptor up in each call. A kernel
// that refuses is none the worse.
func (e *entrance) register(ring *giouring.Ring) {
	update := giouring.RsrcUpdate{Offset: ^uint32(0), Data: uint64(ring.RingFd())}
	if n, errno := ring.Register(ring.RingFd(), giouring.RegisterRingFDs, unsafe.Pointer(&update), 1); errno == 0 && n == 1 {
		e.ring, e.flags = uintptr(update.Offset), uintptr(giouring.EnterRegisteredRing)
	}
}

// unregister undoes register, which would keep the ring alive until the thread
// ends.
func (e *entrance) unregister(ring *giouring.Ring) {
	if e.flags != 0 {
		update := giouring.RsrcUpdate{Offset: uint32(e.ring)}
		_, _ = ring.Register(ring.RingFd(), giouring.UnregisterRingFDs, unsafe.Pointer(&update), 1)
	}
}

// pending returns the number of entries that the kernel has not taken.
func (e *entrance) pending() uint32 { return e.queued - atomic.LoadUint32(e.head) }

// enter submits everything and waits for a completion, at most for timeout.
func (e *entrance) enter(timeout time.Duration) syscall.Errno {
	atomic.StoreUint32(e.tail, e.queued)
	submit, flags := uintptr(e.pending()), e.flags|uintptr(giouring.EnterGetEvents)
	if timeout <= 0 {
		_, _, errno := unix.RawSyscall6(unix.SYS_IO_URING_ENTER, e.ring, submit, 0, flags, 0, 0)
		return errno
	}
	e.timeout = unix.NsecToTimespec(int64(timeout))
	flags |= uintptr(giouring.EnterExtArg)
	arg, size := uintptr(unsafe.Pointer(&e.arg)), unsafe.Sizeof(e.arg)
	if timeout <= driver.BriefWait {
		_, _, errno := unix.RawSyscall6(unix.SYS_IO_URING_ENTER, e.ring, submit, 1, flags, arg, size)
		return errno
	}
	_, _, errno := unix.Syscall6(unix.SYS_IO_URING_ENTER, e.ring, submit, 1, flags, arg, size)
	return errno
}

func (e *entrance) close() {
	if e.mem != nil {
		_ = unix.Munmap(e.mem)
		e.mem = nil
	}
}
