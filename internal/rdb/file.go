package rdb

import (
	"encoding/binary"
	"strconv"

	"github.com/crucible-cache/crucible/internal/object"
)

// Loader takes what is in a file, in its order. What it is given is valid during
// the call only, but for the object of a value, which is its own from then on. An
// error that it returns ends the reading.
type Loader interface {
	// Aux is a fact about the file.
	Aux(name, value string) error
	// Database is the number of that which the entries that follow are of.
	Database(db uint64) error
	// Function is the code of a library.
	Function(code []byte) error
	Entry(*Entry) error
}

// File reads a file to its end. Collections get the heap's memory.
func (d *Decoder) File(heap *object.Heap, to Loader) error {
	if err := d.header(); err != nil {
		return err
	}
	var name []byte
	x := Entry{Idle: -1, Freq: -1}
	for {
		op := d.byte()
		if d.err != nil {
			return d.err
		}
		switch op {
		case opEnd:
			return d.end()
		case opExpire:
			if p := d.take(4); p != nil {
				x.ExpireAt = int64(int32(binary.LittleEndian.Uint32(p))) * 1000
			}
		case opExpireMS:
			x.ExpireAt = int64(d.uint64())
		case opFreq:
			x.Freq = int(d.byte())
		case opIdle:
			x.Idle = int64(min(d.length(), 1<<40))
		case opAux, opSelectDB, opResizeDB, opSlotInfo, opFunction, opFunctionOld, opModuleAux:
			if err := d.about(op, to, &x); err != nil {
				return err
			}
		default:
			name = append(name[:0], d.string()...)
			if err := d.entry(op, name, heap, to, &x); err != nil {
				return err
			}
			x = Entry{Idle: -1, Freq: -1}
		}
		if d.err != nil {
			return d.err
		}
	}
}

func (d *Decoder) header() error {
	p := d.take(uint64(len(magic)) + 4)
	if p == nil {
		return d.err
	}
	version, err := strconv.Atoi(string(p[len(magic):]))
	if string(p[:len(magic)]) != magic || err != nil {
		d.at = 0
		return d.fail("not an RDB file: it does not begin with " + magic + " and a version")
	}
	if version < 1 || version > VersionMax {
		d.at = len(magic)
		return d.failf("version %d: those from 1 to %d can be read", version, VersionMax)
	}
	d.version = version
	return nil
}

// about reads a record that is not a key.
func (d *Decoder) about(op byte, to Loader, x *Entry) error {
	switch op {
	case opAux:
		name := string(d.string())
		value := string(d.string())
		if d.err != nil {
			return d.err
		}
		if name == flagsAux {
			flags, _ := strconv.ParseUint(value, 10, 32)
			x.Flags = uint32(flags)
			return nil
		}
		return to.Aux(name, value)
	case opSelectDB:
		db := d.length()
		if d.err != nil {
			return d.err
		}
		return to.Database(db)
	case opResizeDB:
		d.length()
		d.length()
	case opSlotInfo:
		for range 3 { // slot, keys, keys that expire
			d.length()
		}
	case opFunction:
		code := d.string()
		if d.err != nil {
			return d.err
		}
		return to.Function(code)
	case opFunctionOld:
		return d.fail("functions of a release candidate of Redis 7.0")
	case opModuleAux:
		return d.fail("data of a module, which can't be read without it")
	}
	return d.err
}

func (d *Decoder) entry(typ byte, name []byte, heap *object.Heap, to Loader, x *Entry) error {
	v, empty, err := d.Value(typ, heap)
	if err != nil || empty {
		return err
	}
	x.Name, x.Value = name, v
	return to.Entry(x)
}

// end checks what is behind the last record. Versions before 5 have no checksum,
// and one of 0 was not made.
func (d *Decoder) end() error {
	if d.version < 5 {
		return nil
	}
	sum := d.sum()
	at := d.Offset()
	if said := d.uint64(); d.err == nil && said != 0 && said != sum && !d.limits.Unsummed {
		d.err = &Error{at, "the checksum is not that of what was read: " +
			strconv.FormatUint(said, 16) + ", not " + strconv.FormatUint(sum, 16)}
	}
	return d.err
}
