package memcache

// Error is a request that was refused. The reply is Text as a line, unless the
// client asked for none; then the connection goes on, or ends if Close says so.
type Error struct {
	// Text is the reply without its line end. Empty: no reply.
	Text string
	// Close says that the connection is to be closed.
	Close bool
}

func (e *Error) Error() string {
	if e.Text == "" {
		return "connection closed without a reply"
	}
	return e.Text
}

// What the Parser refuses, in the words of the reference server.
var (
	ErrCommand     = &Error{Text: "ERROR"}
	ErrFormat      = &Error{Text: "CLIENT_ERROR bad command line format"}
	ErrDeleteUsage = &Error{Text: "CLIENT_ERROR bad command line format.  Usage: delete <key> [noreply]"}
	ErrExptime     = &Error{Text: "CLIENT_ERROR invalid exptime argument"}
	ErrDelta       = &Error{Text: "CLIENT_ERROR invalid numeric delta argument"}
	ErrDataChunk   = &Error{Text: "CLIENT_ERROR bad data chunk"}
	ErrTooLarge    = &Error{Text: "SERVER_ERROR object too large for cache"}
	ErrLineTooLong = &Error{Close: true}
)

// What is refused when a request is carried out.
var (
	ErrNonNumeric         = &Error{Text: "CLIENT_ERROR cannot increment or decrement non-numeric value"}
	ErrOutOfMemory        = &Error{Text: "SERVER_ERROR out of memory"}
	ErrBusy               = &Error{Text: "SERVER_ERROR busy running a script"}
	ErrOutOfMemoryStore   = &Error{Text: "SERVER_ERROR out of memory storing object"}
	ErrShutdownDisabled   = &Error{Text: "ERROR: shutdown not enabled"}
	ErrTooManyConnections = &Error{Text: "ERROR Too many open connections", Close: true}
)
