package offheap

import "golang.org/x/sys/unix"

const mapNoReserve = unix.MAP_NORESERVE

// Advice is advice: a kernel without transparent huge pages refuses it and
// behaves as asked all the same, so the errors carry nothing.
func adviseNoHuge(b []byte) { _ = unix.Madvise(b, unix.MADV_NOHUGEPAGE) }
func adviseHuge(b []byte)   { _ = unix.Madvise(b, unix.MADV_HUGEPAGE) }

func discard(b []byte) {
	if err := unix.Madvise(b, unix.MADV_DONTNEED); err != nil {
		panic("offheap: madvise: " + err.Error())
	}
}
