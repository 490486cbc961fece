//go:build uring

package uring

import (
	"syscall"
	"unsafe"

	"github.com/crucible-cache/crucible/internal/offheap"
	"github.com/crucible-cache/crucible/internal/protocol"
)

const (
	vectorPieces = 60 // pieces of output sent at once
	vectorCount  = 64 // vectors in one submission; beyond, sends are of one piece
)

// vector is the message header of a send and what it points at.
type vector struct {
	message syscall.Msghdr
	pieces  [vectorPieces]syscall.Iovec
}

// vectors are the vectors of the sends that wait to be submitted. The kernel
// copies a vector when it takes the entry (IORING_FEAT_SUBMIT_STABLE), so all of
// them are free again after each io_uring_enter.
type vectors struct {
	mem    []byte // mapped
	used   int
	pieces [][]byte
}

func (v *vectors) open() (err error) {
	v.mem, err = offheap.Map(offheap.Rings, vectorCount*int(unsafe.Sizeof(vector{})))
	v.pieces = make([][]byte, 0, vectorPieces)
	return err
}

func (v *vectors) full() bool { return v.used == vectorCount }
func (v *vectors) reset()     { v.used = 0 }

// take fills a vector with the first pieces of out and returns it and the
// bytes it offers.
func (v *vectors) take(out *protocol.Output) (*syscall.Msghdr, int) {
	one := (*vector)(unsafe.Pointer(&v.mem[v.used*int(unsafe.Sizeof(vector{}))]))
	v.used++
	v.pieces = out.Vector(v.pieces[:0], vectorPieces)
	size := 0
	for i, p := range v.pieces {
		one.pieces[i].Base = &p[0]
		one.pieces[i].SetLen(len(p))
		size += len(p)
	}
	one.message = syscall.Msghdr{Iov: &one.pieces[0]}
	one.message.Iovlen = uint64(len(v.pieces)) // amd64 and arm64
	return &one.message, size
}

func (v *vectors) close() {
	if v.mem != nil {
		offheap.Unmap(offheap.Rings, v.mem)
		v.mem = nil
	}
}
