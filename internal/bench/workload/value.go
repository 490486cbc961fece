package workload

import (
	"bytes"
	"errors"
	"math/rand/v2"
)

// valueHeader is what a value says about itself, in hex: key number (12), version (12), size (8). Hex, so that a value
// read by hand with a command line client tells where it came from.
const (
	valueKeyDigits     = 12
	valueVersionDigits = 12
	valueSizeDigits    = 8
	valueHeader        = valueKeyDigits + valueVersionDigits + valueSizeDigits
)

// VersionedSize is the size in bytes from which a value carries its version.
const VersionedSize = valueHeader

// poolShift bounds how far into the pool a value starts. A prime, so that neighbouring keys differ.
const poolShift = 4093

// Values makes and checks payloads. A value of at least 32 bytes begins with its key, version and size; the rest is cut
// from a pool of letters at a place the key decides. A shorter value is the beginning of that. Values is immutable.
type Values struct {
	pool []byte
}

// NewValues returns the maker of values of up to sizeMax bytes.
func NewValues(sizeMax int) *Values {
	rng := rand.New(rand.NewPCG(0x6372756369626c65, 0)) // the same filler in every run: a run can check what another one stored
	pool := make([]byte, sizeMax+poolShift)
	for i := range pool {
		pool[i] = byte('a' + rng.IntN(26))
	}
	return &Values{pool: pool}
}

// Append appends the value of the given key, version and size.
func (v *Values) Append(dst []byte, key uint64, version uint64, size int) []byte {
	if size >= valueHeader {
		dst = appendHeader(dst, key, version, size)
		return append(dst, v.filler(key, size)...)
	}
	var header [valueHeader]byte
	return append(dst, appendHeader(header[:0], key, version, size)[:size]...)
}

func (v *Values) filler(key uint64, size int) []byte {
	from := int(key % poolShift)
	return v.pool[from : from+size-valueHeader]
}

func appendHeader(dst []byte, key uint64, version uint64, size int) []byte {
	dst = appendHex(dst, key, valueKeyDigits)
	dst = appendHex(dst, version, valueVersionDigits)
	return appendHex(dst, uint64(size), valueSizeDigits)
}

func appendHex(dst []byte, v uint64, digits int) []byte {
	const hex = "0123456789abcdef"
	for shift := 4 * (digits - 1); shift >= 0; shift -= 4 {
		dst = append(dst, hex[v>>shift&15])
	}
	return dst
}

// What can be wrong with a value. One error value each, so that a load can count them.
var (
	ErrForeignValue = errors.New("wrong value: another key's")
	ErrAlienValue   = errors.New("wrong value: not one of this workload")
	ErrCutValue     = errors.New("wrong value: not as long as it was stored")
	ErrDamagedValue = errors.New("wrong value: damaged")
)

// AnyKey makes Check accept the value of whatever key it says it belongs to.
const AnyKey = ^uint64(0)

// Check verifies a value read back for a key and returns the version it carries. A value shorter than its header can
// only be compared with the beginning of the key's header, and has version 0.
func (v *Values) Check(value []byte, key uint64) (version uint64, err error) {
	if len(value) < valueHeader {
		return 0, checkShort(value, key)
	}
	gotKey, ok1 := parseHex(value[:valueKeyDigits])
	gotVersion, ok2 := parseHex(value[valueKeyDigits : valueKeyDigits+valueVersionDigits])
	gotSize, ok3 := parseHex(value[valueHeader-valueSizeDigits : valueHeader])
	switch {
	case !ok1 || !ok2 || !ok3:
		return 0, ErrAlienValue
	case gotKey != key && key != AnyKey:
		return 0, ErrForeignValue
	case gotSize != uint64(len(value)):
		return 0, ErrCutValue
	case len(value) > valueHeader+len(v.pool)-poolShift || !bytes.Equal(value[valueHeader:], v.filler(gotKey, len(value))):
		return 0, ErrDamagedValue
	}
	return gotVersion, nil
}

func checkShort(value []byte, key uint64) error {
	if key == AnyKey {
		return nil
	}
	var header [valueHeader]byte
	want := appendHex(header[:0], key, valueKeyDigits)
	if n := min(len(value), valueKeyDigits); !bytes.Equal(value[:n], want[:n]) {
		return ErrForeignValue
	}
	return nil
}

func parseHex(digits []byte) (v uint64, ok bool) {
	for _, c := range digits {
		switch {
		case c >= '0' && c <= '9':
			v = v<<4 | uint64(c-'0')
		case c >= 'a' && c <= 'f':
			v = v<<4 | uint64(c-'a'+10)
		default:
			return 0, false
		}
	}
	return v, true
}
