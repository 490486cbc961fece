package offheap

import (
	"errors"

	"golang.org/x/sys/unix"
)

const mapNoReserve = unix.MAP_NORESERVE

// Advice is advice: a kernel without transparent huge pages refuses it and
// behaves as asked all the same, so the errors carry nothing.
func adviseNoHuge(b []byte) { _ = unix.Madvise(b, unix.MADV_NOHUGEPAGE) }
func adviseHuge(b []byte)   { _ = unix.Madvise(b, unix.MADV_HUGEPAGE) }

// discard gives pages back. Those that are locked want to be told that it is meant.
func discard(b []byte) {
	err := unix.Madvise(b, unix.MADV_DONTNEED)
	if errors.Is(err, unix.EINVAL) && placement.Lock {
		err = unix.Madvise(b, madvDontneedLocked)
	}
	if err != nil {
		panic("offheap: madvise: " + err.Error())
	}
}
