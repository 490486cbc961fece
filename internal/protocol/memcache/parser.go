package memcache

import "bytes"

const (
	// DefaultMaxItem is the item size limit of a server nobody configured, in bytes.
	DefaultMaxItem = 1 << 20

	// DefaultMaxLine is the longest retrieval line, in bytes: 32 thousand keys of
	// the longest sort. The reference server sets no limit.
	DefaultMaxLine = 8 << 20

	// longLine is how many bytes may arrive without a line end, unless they are
	// a retrieval, and longRead how long a line may be that arrives at once.
	longLine = 2 << 10
	longRead = 16 << 10

	// maxIndent is how many spaces a long retrieval may start with.
	maxIndent = 100
)

// Parser cuts requests out of a byte stream. It is resumable: what it has looked
// at it does not look at again, however the bytes trickle in.
//
// MaxItem and MaxLine must be set and may change between calls.
type Parser struct {
	// Request is the request that Parse returned last. After an error Op, Key
	// and Noreply are those of the request that was refused.
	Request Request
	// MaxItem is the size an item may have, in bytes, as the reference server
	// counts it: key, value and 59 to 63 bytes of its own.
	MaxItem int
	// MaxLine is the longest retrieval line, in bytes.
	MaxLine int

	scan int  // first byte of the line that was not searched for its end
	body int  // offset of the data block; 0 when the line is yet to come
	size int  // length of the data block, without its line end
	key  span // Request.Key, while its data block is received
	drop int  // bytes of a refused value that are still to come
	need int  // what Need returns
}

// span is a slice by its offsets in the request, since the buffer may move before
// the request is whole.
type span struct{ start, end int }

// Parse looks for a whole request at the start of buf.
//
// It returns n > 0 when there is one: its n bytes are consumed and Request is
// filled. Op is OpNone when there is nothing to do and nothing to reply.
//
// It returns n == 0 and no error when the request is incomplete. The caller then
// calls again with the same bytes followed by more; they may have moved.
//
// An error is an *Error. The n bytes of the request are consumed all the same;
// the reply is due unless Request.Noreply, and parsing goes on unless the Error
// closes the connection. ErrTooLarge comes as soon as the line of the request is
// there; the value is skipped as it arrives. The reference server deletes the
// key of a too large OpSet, so that no stale value survives it.
func (p *Parser) Parse(buf []byte) (n int, err error) {
	p.need = 0
	if p.drop > 0 {
		return p.skip(buf), nil
	}
	if p.body == 0 {
		line, n, err := p.cutLine(buf)
		if n == 0 || err != nil {
			return 0, err
		}
		p.scan = 0
		p.Request = Request{}
		if refused := p.parseText(line); refused != nil {
			p.need = p.drop
			return n, refused
		}
		if !p.Request.Op.stores() {
			return n, nil
		}
		p.body = n
	}
	return p.parseData(buf)
}

// Need returns how many more bytes the data block that is being received or
// skipped needs at least, its line end included. It is 0 when there is none.
func (p *Parser) Need() int { return p.need }

// Reset forgets the request that is being received.
func (p *Parser) Reset() {
	*p = Parser{MaxItem: p.MaxItem, MaxLine: p.MaxLine}
}

// skip consumes what has arrived of a value that was refused.
func (p *Parser) skip(buf []byte) int {
	p.Request = Request{}
	n := min(p.drop, len(buf))
	p.drop -= n
	p.need = p.drop
	return n
}

// cutLine returns the line at the start of buf without its end, and its length
// with it; n == 0 when it has not arrived whole.
func (p *Parser) cutLine(buf []byte) (line []byte, n int, err error) {
	lf := bytes.IndexByte(buf[p.scan:], '\n')
	if lf < 0 {
		p.scan = len(buf)
		if len(buf) > longLine && !p.mayBeLong(buf) {
			return nil, 0, ErrLineTooLong
		}
		return nil, 0, nil
	}
	lf += p.scan
	if lf >= longRead && !p.mayBeLong(buf[:lf]) {
		return nil, 0, ErrLineTooLong
	}
	line = buf[:lf]
	if lf > 1 && line[lf-1] == '\r' {
		line = line[:lf-1]
	}
	// To the reference server a line is a C string: a zero byte ends it.
	if zero := bytes.IndexByte(line, 0); zero >= 0 {
		line = line[:zero]
	}
	return line, lf + 1, nil
}

// mayBeLong reports whether line is the start of a retrieval, which alone may be
// long.
func (p *Parser) mayBeLong(line []byte) bool {
	if len(line) > p.MaxLine {
		return false
	}
	indent := 0
	for indent < len(line) && line[indent] == ' ' && indent <= maxIndent {
		indent++
	}
	word := line[indent:]
	return indent <= maxIndent && (bytes.HasPrefix(word, []byte("get ")) || bytes.HasPrefix(word, []byte("gets ")))
}

// parseData completes a request whose line asked for a data block, at body.
func (p *Parser) parseData(buf []byte) (n int, err error) {
	if have := len(buf) - p.body; have < p.size+len("\r\n") {
		p.need = p.size + len("\r\n") - have
		return 0, nil
	}
	end := p.body + p.size
	p.Request.Key = buf[p.key.start:p.key.end:p.key.end]
	p.Request.Data = buf[p.body:end:end]
	p.body = 0
	if buf[end] != '\r' || buf[end+1] != '\n' {
		return end + 2, ErrDataChunk
	}
	return end + 2, nil
}

// Partial reports whether a request has been received in part.
func (p *Parser) Partial() bool { return p.drop > 0 || p.body > 0 || p.scan > 0 }
