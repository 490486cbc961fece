package rdb

import (
	"github.com/crucible-cache/crucible/internal/object"
	"github.com/crucible-cache/crucible/internal/store"
)

// Form is how a value lies in memory.
type Form uint8

// The forms of a value.
const (
	Plain   Form = iota // a string, or the listpack of a collection
	Intset              // sorted integers, of a set
	PackTTL             // a listpack of field, value, expiry, of a hash
	Large               // an object
)

// Value is what a key holds. Bytes that a Decoder returned are its memory,
// valid until it decodes the next value; an Object is the caller's.
type Value struct {
	Type   store.Type
	Form   Form
	Bytes  []byte
	Object object.Object // of the form Large
}

// Release frees the object of a value that nobody will have.
func (v *Value) Release() {
	if v.Object != nil {
		free(v.Object)
	}
}

func free(o object.Object) {
	for !o.Release(1 << 10) {
	}
}

// presize bounds for how many elements room is made because the input says that
// they will come.
const presize = 1 << 16

// Limits say which form a decoded collection gets, and bound what is decoded.
type Limits struct {
	HashEntries, HashValue int64
	SetInts                int64
	SetEntries, SetValue   int64
	ZSetEntries, ZSetValue int64
	List                   object.Fill

	String int64 // bytes of the longest string

	Unsummed bool // checksums are not looked at

	// Memory is about how many bytes a value may take when it is decoded; 0
	// means no limit.
	Memory int64
}
