package rdb

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"strconv"
)

// Error says what is wrong with the input, and where.
type Error struct {
	Offset int64 // bytes from the beginning
	Reason string
}

func (e *Error) Error() string { return fmt.Sprintf("at offset %d: %s", e.Offset, e.Reason) }

// Decoder reads values, from memory or from a file. The first thing that is
// wrong ends it: all that is read afterwards is zero, and the error stays.
type Decoder struct {
	b    []byte // what was received and is not used up
	base int64  // offset of b[0]
	at   int    // in b

	from io.Reader // nil for memory
	left int64     // bytes that from still has
	crc  uint64    // of everything before base

	limits  Limits
	version int   // of a file
	used    int64 // bytes of memory that the current value takes
	err     error

	text   [24]byte // of an integer
	plain  []byte   // of a compressed string
	held   []byte   // see hold
	pack   packRoom
	places places
}

// NewDecoder returns a decoder of the bytes in b and the left bytes of from
// behind them, which is nil if there are none.
func NewDecoder(b []byte, from io.Reader, limits Limits) *Decoder {
	return &Decoder{b: b, from: from, limits: limits}
}

// NewFileDecoder returns a decoder of a file of size bytes.
func NewFileDecoder(f io.Reader, size int64, limits Limits) *Decoder {
	return &Decoder{from: f, left: size, limits: limits}
}

// Err returns what was wrong, an *Error unless the input could not be read.
func (d *Decoder) Err() error { return d.err }

// Offset returns how many bytes are used up.
func (d *Decoder) Offset() int64 { return d.base + int64(d.at) }

// fail ends decoding with a reason.
func (d *Decoder) fail(reason string) error {
	if d.err == nil {
		d.err = &Error{d.Offset(), reason}
	}
	return d.err
}

func (d *Decoder) failf(format string, args ...any) error {
	return d.fail(fmt.Sprintf(format, args...))
}

// check ends decoding if err is an error.
func (d *Decoder) check(err error) bool {
	if err != nil {
		_ = d.fail(err.Error())
	}
	return d.err == nil
}

// available is how many bytes are not used up.
func (d *Decoder) available() uint64 { return uint64(len(d.b)-d.at) + uint64(d.left) }

func (d *Decoder) atEnd() bool { return d.err != nil || d.available() == 0 }

// take uses up n bytes, which it returns: memory that is valid until more is
// taken.
func (d *Decoder) take(n uint64) []byte {
	if d.err != nil {
		return nil
	}
	if n > d.available() {
		_ = d.failf("truncated: %d bytes are to follow, and %d do", n, d.available())
		return nil
	}
	if n > uint64(len(d.b)-d.at) && !d.receive(int(n)) {
		return nil
	}
	p := d.b[d.at : d.at+int(n) : d.at+int(n)]
	d.at += int(n)
	return p
}

const (
	windowSize = 256 << 10 // bytes read of a file at a time
	windowKept = 4 << 20   // of a window that a large string made grow
)

// receive makes sure that n bytes, which there are, lie in b.
func (d *Decoder) receive(n int) bool {
	rest := d.b[d.at:]
	d.crc = Checksum(d.crc, d.b[:d.at])
	d.base += int64(d.at)
	d.at = 0
	want := min(int64(max(n, windowSize)), int64(len(rest))+d.left)
	window := d.b[:0:cap(d.b)]
	if cap(window) < int(want) || cap(window) > windowKept && want <= windowSize {
		window = make([]byte, 0, want)
	}
	window = append(window, rest...)
	got, err := io.ReadFull(d.from, window[len(rest):want])
	d.b = window[:len(rest)+got]
	d.left -= int64(got)
	if err != nil {
		d.at = len(d.b)
		if d.err == nil {
			d.err = fmt.Errorf("at offset %d: %w", d.Offset(), err)
		}
		return false
	}
	return true
}

// sum returns the checksum of all that is used up.
func (d *Decoder) sum() uint64 { return Checksum(d.crc, d.b[:d.at]) }

func (d *Decoder) byte() byte {
	if p := d.take(1); p != nil {
		return p[0]
	}
	return 0
}

func (d *Decoder) uint64() uint64 {
	if p := d.take(8); p != nil {
		return binary.LittleEndian.Uint64(p)
	}
	return 0
}

// lengthOr reads a length, or what stands in its place for a string of another
// form: encoded says which.
func (d *Decoder) lengthOr() (n uint64, encoded bool) {
	c := d.byte()
	switch {
	case c>>6 == len6Bit:
		return uint64(c), false
	case c>>6 == len14Bit:
		return uint64(c&0x3f)<<8 | uint64(d.byte()), false
	case c == len32Bit:
		if p := d.take(4); p != nil {
			n = uint64(binary.BigEndian.Uint32(p))
		}
		return n, false
	case c == len64Bit:
		if p := d.take(8); p != nil {
			n = binary.BigEndian.Uint64(p)
		}
		return n, false
	case c>>6 == lenEncoded:
		return uint64(c & 0x3f), true
	}
	_ = d.failf("a length begins with byte %#x", c)
	return 0, false
}

// length reads a length.
func (d *Decoder) length() uint64 {
	n, encoded := d.lengthOr()
	if encoded {
		_ = d.fail("a string stands where a length should")
		return 0
	}
	return n
}

// count reads a number of things of which each takes at least so many bytes.
func (d *Decoder) count(size uint64) int {
	n := d.length()
	if n > d.available()/size || n > math.MaxInt32*2 {
		_ = d.failf("%d elements of %d bytes or more are to follow, and %d bytes do", n, size, d.available())
		return 0
	}
	return int(n)
}

// string reads a string. It is memory of the decoder, valid until more is read.
func (d *Decoder) string() []byte {
	n, encoded := d.lengthOr()
	if !encoded {
		if d.err == nil && n > uint64(d.limits.String) {
			_ = d.failf("a string of %d bytes is longer than may be", n)
		}
		return d.take(n)
	}
	switch n {
	case encInt8:
		return d.digits(int64(int8(d.byte())))
	case encInt16:
		if p := d.take(2); p != nil {
			return d.digits(int64(int16(binary.LittleEndian.Uint16(p))))
		}
	case encInt32:
		if p := d.take(4); p != nil {
			return d.digits(int64(int32(binary.LittleEndian.Uint32(p))))
		}
	case encLZF:
		return d.decompress()
	default:
		_ = d.failf("a string of unknown encoding %d", n)
	}
	return nil
}

func (d *Decoder) digits(n int64) []byte {
	if d.err != nil {
		return nil
	}
	return strconv.AppendInt(d.text[:0], n, 10)
}

func (d *Decoder) decompress() []byte {
	packed, plain := d.length(), d.length()
	if d.err != nil {
		return nil
	}
	if plain > uint64(d.limits.String) {
		_ = d.failf("a string of %d bytes is longer than may be", plain)
		return nil
	}
	if packed > d.available() || plain > packed*lzfRatio {
		_ = d.failf("%d compressed bytes can't stand for %d", packed, plain)
		return nil
	}
	if !d.afford(int64(plain)) {
		return nil
	}
	from := d.take(packed)
	if uint64(cap(d.plain)) < plain || cap(d.plain) > windowKept {
		d.plain = make([]byte, max(plain, 1<<10))
	}
	d.plain = d.plain[:plain]
	if d.err == nil && !decompress(d.plain, from) {
		_ = d.fail("damaged compressed string")
	}
	if d.err != nil {
		return nil
	}
	return d.plain
}

// hold copies a string so that it stays while more is read, until the next hold.
func (d *Decoder) hold(s []byte) []byte {
	if cap(d.held) > windowKept && len(s) < windowKept {
		d.held = nil
	}
	d.held = append(d.held[:0], s...)
	return d.held
}

// afford counts n bytes that the value takes in memory beyond what the input
// has, and fails when they are too many.
func (d *Decoder) afford(n int64) bool {
	d.used += n
	if d.limits.Memory > 0 && d.used > d.limits.Memory {
		_ = d.failf("the value takes more than %d bytes of memory", d.limits.Memory)
	}
	return d.err == nil
}
