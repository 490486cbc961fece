// Package offheap is the one place that maps memory.
//
// Everything large or shared with the kernel (stored items, the index, output
// chunks, ring buffers) lives in anonymous mappings made here, outside the Go
// heap, so that the garbage collector neither walks nor moves it. Every byte
// that may be resident is metered by Purpose; the sum over all purposes plus
// what the Go runtime holds is the figure that maxmemory bounds.
//
// Two forms exist. Map returns memory that counts as resident from the start; Blocks keeps what
// it mapped for buffers that come and go.
// Reserve returns address space that costs nothing until a range of it is
// committed, and that gives pages back when a range is released; a structure
// that grows (an index, an arena of segments) reserves its maximum once and
// never has to move.
//
// All functions may be called from any thread, but the methods of one Blocks. A slice returned here is owned
// by the caller until it hands it back; nothing is ever unmapped behind it.
package offheap

import (
	"fmt"
	"sync/atomic"

	"golang.org/x/sys/unix"
)

// Purpose says what a mapping is for. Each has a gauge of its own.
type Purpose uint8

// The purposes, in the order in which they are reported.
const (
	Items       Purpose = iota // stored keys and values
	Index                      // hash index over the items
	Output                     // replies waiting to be sent
	Input                      // requests received in part
	Rings                      // receive buffers shared with the kernel
	Collections                // elements of large lists, hashes, sets and the like
	Books                      // what backends remember of their segments
	Backlog                    // writes that replicas have not read, or may read again
	purposes
)

var purposeNames = [purposes]string{"items", "index", "output", "input", "rings", "collections", "books", "backlog"}

// String returns the name under which the purpose is reported.
func (p Purpose) String() string { return purposeNames[p] }

// Purposes lists every purpose, in reporting order.
func Purposes() []Purpose {
	all := make([]Purpose, purposes)
	for i := range all {
		all[i] = Purpose(i)
	}
	return all
}

// The gauges stand on cache lines of their own: every loop moves them.
var resident [purposes]struct {
	bytes atomic.Int64
	_     [56]byte
}

// Resident returns the bytes that may be resident for p.
func Resident(p Purpose) int64 { return resident[p].bytes.Load() }

// Total returns the bytes that may be resident for all purposes together.
func Total() int64 {
	var n int64
	for p := range resident {
		n += resident[p].bytes.Load()
	}
	return n
}

func meter(p Purpose, n int) { resident[p].bytes.Add(int64(n)) }

// PageSize is the unit in which memory is committed and released, in bytes.
const PageSize = 4096

// RoundPage returns n rounded up to whole pages.
func RoundPage(n int) int { return (n + PageSize - 1) &^ (PageSize - 1) }

// Map returns n zeroed bytes, rounded up to whole pages, that count as
// resident for p until Unmap.
func Map(p Purpose, n int) ([]byte, error) {
	n = RoundPage(n)
	b, err := unix.Mmap(-1, 0, n, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON)
	if err != nil {
		return nil, fmt.Errorf("map %d bytes for %s: %w: lower maxmemory or raise the memory limit of the process", n, p, err)
	}
	meter(p, n)
	return b, nil
}

// Unmap returns to the system a slice that Map returned, whole.
func Unmap(p Purpose, b []byte) {
	b = b[:cap(b)]
	meter(p, -len(b))
	if err := unix.Munmap(b); err != nil {
		panic(fmt.Sprintf("offheap: unmap %s: %v", p, err))
	}
}
