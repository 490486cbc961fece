package wire

import (
	"encoding/binary"
	"fmt"

	"github.com/crucible-cache/crucible/internal/bench/workload"
)

// binaryCommand is a text template in the binary protocol. Flags and other literals of the template have no place in it;
// what counts is which command it is, and whether it names a key, a value, a time to live and a number.
type binaryCommand struct {
	opcode byte
	extras int // bytes
	key    bool
	value  bool
	ttl    bool
	number *workload.Word
}

func compileBinary(c *workload.Command) (*binaryCommand, error) {
	opcode, known := binaryOpcodes[c.Words[0].Text]
	if !known {
		return nil, fmt.Errorf("command %q is not one of the binary protocol", c.Words[0].Text)
	}
	b := &binaryCommand{opcode: opcode}
	for i := range c.Words {
		switch w := &c.Words[i]; w.Kind {
		case workload.Key:
			b.key = true
		case workload.Value:
			b.value = true
		case workload.TTL:
			b.ttl = true
		case workload.Number:
			b.number = w
		case workload.CAS:
			return nil, fmt.Errorf("command %q: {cas} needs the text protocol", c.Name)
		case workload.KeyList:
			return nil, fmt.Errorf("command %q: the binary protocol names one key at a time", c.Name)
		}
	}
	switch c.Words[0].Text {
	case "set", "add", "replace":
		b.extras = 8 // flags, expiry
	case "incr", "decr":
		b.extras = 20 // delta, initial value, expiry
	case "touch", "gat":
		b.extras = 4 // expiry
	}
	return b, nil
}

// append appends one request.
func (b *binaryCommand) append(dst []byte, e *Encoder, r *workload.Request) []byte {
	key, value := 0, 0
	if b.key {
		key = e.workload.Keys.Length
	}
	if b.value {
		value = r.Size
	}
	dst = append(dst, binaryRequest, b.opcode)
	dst = binary.BigEndian.AppendUint16(dst, uint16(key))
	dst = append(dst, byte(b.extras), 0, 0, 0)
	dst = binary.BigEndian.AppendUint32(dst, uint32(b.extras+key+value))
	dst = append(dst, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0) // opaque, CAS
	dst = b.appendExtras(dst, r)
	if b.key {
		dst = e.workload.Keys.Append(dst, r.Key)
	}
	if b.value {
		dst = e.workload.Values.Append(dst, r.Key, r.Version, r.Size)
	}
	return dst
}

func (b *binaryCommand) appendExtras(dst []byte, r *workload.Request) []byte {
	switch b.extras {
	case 4:
		return binary.BigEndian.AppendUint32(dst, r.TTL)
	case 8:
		return binary.BigEndian.AppendUint32(append(dst, 0, 0, 0, 0), r.TTL)
	case 20:
		delta := uint64(1)
		if b.number != nil {
			delta = r.Dice.Below(b.number.Count)
		}
		dst = binary.BigEndian.AppendUint64(dst, delta)
		dst = binary.BigEndian.AppendUint64(dst, 0)
		return binary.BigEndian.AppendUint32(dst, r.TTL)
	}
	return dst
}
