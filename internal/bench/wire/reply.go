// Package wire is the client's side of the protocols: it encodes a workload's requests and counts the replies. Pure
// bytes; it knows no socket and no clock.
//
// An Encoder is immutable and shared by all threads. A Parser belongs to one connection and the thread that drives it;
// it owns at most one line (lineLengthMax) plus, when bodies are kept for verification, one value. Neither allocates per
// request. The parsers believe the server as little as a client must: lengths, nesting and lines are bounded, and what
// breaks the protocol is an error that ends the connection.
package wire

import (
	"errors"
	"fmt"
)

// Limits of what a reply may claim.
const (
	lineLengthMax = 64 << 10 // an error line of a script may be long; nothing else is
	bodyLengthMax = 512 << 20
	elementsMax   = 1 << 26
)

// Reply is what the load wants to know of one reply.
type Reply struct {
	// Failed says that the server refused the request; Text then holds its message, valid until the next Feed.
	Failed bool
	Text   []byte
	// Values is the number of bodies the reply carried: the hits of a read.
	Values int
	// CAS is the token of the last of them, 0 when there was none.
	CAS uint64
	// Number is what a RESP integer said.
	Number int64
}

// Parser cuts a connection's incoming bytes into replies.
type Parser interface {
	// Feed consumes bytes of b up to the end of one reply and returns how many. When done, Reply describes it; otherwise
	// all of b was taken and the reply goes on in the next bytes. An error means that the stream can't be followed any more.
	Feed(b []byte) (n int, done bool, err error)
	// Reply returns the reply Feed completed last.
	Reply() *Reply
	// Keep asks for bodies: each complete one is handed to visit, and is valid only during the call.
	Keep(visit func(body []byte))
	// Reset forgets everything, for a new connection.
	Reset()
}

// Hitter is a Parser with a shorter way for what nearly all replies are when reads are measured.
type Hitter interface {
	// Hits consumes replies at the start of b that lie in it whole and are one body each and nothing else, at most `most` of
	// them, and returns how many bytes and replies that were. What it leaves, maybe all of b, is for Feed.
	Hits(b []byte, most int) (n, count int)
}

// ErrProtocol is wrapped by every error of a Parser.
var ErrProtocol = errors.New("protocol error")

func broken(what string, line []byte) error {
	return fmt.Errorf("%w: %s: %.60q", ErrProtocol, what, line)
}

// body collects one value of known length out of pieces.
type body struct {
	left  int    // bytes still to come, terminator included
	tail  int    // length of the terminator, which isn't handed on
	kept  []byte // pieces so far, when kept
	visit func([]byte)
}

// start expects length bytes and a CRLF.
func (b *body) start(length int) {
	b.left, b.tail, b.kept = length+2, 2, b.kept[:0]
}

// startExact expects length bytes and no terminator.
func (b *body) startExact(length int) {
	b.left, b.tail, b.kept = length, 0, b.kept[:0]
}

// feed consumes bytes of p for the body and reports how many, and whether that was the last.
func (b *body) feed(p []byte) (n int, done bool) {
	n = min(b.left, len(p))
	if b.visit != nil {
		if n == b.left && len(b.kept) == 0 {
			b.visit(p[:n-b.tail])
		} else {
			b.kept = append(b.kept, p[:n]...)
			if n == b.left {
				b.visit(b.kept[:len(b.kept)-b.tail])
			}
		}
	}
	b.left -= n
	return n, b.left == 0
}

// line collects one line out of pieces. A line that lies whole in the input isn't copied.
type line struct{ kept []byte }

// feed returns the line without its CRLF when the input completes it, and the number of bytes consumed.
func (l *line) feed(p []byte) (text []byte, n int, done bool, err error) {
	end := indexNewline(p)
	if end < 0 {
		if len(l.kept)+len(p) > lineLengthMax {
			return nil, 0, false, broken("a line without end", l.kept)
		}
		l.kept = append(l.kept, p...)
		return nil, len(p), false, nil
	}
	text = p[:end]
	if len(l.kept) > 0 {
		l.kept = append(l.kept, text...)
		text, l.kept = l.kept, l.kept[:0]
	}
	if len(text) == 0 || text[len(text)-1] != '\r' {
		return nil, 0, false, broken("a line that doesn't end in CRLF", text)
	}
	return text[:len(text)-1], end + 1, true, nil
}

// indexNewline is a plain loop, because nearly every line is a few bytes long: the call of bytes.IndexByte costs more than
// such a line.
func indexNewline(p []byte) int {
	for i, c := range p {
		if c == '\n' {
			return i
		}
	}
	return -1
}

// parseLength reads a decimal number of at most nine digits: no length within the limits has more.
func parseLength(digits []byte) (n int, ok bool) {
	if len(digits) == 0 || len(digits) > 9 {
		return 0, false
	}
	for _, c := range digits {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, true
}
