package command

import (
	"bytes"

	"github.com/crucible-cache/crucible/internal/node"
)

// slots is the number of hash slots that the keys of a cluster are spread over.
const slots = node.SlotCount

// noSlot is the slot of a request without keys.
const noSlot = -1

// crc16Table is of CRC-16/XMODEM, polynomial 0x1021, by the upper byte.
var crc16Table = func() (table [256]uint16) {
	for i := range table {
		crc := uint16(i) << 8 //nolint:gosec // 8 bits
		for range 8 {
			if crc&0x8000 != 0 {
				crc = crc<<1 ^ 0x1021
			} else {
				crc <<= 1
			}
		}
		table[i] = crc
	}
	return table
}()

// hashSlot is the slot of a key, as the specification of Redis' clusters has it: by
// what stands in the first braces if that is anything, else by all of the name.
func hashSlot(name []byte) int {
	if open := bytes.IndexByte(name, '{'); open >= 0 {
		if length := bytes.IndexByte(name[open+1:], '}'); length > 0 {
			name = name[open+1 : open+1+length]
		}
	}
	return int(crc16(name) & (slots - 1))
}

func crc16(b []byte) (crc uint16) {
	for _, x := range b {
		crc = crc<<8 ^ crc16Table[byte(crc>>8)^x]
	}
	return crc
}

// slotOf returns the slot of the first of the keys and shard channels of a request, noSlot if it
// has none, and false if others are of other slots. before is a slot that they all
// have to be of, or noSlot.
func (s *Spec) slotOf(args [][]byte, before int) (slot int, same bool) {
	slot, same = before, true
	for i := range s.Keys {
		first, last, ok := s.Keys[i].bounds(args)
		for at := first; ok && at <= last; at += s.Keys[i].step() {
			if n := hashSlot(args[at]); slot == noSlot {
				slot = n
			} else if slot != n {
				same = false
			}
		}
	}
	return slot, same
}
