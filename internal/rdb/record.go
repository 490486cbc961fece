package rdb

import (
	"encoding/binary"
	"fmt"
	"strconv"
)

// magic begins every file; four digits of the version follow it.
const magic = "REDIS"

// flagsAux is the field that says in front of a key which client flags its item
// has. Redis passes over fields that it does not know.
const flagsAux = "crucible-flags"

// Entry is a key with all that a file says of it.
type Entry struct {
	Name     []byte
	Value    Value
	ExpireAt int64  // unix milliseconds, 0 = never
	Flags    uint32 // Memcached's client flags
	Idle     int64  // seconds since it was last used, -1 if not said; not written
	Freq     int    // how often it is used, -1 if not said; not written
}

// Header appends the beginning of a file.
func (e *Encoder) Header() { e.B = fmt.Appendf(e.B, "%s%04d", magic, VersionWritten) }

// Aux appends a field: a fact about the file.
func (e *Encoder) Aux(name, value string) {
	e.B = append(e.B, opAux)
	e.String([]byte(name))
	e.String([]byte(value))
}

// Database appends which database the keys that follow are of.
func (e *Encoder) Database(db int) {
	e.B = append(e.B, opSelectDB)
	e.Length(uint64(db))
}

// Sizes appends how many keys the database has, and how many of them expire.
func (e *Encoder) Sizes(keys, expiring int64) {
	e.B = append(e.B, opResizeDB)
	e.Length(uint64(keys))
	e.Length(uint64(expiring))
}

// Begins appends what comes before the value of an entry.
func (e *Encoder) Begins(x *Entry) {
	if x.Flags != 0 {
		e.Aux(flagsAux, strconv.FormatUint(uint64(x.Flags), 10))
	}
	if x.ExpireAt != 0 {
		e.B = append(e.B, opExpireMS)
		e.uint64(uint64(x.ExpireAt))
	}
	e.Type(&x.Value)
	e.String(x.Name)
}

// Entry appends a key with its value.
func (e *Encoder) Entry(x *Entry) {
	e.Begins(x)
	e.Value(&x.Value)
}

// Function appends a library of functions by its code.
func (e *Encoder) Function(code []byte) {
	e.B = append(e.B, opFunction)
	e.String(code)
}

// End appends the last record, behind which the checksum of all comes.
func (e *Encoder) End() { e.B = append(e.B, opEnd) }

// AppendChecksum appends a checksum as it stands at the end of a file.
func AppendChecksum(b []byte, sum uint64) []byte { return binary.LittleEndian.AppendUint64(b, sum) }
