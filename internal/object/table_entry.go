package object

import "encoding/binary"

// Entry is a view of one entry of a Table, in memory of the table:
//
//	flags   1 byte: dead 1 | value 1 | expiry 1 | width of key length 2 | of value length 2
//	lengths of key and, if there is one, value: 1, 2 or 4 bytes each
//	expiry  8 bytes, if there is one: unix milliseconds
//	key, value, padding to 4 bytes
type Entry struct{ b []byte }

const (
	entryDead = 1 << iota
	entryValue
	entryExpiry
	keyWidthShift   = 3
	valueWidthShift = 5

	// entryAlign is the granularity of entries in bytes; a reference counts in it.
	entryAlign = 4
)

// widthCode returns the code of the width that a length needs: 1<<code bytes.
func widthCode(n int) int {
	switch {
	case n < 1<<8:
		return 0
	case n < 1<<16:
		return 1
	}
	return 2
}

func getLen(b []byte, code byte) int {
	switch code & 3 {
	case 0:
		return int(b[0])
	case 1:
		return int(binary.LittleEndian.Uint16(b))
	}
	return int(binary.LittleEndian.Uint32(b))
}

func putLen(b []byte, code, n int) {
	switch code {
	case 0:
		b[0] = byte(n)
	case 1:
		binary.LittleEndian.PutUint16(b, uint16(n))
	default:
		binary.LittleEndian.PutUint32(b, uint32(n))
	}
}

// layout returns where the parts of an entry lie. Without value there is none.
func (e Entry) layout() (key, value, end int) {
	flags := e.b[0]
	at := 1
	keyLen := getLen(e.b[at:], flags>>keyWidthShift)
	at += 1 << (flags >> keyWidthShift & 3)
	valueLen := 0
	if flags&entryValue != 0 {
		valueLen = getLen(e.b[at:], flags>>valueWidthShift)
		at += 1 << (flags >> valueWidthShift & 3)
	}
	if flags&entryExpiry != 0 {
		at += 8
	}
	return at, at + keyLen, at + keyLen + valueLen
}

// Key returns the member or field.
func (e Entry) Key() []byte {
	key, value, _ := e.layout()
	return e.b[key:value:value]
}

// is reports whether the member or field is key. What is short and has no expiry
// is compared where it must lie, without working out the whole layout.
func (e Entry) is(key []byte) bool {
	b := e.b
	if b[0]&(entryExpiry|3<<keyWidthShift|3<<valueWidthShift) != 0 {
		return string(e.Key()) == string(key)
	}
	at := 2 + int(b[0]&entryValue)/entryValue
	return int(b[1]) == len(key) && string(b[at:at+len(key)]) == string(key)
}

// Value returns the value of a field.
func (e Entry) Value() []byte {
	_, value, end := e.layout()
	return e.b[value:end:end]
}

// ExpireAt returns when a field expires, unix milliseconds; 0 = never.
func (e Entry) ExpireAt() int64 {
	if e.b[0]&entryExpiry == 0 {
		return 0
	}
	key, _, _ := e.layout()
	return int64(binary.LittleEndian.Uint64(e.b[key-8:]))
}

func (e Entry) setExpireAt(at int64) {
	key, _, _ := e.layout()
	binary.LittleEndian.PutUint64(e.b[key-8:], uint64(at))
}

func (e Entry) dead() bool { return e.b[0]&entryDead != 0 }

// size returns the bytes that the entry takes.
func (e Entry) size() int {
	_, _, end := e.layout()
	return alignEntry(end)
}

func alignEntry(n int) int { return (n + entryAlign - 1) &^ (entryAlign - 1) }

// content is what an entry is made of. A set's has no value.
type content struct {
	key, value []byte
	hasValue   bool
	expireAt   int64
}

func (c *content) size() int {
	n := 1 + 1<<widthCode(len(c.key)) + len(c.key)
	if c.hasValue {
		n += 1<<widthCode(len(c.value)) + len(c.value)
	}
	if c.expireAt != 0 {
		n += 8
	}
	return alignEntry(n)
}

// put writes an entry. The content may lie in other entries of the table.
func (c *content) put(b []byte) {
	keyCode := widthCode(len(c.key))
	flags := keyCode << keyWidthShift
	at := 1
	putLen(b[at:], keyCode, len(c.key))
	at += 1 << keyCode
	if c.hasValue {
		code := widthCode(len(c.value))
		flags |= entryValue | code<<valueWidthShift
		putLen(b[at:], code, len(c.value))
		at += 1 << code
	}
	if c.expireAt != 0 {
		flags |= entryExpiry
		binary.LittleEndian.PutUint64(b[at:], uint64(c.expireAt))
		at += 8
	}
	at += copy(b[at:], c.key)
	copy(b[at:], c.value)
	b[0] = byte(flags)
}
