package command

import (
	"encoding/binary"
	"math/bits"
	"strings"
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
		s.words, s.plain = wordsOf([]byte(s.called)), plainName(s.called)
		i := s.words.hash() >> x.shift
		for x.slots[i] != nil {
			i = (i + 1) & uint64(size-1)
		}
		x.slots[i] = s
	}
	return x
}

// find returns the spec of that name, nil if there is none.
func (x *nameIndex) find(name []byte) *Spec {
	words := wordsOf(name)
	i := words.hash() >> x.shift
	for {
		s := x.slots[i]
		if s == nil || s.plain && words == s.words || equalName(name, s.called) {
			return s
		}
		i = (i + 1) & uint64(len(x.slots)-1)
	}
}

// nameWords stand for a name in any case of ASCII letters: its length, and two overlapping words,
// which are every byte of a name of up to 16.
type nameWords struct{ first, last, length uint64 }

func wordsOf(name []byte) nameWords {
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
	return nameWords{a | fold, b | fold, uint64(len(name))}
}

func (w nameWords) hash() uint64 {
	h := w.first*0x9E3779B97F4A7C15 ^ bits.RotateLeft64(w.last*0xC2B2AE3D27D4EB4F, 29) ^ w.length
	return h * 0x9E3779B97F4A7C15
}

// plainName reports whether no other name has the same words: what is a letter in any case is one in no other way.
func plainName(name string) bool {
	return len(name) <= 16 && strings.Trim(name, "abcdefghijklmnopqrstuvwxyz") == ""
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
