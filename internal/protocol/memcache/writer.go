package memcache

import (
	"strconv"

	"github.com/crucible-cache/crucible/internal/protocol"
)

// Status is a reply of fixed words, line end included.
type Status string

// The statuses.
const (
	OK        Status = "OK\r\n"
	End       Status = "END\r\n"
	Stored    Status = "STORED\r\n"
	NotStored Status = "NOT_STORED\r\n"
	Exists    Status = "EXISTS\r\n"
	NotFound  Status = "NOT_FOUND\r\n"
	Deleted   Status = "DELETED\r\n"
	Touched   Status = "TOUCHED\r\n"
	Reset     Status = "RESET\r\n"
)

// contiguous is the longest value, in bytes, that is kept in one chunk with its
// header. A longer one is spread over chunks, so that none is left half empty.
const contiguous = 4 << 10

// headerRoom is enough for a value's header without the key, in bytes.
const headerRoom = 80

// Writer appends replies to Out. It copies what it is given, so callers may pass
// slices of the store under a lock. It does not allocate.
type Writer struct {
	Out *protocol.Output
}

// Status appends a status.
func (w *Writer) Status(s Status) { w.Out.WriteString(string(s)) }

// Error appends the reply that e calls for.
func (w *Writer) Error(e *Error) {
	if e.Text != "" {
		w.line("", e.Text)
	}
}

// Value appends an item that was found, with its CAS if withCAS. The key is at
// most 8 KiB long.
func (w *Writer) Value(key []byte, flags uint32, data []byte, cas uint64, withCAS bool) {
	if len(data) > contiguous {
		w.ValueHeader(key, flags, len(data), cas, withCAS)
		w.Out.Write(data)
		w.Out.WriteString("\r\n")
		return
	}
	b := w.Out.Reserve(len(key) + len(data) + headerRoom)
	b = appendHeader(b, key, flags, len(data), cas, withCAS)
	b = append(b, data...)
	w.Out.Commit(append(b, '\r', '\n'))
}

// ValueHeader appends the line before the data of an item of size bytes, for a value
// that is sent from where it lies: the caller adds it, and the line end.
func (w *Writer) ValueHeader(key []byte, flags uint32, size int, cas uint64, withCAS bool) {
	w.Out.Commit(appendHeader(w.Out.Reserve(len(key)+headerRoom), key, flags, size, cas, withCAS))
}

func appendHeader(b, key []byte, flags uint32, size int, cas uint64, withCAS bool) []byte {
	b = append(b, "VALUE "...)
	b = append(b, key...)
	b = append(b, ' ')
	b = strconv.AppendUint(b, uint64(flags), 10)
	b = append(b, ' ')
	b = strconv.AppendUint(b, uint64(size), 10)
	if withCAS {
		b = append(b, ' ')
		b = strconv.AppendUint(b, cas, 10)
	}
	return append(b, '\r', '\n')
}

// Number appends the value that an incr or decr arrived at.
func (w *Writer) Number(n uint64) {
	b := strconv.AppendUint(w.Out.Reserve(headerRoom), n, 10)
	w.Out.Commit(append(b, '\r', '\n'))
}

// Version appends the version of the server.
func (w *Writer) Version(version string) { w.line("VERSION ", version) }

// Stat appends one statistic. End follows the last one.
func (w *Writer) Stat(name, value string) {
	w.Out.WriteString("STAT ")
	w.Out.WriteString(name)
	w.line(" ", value)
}

// StatUint is Stat for a number.
func (w *Writer) StatUint(name string, value uint64) {
	w.Out.WriteString("STAT ")
	w.Out.WriteString(name)
	w.Out.WriteString(" ")
	w.Number(value)
}

func (w *Writer) line(prefix, text string) {
	w.Out.WriteString(prefix)
	w.Out.WriteString(text)
	w.Out.WriteString("\r\n")
}
