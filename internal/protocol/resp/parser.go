package resp

import (
	"bytes"
	"math"
)

const (
	// DefaultMaxBulk is the longest argument accepted, in bytes, unless
	// proto-max-bulk-len says otherwise.
	DefaultMaxBulk = 512 << 20

	// maxLine is how many bytes may arrive without the line end they lack.
	maxLine = 64 << 10

	// The limits of a client that has yet to authenticate: enough for AUTH and
	// HELLO, too little to make the server hold memory for a stranger.
	unauthenticatedArgs = 10
	unauthenticatedBulk = 16 << 10

	// keepArgs and keepQuoted are what a Parser keeps between requests, in
	// arguments and in bytes.
	keepArgs   = 1024
	keepQuoted = 4 << 10
)

// Parser cuts requests out of a byte stream. It is resumable: what it has looked
// at it does not look at again, however the bytes trickle in.
//
// MaxBulk must be set; it may change between calls, as may Authenticated.
type Parser struct {
	// MaxBulk is the longest argument accepted, in bytes, at most MaxInt-2.
	MaxBulk int
	// Authenticated lifts the strict limits for strangers. It is true from the
	// start where no password is asked.
	Authenticated bool

	args   [][]byte // the request that was returned last
	spans  []span   // arguments of the current request, received so far
	quoted []byte   // bytes of inline arguments that had quotes

	pos   int // first byte of the current request that is not parsed
	scan  int // first byte that was not searched for the line end
	left  int // arguments still to come
	bulk  int // length of the argument at pos, -1 when its header is to come
	need  int // what Need returns
	had   int // bytes of the arguments in spans
	multi bool
}

// span is an argument by its offsets in the request, since the buffer may move
// before the request is whole.
type span struct{ start, end int }

// Parse looks for a whole request at the start of buf.
//
// It returns n > 0 when there is one: its n bytes are consumed and Args returns
// its arguments, none for an empty request that is skipped without a reply.
//
// It returns n == 0 and no error when the request is incomplete. The caller then
// calls again with the same bytes followed by more; they may have moved.
//
// An empty buf is incomplete too, and gives back the memory of a request that had
// uncommonly many arguments. An error is a *ProtocolError, after which the Parser is of no more use until
// Reset.
func (p *Parser) Parse(buf []byte) (n int, err error) {
	if !p.multi {
		p.release()
		if len(buf) == 0 {
			return 0, nil
		}
		if buf[0] != '*' {
			return p.parseInline(buf)
		}
		if n := p.parseWhole(buf); n > 0 {
			return n, nil
		}
		switch whole, err := p.parseCount(buf); {
		case err != nil || !whole:
			return 0, err
		case p.left == 0:
			return p.finish(buf), nil
		}
	}
	for p.left > 0 {
		if p.bulk < 0 {
			if whole, err := p.parseBulkLength(buf); err != nil || !whole {
				return 0, err
			}
		}
		if have := len(buf) - p.pos - 2; have < p.bulk {
			p.need = p.bulk - have
			return 0, nil
		}
		end := p.pos + p.bulk
		p.spans = append(p.spans, span{p.pos, end})
		p.pos = end + 2 // the two bytes after an argument are not looked at
		p.had += p.bulk
		p.bulk = -1
		p.left--
	}
	return p.finish(buf), nil
}

// Args returns the arguments of the request that Parse found, as slices of the
// buffer it was given (or, for quoted inline arguments, of the Parser). They
// and the list are valid until the next call of Parse.
func (p *Parser) Args() [][]byte { return p.args }

// Need returns how many more bytes the argument that is being received needs at
// least, its line end included, after Parse found the request incomplete. It is
// 0 when that is not known.
func (p *Parser) Need() int { return p.need }

// Parsed returns how many bytes of a request received in part are done with, and how many
// of them are arguments.
func (p *Parser) Parsed() (n, args int) {
	if !p.multi {
		return 0, 0
	}
	return p.pos, p.had
}

// Reset forgets the request that is being received, and all memory.
func (p *Parser) Reset() {
	*p = Parser{MaxBulk: p.MaxBulk, Authenticated: p.Authenticated}
}

// release drops the arguments of the last request, and their memory if it was
// an unusual lot.
func (p *Parser) release() {
	if cap(p.spans) > keepArgs || cap(p.args) > keepArgs {
		p.spans, p.args = nil, nil
	}
	if cap(p.quoted) > keepQuoted {
		p.quoted = nil
	}
	p.args = p.args[:0]
}

// finish turns the spans into arguments and gets ready for the next request.
func (p *Parser) finish(buf []byte) int {
	if cap(p.args) < len(p.spans) {
		p.args = make([][]byte, 0, cap(p.spans))
	}
	for _, s := range p.spans {
		p.args = append(p.args, buf[s.start:s.end:s.end])
	}
	p.spans = p.spans[:0]
	n := p.pos
	p.pos, p.scan, p.need, p.had, p.multi = 0, 0, 0, 0, false
	return n
}

// parseWhole parses the common request: well formed, whole, of a known client. Of
// any other it returns 0 and leaves no trace, for the parts that can resume and
// that know every rule. It is tried once for a request, when its first line is there.
func (p *Parser) parseWhole(buf []byte) (n int) {
	count, pos := shortNumber(buf, 1)
	if pos == 0 || !p.Authenticated {
		return 0
	}
	args := p.args
	for ; count > 0; count-- {
		if pos >= len(buf) || buf[pos] != '$' {
			return 0
		}
		length, start := shortNumber(buf, pos+1)
		if start == 0 || length > p.MaxBulk || length > len(buf)-start-2 {
			return 0
		}
		end := start + length
		args = append(args, buf[start:end:end])
		pos = end + 2
	}
	p.args, p.scan = args, 0
	return pos
}

// parseCount parses the first line, "*N\r\n".
func (p *Parser) parseCount(buf []byte) (whole bool, err error) {
	count, end := shortNumber(buf, 1)
	if end == 0 {
		cr := p.lineEnd(buf, '\r')
		if cr < 0 {
			if len(buf) > maxLine {
				return false, ErrMultibulkTooBig
			}
			return false, nil
		}
		if cr+1 == len(buf) {
			return false, nil
		}
		n, ok := parseInt(buf[1:cr])
		if !ok || n > math.MaxInt32 {
			return false, ErrMultibulkLength
		}
		count, end = int(max(n, 0)), cr+2
	}
	switch {
	case count > math.MaxInt32:
		return false, ErrMultibulkLength
	case count > unauthenticatedArgs && !p.Authenticated:
		return false, ErrUnauthMultibulkLen
	}
	p.pos, p.left, p.bulk, p.multi = end, count, -1, true
	return true, nil
}

// parseBulkLength parses the line "$N\r\n" at pos.
func (p *Parser) parseBulkLength(buf []byte) (whole bool, err error) {
	p.need = 0
	var length, end int
	if p.pos < len(buf) && buf[p.pos] == '$' {
		length, end = shortNumber(buf, p.pos+1)
	}
	if end == 0 {
		cr := p.lineEnd(buf, '\r')
		if cr < 0 {
			if len(buf)-p.pos > maxLine {
				return false, ErrBulkTooBig
			}
			return false, nil
		}
		if cr+1 == len(buf) {
			return false, nil
		}
		if c := buf[p.pos]; c != '$' {
			return false, errExpectedBulk(c)
		}
		n, ok := parseInt(buf[p.pos+1 : cr])
		if !ok || n < 0 || n > int64(p.MaxBulk) {
			return false, ErrBulkLength
		}
		length, end = int(n), cr+2
	}
	switch {
	case length > p.MaxBulk:
		return false, ErrBulkLength
	case length > unauthenticatedBulk && !p.Authenticated:
		return false, ErrUnauthBulkLen
	}
	p.pos, p.bulk = end, length
	return true, nil
}

// lineEnd returns the offset of the first c at or after pos, -1 when it has not
// arrived. The reference server searches a C string, so that a line with a zero
// byte in it never ends, and is refused once it is too long.
func (p *Parser) lineEnd(buf []byte, c byte) int {
	p.scan = max(p.scan, p.pos)
	line := buf[p.scan:]
	if len(line) > 0 && line[0] == 0 {
		return -1
	}
	i := bytes.IndexByte(line, c)
	if i >= 0 {
		line = line[:i]
	}
	if zero := bytes.IndexByte(line, 0); zero >= 0 {
		p.scan += zero
		return -1
	}
	p.scan += len(line)
	if i < 0 {
		return -1
	}
	return p.scan
}

// Restart forgets the request that is being received and keeps the memory.
func (p *Parser) Restart() {
	p.spans = p.spans[:0]
	p.pos, p.scan, p.left, p.bulk, p.need, p.had, p.multi = 0, 0, 0, 0, 0, 0, false
}

// Partial reports whether a request has been received in part.
func (p *Parser) Partial() bool { return p.multi || p.scan > 0 }
