package workload

import (
	"bytes"
	"fmt"
	"math/rand/v2"
)

// valueHeader is what a value says about itself, in hex: key number (16), version (8), size (8). Hex, so that a value
// read by hand with a command line client tells where it came from.
const (
	valueKeyDigits     = 16
	valueVersionDigits = 8
	valueSizeDigits    = 8
	valueHeader        = valueKeyDigits + valueVersionDigits + valueSizeDigits
)

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
func (v *Values) Append(dst []byte, key uint64, version uint32, size int) []byte {
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

func appendHeader(dst []byte, key uint64, version uint32, size int) []byte {
	dst = appendHex(dst, key, valueKeyDigits)
	dst = appendHex(dst, uint64(version), valueVersionDigits)
	return appendHex(dst, uint64(size), valueSizeDigits)
}

func appendHex(dst []byte, v uint64, digits int) []byte {
	const hex = "0123456789abcdef"
	for shift := 4 * (digits - 1); shift >= 0; shift -= 4 {
		dst = append(dst, hex[v>>shift&15])
	}
	return dst
}

// Check verifies a value read back for a key and returns the version it carries. A value shorter than its header can
// only be compared with the beginning of the key's header, and has version 0. The error says what is wrong with it.
func (v *Values) Check(value []byte, key uint64) (version uint32, err error) {
	var header [valueHeader]byte
	if len(value) < valueHeader {
		want := appendHex(header[:0], key, valueKeyDigits)
		if n := min(len(value), valueKeyDigits); !bytes.Equal(value[:n], want[:n]) {
			return 0, fmt.Errorf("value of another key: %q", value)
		}
		return 0, nil
	}
	gotKey, ok1 := parseHex(value[:valueKeyDigits])
	gotVersion, ok2 := parseHex(value[valueKeyDigits : valueKeyDigits+valueVersionDigits])
	gotSize, ok3 := parseHex(value[valueHeader-valueSizeDigits : valueHeader])
	switch {
	case !ok1 || !ok2 || !ok3:
		return 0, fmt.Errorf("not a value of this workload: %q", value[:valueHeader])
	case gotKey != key:
		return 0, fmt.Errorf("value of key number %d instead of %d", gotKey, key)
	case gotSize != uint64(len(value)):
		return 0, fmt.Errorf("value of %d bytes was stored with %d", len(value), gotSize)
	case len(value) > valueHeader+len(v.pool)-poolShift || !bytes.Equal(value[valueHeader:], v.filler(key, len(value))):
		return 0, fmt.Errorf("damaged value of key number %d", key)
	}
	return uint32(gotVersion), nil
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
