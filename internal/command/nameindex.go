package command

import (
	"encoding/binary"
	"math/bits"
)

// nameIndex finds a Spec by its name in any case, without allocating: open
// addressing in a table at most a quarter full, hashed from the name's first
// and last eight bytes. A Go map would need the name in lower case first.
type nameIndex struct {
	slots []*Spec
	shift uint8
}

func newNameIndex(specs []*Spec) *nameIndex {
	size := 8
	for size < 4*len(specs) {
		size *= 2
	}
	x := &nameIndex{
		slots: make([]*Spec, size),
		shift: uint8(64 - bits.TrailingZeros(uint(size))),
	}
	for _, s := range specs {
		if s.disabled {
			continue
		}
		if s.called == "" {
			s.called = s.Name
		}
		if x.find([]byte(s.called)) != nil {
			panic("command " + s.called + " is in the table twice")
		}
		i := nameHash([]byte(s.called)) >> x.shift
		for x.slots[i] != nil {
			i = (i + 1) & uint64(size-1)
		}
		x.slots[i] = s
	}
	return x
}

// find returns the spec of that name, nil if there is none.
func (x *nameIndex) find(name []byte) *Spec {
	i := nameHash(name) >> x.shift
	for {
		s := x.slots[i]
		if s == nil || equalName(name, s.called) {
			return s
		}
		i = (i + 1) & uint64(len(x.slots)-1)
	}
}

// nameHash ignores the case of ASCII letters. It reads two overlapping words,
// which is every byte of a name of up to 16.
func nameHash(name []byte) uint64 {
	var a, b uint64
	switch n := len(name); {
	case n >= 8:
		a, b = binary.LittleEndian.Uint64(name), binary.LittleEndian.Uint64(name[n-8:])
	case n >= 4:
		a, b = uint64(binary.LittleEndian.Uint32(name)), uint64(binary.LittleEndian.Uint32(name[n-4:]))
	case n > 0:
		a, b = uint64(name[0])|uint64(name[n>>1])<<8, uint64(name[n-1])
	}
	const fold = 0x2020202020202020
	h := (a|fold)*0x9E3779B97F4A7C15 ^ bits.RotateLeft64((b|fold)*0xC2B2AE3D27D4EB4F, 29) ^ uint64(len(name))
	return h * 0x9E3779B97F4A7C15
}

// equalName compares a word of a request with a lower-case name, ignoring the
// case of ASCII letters.
func equalName(word []byte, name string) bool {
	if len(word) != len(name) {
		return false
	}
	for i, b := range word {
		if 'A' <= b && b <= 'Z' {
			b |= 0x20
		}
		if b != name[i] {
			return false
		}
	}
	return true
}
