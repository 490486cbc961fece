package resp

import (
	"encoding/binary"
	"math/bits"
	"strconv"
	"strings"
	"unsafe"

	"github.com/tidwall/redcon"

	"github.com/crucible-cache/crucible/internal/protocol"
)

// OK is the encoded status reply that most writes get, for Raw.
const OK = "+OK\r\n"

// contiguous is the longest text, in bytes, that is kept in one chunk with its
// header. A longer one is spread over chunks, so that none is left half empty.
const contiguous = 4 << 10

// lineRoom is enough for any header or number with its line ends, in bytes.
const lineRoom = 64

var lineBreaks = strings.NewReplacer("\r", " ", "\n", " ")

// Writer appends replies to Out in the protocol version the client asked for. It
// copies what it is given, so callers may pass slices of the store under a lock.
// It does not allocate, except for an error text with a line break in it.
type Writer struct {
	Out   *protocol.Output
	Proto int // 2 or 3
}

// Raw appends a reply that is encoded already.
func (w *Writer) Raw(reply string) { w.Out.WriteString(reply) }

// SimpleString appends a status. It must hold no line break.
func (w *Writer) SimpleString(s string) { w.line('+', s) }

// Error appends an error. The text starts with its code and without '-', as in
// "ERR syntax error"; line breaks in it become spaces, and those at its end go.
func (w *Writer) Error(text string) {
	if strings.ContainsAny(text, "\r\n") {
		text = lineBreaks.Replace(strings.TrimRight(text, "\r\n"))
	}
	w.line('-', text)
}

// Int appends an integer.
func (w *Writer) Int(n int64) {
	if n < 0 || n >= shortMost {
		w.Out.Commit(redcon.AppendInt(w.Out.Reserve(lineRoom), n))
		return
	}
	w.short(':', uint32(n))
}

// Bulk appends a string of any bytes.
func (w *Writer) Bulk(b []byte) {
	n := len(b)
	switch {
	case n < 10:
		out := w.Out.Extend(len("$1\r\n") + n + len("\r\n"))
		binary.LittleEndian.PutUint32(out, '$'|('0'+uint32(n))<<8|'\r'<<16|'\n'<<24) //nolint:gosec // a digit
		copy(out[4:], b)
		endLine(out)
	case n < 100:
		out := w.Out.Extend(len("$12\r\n") + n + len("\r\n"))
		binary.LittleEndian.PutUint32(out, '$'|('0'+uint32(n)/10)<<8|('0'+uint32(n)%10)<<16|'\r'<<24) //nolint:gosec // digits
		out[4] = '\n'
		copy(out[5:], b)
		endLine(out)
	case n <= contiguous:
		out := append(w.Out.Reserve(n+lineRoom), '$')
		out = append(strconv.AppendInt(out, int64(n), 10), '\r', '\n')
		out = append(out, b...)
		w.Out.Commit(append(out, '\r', '\n'))
	default:
		w.header('$', n)
		w.Out.Write(b)
		w.Out.WriteString("\r\n")
	}
}

// endLine makes the last two bytes of a reply a line end.
func endLine(reply []byte) { binary.LittleEndian.PutUint16(reply[len(reply)-2:], '\r'|'\n'<<8) }

// BulkString is Bulk for a string.
func (w *Writer) BulkString(s string) {
	w.Bulk(unsafe.Slice(unsafe.StringData(s), len(s)))
}

// BulkHeader appends the header of a string of n bytes, for a value that is sent
// from where it lies: the caller adds it, and the line end.
func (w *Writer) BulkHeader(n int) { w.header('$', n) }

// BulkInt appends an integer as a string.
func (w *Writer) BulkInt(n int64) {
	var digits [20]byte
	w.Bulk(strconv.AppendInt(digits[:0], n, 10))
}

// Null appends the absence of a value where a string would be.
func (w *Writer) Null() {
	if w.Proto >= 3 {
		w.Raw("_\r\n")
		return
	}
	w.Raw("$-1\r\n")
}

// NullArray appends the absence of a value where an array would be.
func (w *Writer) NullArray() {
	if w.Proto >= 3 {
		w.Raw("_\r\n")
		return
	}
	w.Raw("*-1\r\n")
}

// ArrayLen starts an array: n replies follow.
func (w *Writer) ArrayLen(n int) { w.header('*', n) }

// MapLen starts a map: n times a key and a value follow.
func (w *Writer) MapLen(n int) {
	if w.Proto >= 3 {
		w.header('%', n)
		return
	}
	w.header('*', 2*n)
}

// SetLen starts a set: n replies follow.
func (w *Writer) SetLen(n int) { w.aggregate('~', n) }

// SetLenLater is SetLen for a set whose members are counted as they are written:
// PlugSetLen then says how many there were.
func (w *Writer) SetLenLater() protocol.Hole { return w.Out.Hole() }

// PlugSetLen completes a set that SetLenLater began.
func (w *Writer) PlugSetLen(h protocol.Hole, n int) {
	var line [protocol.HoleSize]byte
	b := strconv.AppendInt(append(line[:0], w.kind('~')), int64(n), 10)
	w.Out.Plug(h, append(b, '\r', '\n'))
}

// PushLen starts a message that no request asked for: n replies follow, the
// first of them its kind.
func (w *Writer) PushLen(n int) { w.aggregate('>', n) }

// Bool appends a truth value.
func (w *Writer) Bool(v bool) {
	switch {
	case w.Proto >= 3 && v:
		w.Raw("#t\r\n")
	case w.Proto >= 3:
		w.Raw("#f\r\n")
	case v:
		w.Raw(":1\r\n")
	default:
		w.Raw(":0\r\n")
	}
}

// Double appends a floating point number, formatted by AppendDouble.
func (w *Writer) Double(f float64) {
	var text [lineRoom]byte
	digits := AppendDouble(text[:0], f)
	if w.Proto < 3 {
		w.Bulk(digits)
		return
	}
	b := append(w.Out.Reserve(lineRoom), ',')
	b = append(b, digits...)
	w.Out.Commit(append(b, '\r', '\n'))
}

// BigNumber appends an integer of any size, given by its decimal digits.
func (w *Writer) BigNumber(digits string) {
	if w.Proto < 3 {
		w.BulkString(digits)
		return
	}
	w.line('(', digits)
}

// Verbatim appends text that is meant to be shown as it is. The format is three
// letters, "txt" or "mkd".
func (w *Writer) Verbatim(format, text string) {
	if w.Proto < 3 {
		w.BulkString(text)
		return
	}
	w.header('=', len(format)+1+len(text))
	w.Out.WriteString(format)
	w.Out.WriteString(":")
	w.Out.Write(unsafe.Slice(unsafe.StringData(text), len(text)))
	w.Out.WriteString("\r\n")
}

// line appends a reply that is one line of text.
func (w *Writer) line(kind byte, text string) {
	if len(text) > contiguous {
		w.Out.Commit(append(w.Out.Reserve(1), kind))
		w.Out.Write(unsafe.Slice(unsafe.StringData(text), len(text)))
		w.Out.WriteString("\r\n")
		return
	}
	b := append(w.Out.Reserve(len(text)+lineRoom), kind)
	b = append(b, text...)
	w.Out.Commit(append(b, '\r', '\n'))
}

// aggregate starts what is an array to a client that knows no better.
func (w *Writer) aggregate(kind byte, n int) { w.header(w.kind(kind), n) }

func (w *Writer) kind(kind byte) byte {
	if w.Proto < 3 {
		return '*'
	}
	return kind
}

// header appends the line of a reply that more follows.
func (w *Writer) header(kind byte, n int) {
	if n >= 0 && n < shortMost {
		w.short(kind, uint32(n))
		return
	}
	b := append(w.Out.Reserve(lineRoom), kind)
	b = strconv.AppendInt(b, int64(n), 10)
	w.Out.Commit(append(b, '\r', '\n'))
}

// shortMost is beyond the numbers that short takes.
const shortMost = 1_000_000

// short appends the line of a number of six digits at most, as most are. It takes the digits
// apart side by side, a byte for each.
func (w *Writer) short(kind byte, n uint32) {
	pairs := uint64(n/10_000) | uint64(n/100%100)<<16 | uint64(n%100)<<32
	tens := pairs * 103 >> 10 & 0x000f_000f_000f // a tenth of each, below 100
	digits := tens | (pairs-10*tens)<<8
	zeros := bits.TrailingZeros64(digits|1<<40) &^ 7 // in front, of 8 bits each, not the last
	length := 1 + (48-zeros)/8

	b := w.Out.Reserve(lineRoom)
	line := b[len(b) : len(b)+16]
	binary.LittleEndian.PutUint64(line, (digits|0x3030_3030_3030)>>zeros<<8|uint64(kind))
	binary.LittleEndian.PutUint16(line[length:], '\r'|'\n'<<8)
	w.Out.Commit(b[:len(b)+length+2])
}
