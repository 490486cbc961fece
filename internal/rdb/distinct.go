package rdb

import (
	"encoding/binary"
	"hash/maphash"

	"github.com/crucible-cache/crucible/internal/object"
)

// places is a table of positions in a pack by the hash of the elements there,
// open addressing with linear probing; 0 is free, as no element is at 0.
type places struct {
	seed maphash.Seed
	at   []uint32
}

// distinct fails with a reason if, of the n elements of a pack that stand at
// every stride-th place, two are the same. All have their one encoding.
func (d *Decoder) distinct(b []byte, n, stride int, reason string) {
	t := &d.places
	size := 8
	for size < 2*(n/stride+1) {
		size *= 2
	}
	if cap(t.at) < size {
		t.seed, t.at = maphash.MakeSeed(), make([]uint32, size)
	}
	t.at = t.at[:size]
	clear(t.at)
	p := object.OpenPack(b, nil)
	for at, i := p.First(), 0; at != 0; i++ {
		e, next := p.Step(at)
		if i%stride == 0 && !t.add(&p, uint32(at), e) {
			_ = d.fail(reason)
			return
		}
		at = next
	}
}

// add enters the element at a position and reports whether it is new.
func (t *places) add(p *object.Pack, at uint32, e object.Elem) bool {
	mask := uint64(len(t.at) - 1)
	for i := t.hash(e) & mask; ; i = (i + 1) & mask {
		if t.at[i] == 0 {
			t.at[i] = at
			return true
		}
		if had := p.At(int(t.at[i])); (had.Str == nil) == (e.Str == nil) && had.Int == e.Int && string(had.Str) == string(e.Str) {
			return false
		}
	}
}

func (t *places) hash(e object.Elem) uint64 {
	if e.Str != nil {
		return maphash.Bytes(t.seed, e.Str)
	}
	var b [8]byte
	binary.LittleEndian.PutUint64(b[:], uint64(e.Int))
	return maphash.Bytes(t.seed, b[:])
}
