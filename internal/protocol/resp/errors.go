package resp

import "fmt"

// ProtocolError says that the bytes are not a request. The reply is Text, after
// which the connection is closed: nothing tells where the next request starts.
type ProtocolError struct {
	// Text is the error as the Writer's Error takes it: with its code, without
	// the leading '-'.
	Text string
}

func (e *ProtocolError) Error() string { return e.Text }

// The protocol errors, in the words of the reference server.
var (
	ErrMultibulkLength    = &ProtocolError{"ERR Protocol error: invalid multibulk length"}
	ErrBulkLength         = &ProtocolError{"ERR Protocol error: invalid bulk length"}
	ErrMultibulkTooBig    = &ProtocolError{"ERR Protocol error: too big mbulk count string"}
	ErrBulkTooBig         = &ProtocolError{"ERR Protocol error: too big bulk count string"}
	ErrInlineTooBig       = &ProtocolError{"ERR Protocol error: too big inline request"}
	ErrQuotes             = &ProtocolError{"ERR Protocol error: unbalanced quotes in request"}
	ErrUnauthMultibulkLen = &ProtocolError{"ERR Protocol error: unauthenticated multibulk length"}
	ErrUnauthBulkLen      = &ProtocolError{"ERR Protocol error: unauthenticated bulk length"}
)

// errExpectedBulk is the refusal of an argument that starts with c. A line break
// could not be told from the end of the reply, so it is shown as a space.
func errExpectedBulk(c byte) error {
	if c == '\r' || c == '\n' {
		c = ' '
	}
	return &ProtocolError{fmt.Sprintf("ERR Protocol error: expected '$', got '%s'", []byte{c})}
}
