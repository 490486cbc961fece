package resp

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// What a Reader accepts from a peer. The bulk limit is Redis' own proto-max-bulk-len default; the
// others bound what a broken server can make the client hold.
const (
	bulkBytesMax     = 512 << 20
	lineBytesMax     = 64 << 20 // errors and simple strings may echo long arguments
	elementsMax      = 64 << 20
	depthMax         = 64
	chunkBytes       = 64 << 10 // a bulk is read in steps, so that an announced length costs nothing
	readBufferBytes  = 64 << 10
	verbatimPrefix   = 4 // "txt:"
	elementsPrealloc = 1024
)

// ProtocolError is a reply that no Redis client could understand.
type ProtocolError struct{ Reason string }

func (e *ProtocolError) Error() string { return "reply breaks the protocol: " + e.Reason }

func broken(format string, args ...any) error {
	return &ProtocolError{Reason: fmt.Sprintf(format, args...)}
}

// errStreamEnd is how nested reads report the "." that ends a streamed aggregate.
var errStreamEnd = errors.New("end of streamed aggregate")

// Reader reads values from a connection. It must not be used by two goroutines.
type Reader struct {
	in      *bufio.Reader
	capture []byte
}

// NewReader reads values from r.
func NewReader(r io.Reader) *Reader {
	return &Reader{in: bufio.NewReaderSize(r, readBufferBytes)}
}

// Buffered is the count of bytes received and not yet read as a value.
func (r *Reader) Buffered() int { return r.in.Buffered() }

// ReadRaw hands out received bytes without parsing them.
func (r *Reader) ReadRaw(p []byte) (int, error) { return r.in.Read(p) }

// ReadValue reads one value. On an error the bytes read so far are in the value's Raw, so that a
// report can show what the peer had sent.
func (r *Reader) ReadValue() (Value, error) {
	r.capture = nil
	v, err := r.readValue(0)
	if errors.Is(err, errStreamEnd) {
		err = broken("a streamed aggregate ends that never began")
	}
	if err != nil {
		return Value{Raw: r.capture}, err
	}
	v.bind(r.capture)
	return v, nil
}

func (r *Reader) readValue(depth int) (Value, error) {
	if depth > depthMax {
		return Value{}, broken("nested deeper than %d", depthMax)
	}
	start := len(r.capture)
	line, err := r.readLine()
	if err != nil {
		return Value{}, err
	}
	if len(line) == 0 {
		return Value{}, broken("empty line where a type byte belongs")
	}
	v := Value{Kind: Kind(line[0]), start: start}
	if err := r.readPayload(&v, line[1:], depth); err != nil {
		return Value{}, err
	}
	if v.Kind == attribute {
		attributes := v.Elems
		if v, err = r.readValue(depth + 1); err != nil {
			return Value{}, err
		}
		v.Attributes = append(attributes, v.Attributes...)
		v.start = start
	}
	v.end = len(r.capture)
	return v, nil
}

func (r *Reader) readPayload(v *Value, header []byte, depth int) error {
	switch v.Kind {
	case SimpleString, Error:
		v.Text = bytes.Clone(header)
		return nil
	case Integer, Null, Boolean, Double, BigNumber:
		return parseScalar(v, header)
	case BulkString, BulkError, VerbatimString:
		return r.readBulk(v, header)
	case Array, Map, Set, Push, attribute:
		return r.readAggregate(v, header, depth)
	case streamEnd:
		if len(header) != 0 {
			return broken("bytes after the end of a streamed aggregate")
		}
		return errStreamEnd
	default:
		return broken("unknown type byte %q", byte(v.Kind))
	}
}

func parseScalar(v *Value, header []byte) error {
	v.Text = bytes.Clone(header)
	switch v.Kind {
	case Integer:
		n, err := strconv.ParseInt(string(header), 10, 64)
		if err != nil {
			return broken("integer %q", header)
		}
		v.Int = n
	case Null:
		if len(header) != 0 {
			return broken("null with a payload %q", header)
		}
		v.Nil = true
	case Boolean:
		if !bytes.Equal(header, []byte("t")) && !bytes.Equal(header, []byte("f")) {
			return broken("boolean %q", header)
		}
	case Double:
		if _, err := strconv.ParseFloat(string(header), 64); err != nil && !errors.Is(err, strconv.ErrRange) {
			return broken("double %q", header)
		}
	case BigNumber:
		digits := bytes.TrimPrefix(header, []byte("-"))
		if len(digits) == 0 || len(bytes.Trim(digits, "0123456789")) != 0 {
			return broken("big number %q", header)
		}
	}
	return nil
}

// parseLength reads the count of a bulk or aggregate; -1 is RESP2's null.
func parseLength(header []byte, limit int64) (int64, error) {
	n, err := strconv.ParseInt(string(header), 10, 64)
	if err != nil || n < -1 {
		return 0, broken("length %q", header)
	}
	if n > limit {
		return 0, broken("length %d is over the limit of %d", n, limit)
	}
	return n, nil
}

func (r *Reader) readBulk(v *Value, header []byte) error {
	if v.Kind == BulkString && bytes.Equal(header, []byte("?")) {
		return r.readStreamedString(v)
	}
	n, err := parseLength(header, bulkBytesMax)
	if err != nil {
		return err
	}
	if n == -1 {
		if v.Kind != BulkString {
			return broken("null %s", v.Kind)
		}
		v.Nil = true
		return nil
	}
	if v.Text, err = r.readBytes(int(n)); err != nil {
		return err
	}
	if v.Kind == VerbatimString {
		if len(v.Text) < verbatimPrefix || v.Text[verbatimPrefix-1] != ':' {
			return broken("verbatim string without a format")
		}
		v.Format = string(v.Text[:verbatimPrefix-1])
		v.Text = v.Text[verbatimPrefix:]
	}
	return nil
}

func (r *Reader) readStreamedString(v *Value) error {
	v.Text = []byte{}
	for {
		line, err := r.readLine()
		if err != nil {
			return err
		}
		if len(line) == 0 || Kind(line[0]) != streamChunk {
			return broken("%q where a chunk of a streamed string belongs", line)
		}
		n, err := parseLength(line[1:], bulkBytesMax-int64(len(v.Text)))
		if err != nil {
			return err
		}
		if n <= 0 {
			return nil
		}
		chunk, err := r.readBytes(int(n))
		if err != nil {
			return err
		}
		v.Text = append(v.Text, chunk...)
	}
}

func (r *Reader) readAggregate(v *Value, header []byte, depth int) error {
	streamed := bytes.Equal(header, []byte("?"))
	n := int64(elementsMax)
	if !streamed {
		var err error
		if n, err = parseLength(header, elementsMax); err != nil {
			return err
		}
	}
	if n == -1 {
		if v.Kind != Array {
			return broken("null %s", v.Kind)
		}
		v.Nil = true
		return nil
	}
	paired := v.Kind == Map || v.Kind == attribute
	if paired && !streamed {
		n *= 2
	}
	v.Elems = make([]Value, 0, min(n, elementsPrealloc))
	for int64(len(v.Elems)) < n {
		elem, err := r.readValue(depth + 1)
		if streamed && errors.Is(err, errStreamEnd) {
			if paired && len(v.Elems)%2 != 0 {
				return broken("a streamed map ends after a key")
			}
			return nil
		}
		if errors.Is(err, errStreamEnd) {
			return broken("a counted aggregate ends early")
		}
		if err != nil {
			return err
		}
		v.Elems = append(v.Elems, elem)
	}
	if streamed {
		return broken("a streamed aggregate of more than %d elements", elementsMax)
	}
	return nil
}

// readLine reads up to CRLF and returns what lies before it, valid until the next read.
func (r *Reader) readLine() ([]byte, error) {
	start := len(r.capture)
	for {
		part, err := r.in.ReadSlice('\n')
		r.capture = append(r.capture, part...)
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return nil, err
		}
		line := r.capture[start:]
		if len(line) > lineBytesMax {
			return nil, broken("line of more than %d bytes", lineBytesMax)
		}
		if bytes.HasSuffix(line, []byte("\r\n")) {
			return line[:len(line)-2], nil
		}
		if err == nil {
			return nil, broken("line %q ends in a bare newline", line)
		}
	}
}

// readBytes reads n bytes and the CRLF after them.
func (r *Reader) readBytes(n int) ([]byte, error) {
	start := len(r.capture)
	for want := n + 2; want > 0; {
		step := min(want, chunkBytes)
		at := len(r.capture)
		r.capture = append(r.capture, make([]byte, step)...)
		got, err := io.ReadFull(r.in, r.capture[at:])
		r.capture = r.capture[:at+got]
		if err != nil {
			return nil, err
		}
		want -= step
	}
	if !bytes.HasSuffix(r.capture, []byte("\r\n")) {
		return nil, broken("bulk of %d bytes does not end in CRLF", n)
	}
	return bytes.Clone(r.capture[start : start+n]), nil
}
