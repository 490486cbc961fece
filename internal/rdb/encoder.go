package rdb

import (
	"encoding/binary"
	"math"

	"github.com/crucible-cache/crucible/internal/object"
	"github.com/crucible-cache/crucible/internal/store"
)

// Encoder appends to B, which the owner may take away or cut at any time.
type Encoder struct {
	B        []byte
	Compress bool // strings that get shorter by it, with LZF

	lzf   *compressor
	small [20]byte // room for the text of a number
	pack  []byte   // room for a list that cannot be written as it is
}

// compressMin is the length beyond which a string may be compressed.
const compressMin = 20

// Length appends a length.
func (e *Encoder) Length(n uint64) {
	switch {
	case n < 1<<6:
		e.B = append(e.B, byte(n))
	case n < 1<<14:
		e.B = append(e.B, len14Bit<<6|byte(n>>8), byte(n))
	case n <= math.MaxUint32:
		e.B = binary.BigEndian.AppendUint32(append(e.B, len32Bit), uint32(n))
	default:
		e.B = binary.BigEndian.AppendUint64(append(e.B, len64Bit), n)
	}
}

// String appends a string in the shortest form there is for it.
func (e *Encoder) String(s []byte) {
	if len(s) <= 11 {
		if n, ok := object.ParseInt(s); ok && n == int64(int32(n)) {
			e.integer(n)
			return
		}
	}
	if !e.Compress || len(s) <= compressMin || !e.compressed(s) {
		e.Length(uint64(len(s)))
		e.B = append(e.B, s...)
	}
}

// integer appends an integer of 32 bits as a string.
func (e *Encoder) integer(n int64) {
	switch {
	case n == int64(int8(n)):
		e.B = append(e.B, lenEncoded<<6|encInt8, byte(n))
	case n == int64(int16(n)):
		e.B = binary.LittleEndian.AppendUint16(append(e.B, lenEncoded<<6|encInt16), uint16(n))
	default:
		e.B = binary.LittleEndian.AppendUint32(append(e.B, lenEncoded<<6|encInt32), uint32(n))
	}
}

// compressed appends a string in LZF, if that is worth it. The lengths in front
// are known only then: room for the longest is left, and closed.
func (e *Encoder) compressed(s []byte) bool {
	if e.lzf == nil {
		e.lzf = &compressor{}
	}
	const room = 1 + 2*9
	begin := len(e.B)
	e.B = append(e.B, make([]byte, room)...)
	all, ok := e.lzf.compress(e.B, s)
	packed := all[begin+room:]
	e.B = all[:begin]
	if !ok {
		return false
	}
	e.B = append(e.B, lenEncoded<<6|encLZF)
	e.Length(uint64(len(packed)))
	e.Length(uint64(len(s)))
	e.B = append(e.B, packed...) // to the left: append moves as copy does
	return true
}

func (e *Encoder) elem(v object.Elem) { e.String(v.Text(e.small[:])) }

func (e *Encoder) id(id object.StreamID) {
	e.B = binary.BigEndian.AppendUint64(e.B, id.MS)
	e.B = binary.BigEndian.AppendUint64(e.B, id.Seq)
}

func (e *Encoder) idLengths(id object.StreamID) {
	e.Length(id.MS)
	e.Length(id.Seq)
}

func (e *Encoder) uint64(n uint64) { e.B = binary.LittleEndian.AppendUint64(e.B, n) }

// typeOf returns the type under which a value is written.
func typeOf(v *Value) byte {
	switch v.Type {
	case store.TypeList:
		return typeListQuicklist2
	case store.TypeSet:
		switch {
		case v.Form == Intset:
			return typeSetIntset
		case v.Form == Plain && onlyIntegers(v.Bytes):
			return typeSetListpack // one by one they would be read as an intset
		}
		return typeSet // version 10 knows no packed set
	case store.TypeZSet:
		if v.Form == Large {
			return typeZSet2
		}
		return typeZSetListpack
	case store.TypeHash:
		return typeOfHash(v)
	case store.TypeStream:
		return typeStream2
	case store.TypeVectorSet:
		return typeModule2
	}
	return typeString
}

func typeOfHash(v *Value) byte {
	switch {
	case v.Form == PackTTL:
		return typeHashListpackEx // also when no field expires any more
	case v.Form == Plain:
		return typeHashListpack
	case v.Object.(*object.Table).Expiring() > 0:
		return typeHashTimes
	}
	return typeHash
}

// VersionOf returns the lowest version that knows the type under which a value
// is written.
func VersionOf(v *Value) int {
	switch typeOf(v) {
	case typeHashTimes, typeHashListpackEx:
		return VersionMax
	case typeSetListpack:
		return versionPackedSets
	}
	return VersionWritten
}

// Type appends the type of a value.
func (e *Encoder) Type(v *Value) { e.B = append(e.B, typeOf(v)) }

// Value appends a value, whose type was appended before: between them files
// have the key.
func (e *Encoder) Value(v *Value) {
	if v.Form == Large {
		for w := e.Begin(v); !e.Continue(&w, math.MaxInt); {
		}
		return
	}
	switch {
	case v.Type == store.TypeList:
		e.Length(1)
		e.Length(nodePacked)
		p := object.OpenPack(v.Bytes, nil)
		e.String(p.Plain(&e.pack))
	case v.Type == store.TypeString:
		e.String(v.Bytes)
	case v.Form == Intset:
		s := object.OpenIntset(v.Bytes, nil)
		e.String(s.Bytes())
	case v.Type == store.TypeSet && !onlyIntegers(v.Bytes):
		e.packedSet(object.OpenPack(v.Bytes, nil))
	default:
		e.packed(v)
	}
}

func (e *Encoder) packedSet(p object.Pack) {
	e.Length(uint64(p.Len()))
	for at := p.First(); at != 0; {
		var m object.Elem
		m, at = p.Step(at)
		e.elem(m)
	}
}

// onlyIntegers reports whether a pack has no other elements.
func onlyIntegers(b []byte) bool {
	p := object.OpenPack(b, nil)
	for at := p.First(); at != 0; {
		var m object.Elem
		if m, at = p.Step(at); m.Str != nil {
			return false
		}
	}
	return true
}

// packed appends the listpack of a set, hash or sorted set.
func (e *Encoder) packed(v *Value) {
	if v.Form == PackTTL {
		e.uint64(packEarliest(v.Bytes))
	}
	p := object.OpenPack(v.Bytes, nil)
	e.String(p.Bytes())
}

// packEarliest returns when the first of the fields of a pack with expiries
// expires.
func packEarliest(b []byte) uint64 {
	p := object.OpenPack(b, nil)
	if f := p.First(); f != 0 {
		if at := p.FieldTTL(f); at != 0 {
			return uint64(at)
		}
	}
	return noExpiry
}

// noExpiry may stand for the earliest expiry where no field has one.
const noExpiry = 1<<48 - 1
