package rdb

import "encoding/binary"

// footerSize is the length of what ends a payload: 2 bytes version and 8 bytes
// checksum of all before it, both little-endian.
const footerSize = 2 + 8

// AppendFooter ends the payload of DUMP, or of FUNCTION DUMP, that b is.
func AppendFooter(b []byte, version int) []byte {
	b = binary.LittleEndian.AppendUint16(b, uint16(version))
	return binary.LittleEndian.AppendUint64(b, Checksum(0, b))
}

// OpenPayload returns a payload without its footer. It fails if the version is
// not one that can be read, or the checksum wrong and looked at.
func OpenPayload(b []byte, limits Limits) (body []byte, ok bool) {
	n := len(b) - footerSize
	if n < 0 || binary.LittleEndian.Uint16(b[n:]) > VersionMax {
		return nil, false
	}
	return b[:n], limits.Unsummed || binary.LittleEndian.Uint64(b[n+2:]) == Checksum(0, b[:n+2])
}

// AppendFunction appends the record of a library of functions: its code, as
// FUNCTION DUMP and files have it.
func AppendFunction(b, code []byte) []byte {
	e := Encoder{B: append(b, opFunction), Compress: true}
	e.String(code)
	return e.B
}

// EachFunction visits the libraries of the payload of FUNCTION DUMP without its
// footer, until visit fails. The error of what is not one is an *Error.
func EachFunction(body []byte, limits Limits, visit func(code []byte) error) error {
	d := NewDecoder(body, nil, limits)
	for !d.atEnd() {
		switch op := d.byte(); op {
		case opFunction:
			code := d.string()
			if d.err != nil {
				return d.err
			}
			if err := visit(code); err != nil {
				return err
			}
		default:
			return d.failf("record %d in a payload of functions", op)
		}
	}
	return nil
}
