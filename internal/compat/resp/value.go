package resp

import (
	"bytes"
	"strconv"
)

// Kind is the type byte a value starts with on the wire.
type Kind byte

// The kinds of RESP2, then those RESP3 added.
const (
	SimpleString   Kind = '+'
	Error          Kind = '-'
	Integer        Kind = ':'
	BulkString     Kind = '$'
	Array          Kind = '*'
	Null           Kind = '_'
	Boolean        Kind = '#'
	Double         Kind = ','
	BigNumber      Kind = '('
	BulkError      Kind = '!'
	VerbatimString Kind = '='
	Map            Kind = '%'
	Set            Kind = '~'
	Push           Kind = '>'
	attribute      Kind = '|'
	streamEnd      Kind = '.'
	streamChunk    Kind = ';'
)

// String names the kind the way reports speak of it.
func (k Kind) String() string {
	switch k {
	case SimpleString:
		return "simple string"
	case Error:
		return "error"
	case Integer:
		return "integer"
	case BulkString:
		return "bulk string"
	case Array:
		return "array"
	case Null:
		return "null"
	case Boolean:
		return "boolean"
	case Double:
		return "double"
	case BigNumber:
		return "big number"
	case BulkError:
		return "bulk error"
	case VerbatimString:
		return "verbatim string"
	case Map:
		return "map"
	case Set:
		return "set"
	case Push:
		return "push"
	default:
		return "unknown kind " + strconv.QuoteRune(rune(k))
	}
}

// Value is one reply, or one element of a reply.
type Value struct {
	Kind Kind
	// Nil marks RESP2's "$-1" and "*-1", which keep the kind they were written as, and RESP3's "_".
	Nil bool
	// Text is the payload of strings, errors and numbers, as it was written. A verbatim string's
	// Text leaves out the format, which is in Format.
	Text   []byte
	Format string
	// Int is the value of an Integer.
	Int int64
	// Elems holds the elements of an aggregate; for a Map, keys and values alternate.
	Elems []Value
	// Attributes holds the attribute keys and values that came before the value, alternating.
	Attributes []Value
	// Raw is every byte of the value on the wire, attributes included.
	Raw []byte

	start, end int // where Raw lies in the reader's capture while it still grows
}

// IsError says whether the value is an error of either form.
func (v *Value) IsError() bool { return v.Kind == Error || v.Kind == BulkError }

// IsAggregate says whether the value is made of elements.
func (v *Value) IsAggregate() bool {
	switch v.Kind {
	case Array, Map, Set, Push:
		return true
	default:
		return false
	}
}

// ErrorCode is the first word of an error ("WRONGTYPE"), empty for other values.
func (v *Value) ErrorCode() string {
	if !v.IsError() {
		return ""
	}
	code, _, _ := bytes.Cut(v.Text, []byte{' '})
	return string(code)
}

// bind points Raw of v and everything nested in it at the finished capture.
func (v *Value) bind(capture []byte) {
	v.Raw = capture[v.start:v.end:v.end]
	for i := range v.Elems {
		v.Elems[i].bind(capture)
	}
	for i := range v.Attributes {
		v.Attributes[i].bind(capture)
	}
}
