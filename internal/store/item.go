package store

import (
	"sync/atomic"
	"unsafe"
)

// Loc is the place of an item: its offset in the arena in units of Align bytes.
// 41 bits of it reach 8 TiB. Zero is nowhere.
type Loc uint64

// LocBits is the number of significant bits of a Loc.
const LocBits = 41

// Align is the granularity of items, in bytes: their sizes and places are
// multiples of it, and a Loc counts in it.
const (
	Align      = 1 << alignShift
	alignShift = 2
)

// Item is a view of one item in the arena:
//
//	nature   4 bytes: key length 8 | fields 8 | type, encoding, raw 8 | table 8
//	length   4 bytes: of the value
//	expiry   8 bytes, only with HasExpiry: unix milliseconds, 0 = never
//	cas      8 bytes, only with HasCAS: 0 = not assigned
//	flags    4 bytes, only with HasFlags
//	keylen   4 bytes, only if the key is longer than 254 bytes
//	key, value, padding to 4 bytes
//
// Whoever reads or writes more than the first two words and the key holds the
// lock of the key's shard. Those may be read without it by whoever walks memory
// from item to item: the key, its length and the fields never change while an
// item lies where it is, and both words are loaded and stored atomically.
type Item struct{ p unsafe.Pointer }

// Fields says which optional fields an item carries.
type Fields uint8

// The optional fields of an item.
const (
	HasExpiry Fields = 1 << iota
	HasCAS
	HasFlags
	hasLongKey
	filler // no item: memory that none covers, as many bytes as its length says
	word   // with filler: only this word
)

// Type is what kind of value an item holds.
type Type uint8

// The kinds of values.
const (
	TypeString Type = iota
	TypeList
	TypeSet
	TypeZSet
	TypeHash
	TypeStream
	TypeVectorSet
)

// Encoding is how the value of a type lies in the item: what the numbers mean
// is up to the keyspace.
type Encoding uint8

const (
	// The type byte: epoch 1 | encoding 3 | type 4.
	typeMask      = 0x0f
	encodingShift = 4
	encodingMask  = 0x07
	epochShift    = 7

	shortKey   = 254
	headerSize = 8

	fieldShift = 8
	typeShift  = 16
	tableShift = 24
)

// Meta is everything about an item besides its key and value.
type Meta struct {
	ExpireAt int64  // unix ms, 0 = never
	CAS      uint64 // 0 = none
	Flags    uint32 // Memcached's client flags
	Type     Type
	Encoding Encoding
	Table    uint8
	Epoch    uint8 // 0 or 1, see Item.Epoch
}

// Fields returns the optional fields that an item with this meta needs.
func (m Meta) Fields() Fields {
	var f Fields
	if m.ExpireAt != 0 {
		f |= HasExpiry
	}
	if m.CAS != 0 {
		f |= HasCAS
	}
	if m.Flags != 0 {
		f |= HasFlags
	}
	return f
}

// Size returns the bytes an item takes with the given fields and lengths.
func Size(f Fields, key, value int) int {
	if key > shortKey {
		f |= hasLongKey
	}
	return (keyOffset(f) + key + value + Align - 1) &^ (Align - 1)
}

// fieldBytes is the size of the header and the optional fields before the key,
// by the low four bits of Fields.
var fieldBytes = func() (t [16]uint8) {
	for f := range t {
		n := headerSize
		if Fields(f)&HasExpiry != 0 {
			n += 8
		}
		if Fields(f)&HasCAS != 0 {
			n += 8
		}
		if Fields(f)&HasFlags != 0 {
			n += 4
		}
		if Fields(f)&hasLongKey != 0 {
			n += 4
		}
		t[f] = uint8(n)
	}
	return t
}()

func keyOffset(f Fields) int { return int(fieldBytes[f&0xf]) }

func (it Item) nature() uint32     { return atomic.LoadUint32((*uint32)(it.p)) }
func (it Item) setNature(n uint32) { atomic.StoreUint32((*uint32)(it.p), n) }

// Len returns the length of the value in bytes.
func (it Item) Len() int { return int(atomic.LoadUint32((*uint32)(it.at(4)))) }

func (it Item) setLen(n int) { atomic.StoreUint32((*uint32)(it.at(4)), uint32(n)) }

func (it Item) at(off int) unsafe.Pointer { return unsafe.Add(it.p, off) }

func (it Item) bytes(off, n int) []byte { return unsafe.Slice((*byte)(it.at(off)), n) }

// Fields returns which optional fields the item carries.
func (it Item) Fields() Fields { return Fields(it.nature() >> fieldShift) }

// shape returns where the key begins and how long it is.
func (it Item) shape() (key, length int) {
	n := it.nature()
	f := Fields(n >> fieldShift)
	key, length = keyOffset(f), int(uint8(n))
	if f&hasLongKey != 0 {
		length = int(*(*uint32)(it.at(key - 4)))
	}
	return key, length
}

// Name returns the item's key. It is memory of the arena.
func (it Item) Name() []byte { return it.bytes(it.shape()) }

// NameIs reports whether the item's key is name.
func (it Item) NameIs(name []byte) bool {
	key, n := it.shape()
	return n == len(name) && string(it.bytes(key, n)) == string(name)
}

// Value returns the item's value. It is memory of the arena.
func (it Item) Value() []byte {
	key, n := it.shape()
	return it.bytes(key+n, it.Len())
}

// Glimpse returns the first n bytes of the value for one who has not locked the shard:
// they may change while they are read, and be anything if the item is gone. It is nil
// for an item with a long key.
func (it Item) Glimpse(n int) []byte {
	nature := it.nature()
	f := Fields(nature >> fieldShift)
	if f&hasLongKey != 0 {
		return nil
	}
	return it.bytes(keyOffset(f)+int(uint8(nature)), n)
}

// Size returns the bytes the item takes in its segment.
func (it Item) Size() int {
	f := it.Fields()
	if f&filler != 0 {
		if f&word != 0 {
			return Align
		}
		return it.Len()
	}
	return it.SizeWith(it.Len())
}

// SizeWith returns the size that the item would have with a value of n bytes
// and the fields it has.
func (it Item) SizeWith(n int) int {
	key, klen := it.shape()
	return (key + klen + n + Align - 1) &^ (Align - 1)
}

// IsFiller reports whether this is memory that no item covers.
func (it Item) IsFiller() bool { return it.Fields()&filler != 0 }

// Type returns the kind of the value.
func (it Item) Type() Type { return Type(it.nature() >> typeShift & typeMask) }

// Encoding returns how the value lies in the item.
func (it Item) Encoding() Encoding {
	return Encoding(it.nature() >> (typeShift + encodingShift) & encodingMask)
}

// Epoch returns the bit by which a snapshot tells what it has seen from what it
// has not: whoever writes an item gives it the epoch of that time.
func (it Item) Epoch() uint8 { return uint8(it.nature() >> (typeShift + epochShift) & 1) }

// FlipEpoch changes the epoch of an item.
func (it Item) FlipEpoch() { it.setNature(it.nature() ^ 1<<(typeShift+epochShift)) }

// Table returns the number of the table whose index holds the item.
func (it Item) Table() uint8 { return uint8(it.nature() >> tableShift) }

// ExpireAt returns when the item expires, in unix milliseconds; 0 is never.
func (it Item) ExpireAt() int64 {
	if it.Fields()&HasExpiry == 0 {
		return 0
	}
	return int64(*(*uint64)(it.at(headerSize)))
}

// SetExpireAt sets the expiry of an item that has the field.
func (it Item) SetExpireAt(at int64) { *(*uint64)(it.at(headerSize)) = uint64(at) }

func (f Fields) casOffset() int { return keyOffset(f & HasExpiry) }

// CAS returns the item's unique number; 0 means none is assigned.
func (it Item) CAS() uint64 {
	f := it.Fields()
	if f&HasCAS == 0 {
		return 0
	}
	return *(*uint64)(it.at(f.casOffset()))
}

// Flags returns Memcached's client flags.
func (it Item) Flags() uint32 {
	f := it.Fields()
	if f&HasFlags == 0 {
		return 0
	}
	return *(*uint32)(it.at(keyOffset(f & (HasExpiry | HasCAS))))
}

// Meta returns all of the item's meta data.
func (it Item) Meta() Meta {
	return Meta{
		ExpireAt: it.ExpireAt(), CAS: it.CAS(), Flags: it.Flags(),
		Type: it.Type(), Encoding: it.Encoding(), Table: it.Table(), Epoch: it.Epoch(),
	}
}

// Format lays out a new item at it.p with the given fields, which must cover
// m's, and room for a value of n bytes, which the caller writes. The key may be
// any memory but the item's own.
func (it Item) Format(f Fields, m Meta, key []byte, n int) {
	klen := uint32(len(key))
	if len(key) > shortKey {
		f |= hasLongKey
		klen = shortKey + 1
		*(*uint32)(it.at(keyOffset(f) - 4)) = uint32(len(key))
	}
	copy(it.bytes(keyOffset(f), len(key)), key)
	it.setFields(f, m)
	it.setLen(n)
	it.setNature(nature(f, m, klen))
}

func nature(f Fields, m Meta, klen uint32) uint32 {
	typ := uint32(m.Type) | uint32(m.Encoding)<<encodingShift | uint32(m.Epoch)<<epochShift
	return klen | uint32(f)<<fieldShift | typ<<typeShift | uint32(m.Table)<<tableShift
}

func (it Item) setFields(f Fields, m Meta) {
	if f&HasExpiry != 0 {
		it.SetExpireAt(m.ExpireAt)
	}
	if f&HasCAS != 0 {
		*(*uint64)(it.at(f.casOffset())) = m.CAS
	}
	if f&HasFlags != 0 {
		*(*uint32)(it.at(keyOffset(f & (HasExpiry | HasCAS)))) = m.Flags
	}
}

// Accepts reports whether the item has the fields that m needs.
func (it Item) Accepts(m Meta) bool { return m.Fields()&^it.Fields() == 0 }

// Rewrite gives an item that accepts m new meta data and a value length of n
// bytes in place. Its key stays; the bytes of the value are not touched. If its
// size changes, the backend has allowed it and filled what is left over: whoever
// walks the memory sees either the old item or the new one and the filler.
func (it Item) Rewrite(m Meta, n int) {
	was := it.nature()
	f := Fields(was >> fieldShift)
	it.setFields(f, m)
	it.setLen(n)
	it.setNature(nature(f, m, uint32(uint8(was))))
}

// Fill marks size bytes from here on as no item.
func (it Item) Fill(size int) {
	f := filler
	if size == Align {
		f |= word
	} else {
		it.setLen(size)
	}
	it.setNature(uint32(f) << fieldShift)
}

// Pointer returns where the item begins.
func (it Item) Pointer() unsafe.Pointer { return it.p }
