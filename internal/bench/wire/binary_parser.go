package wire

import (
	"encoding/binary"
	"fmt"
)

// The Memcached binary protocol: a header of 24 bytes, then extras, key and value.
const (
	binaryHeader   = 24
	binaryRequest  = 0x80
	binaryResponse = 0x81
)

// Statuses that answer a request rather than refuse it.
const (
	binaryOK        = 0x0000
	binaryNotFound  = 0x0001
	binaryExists    = 0x0002
	binaryNotStored = 0x0005
)

// Opcodes, by the name of the text command that does the same.
var binaryOpcodes = map[string]byte{
	"get": 0x00, "set": 0x01, "add": 0x02, "replace": 0x03, "delete": 0x04, "incr": 0x05, "decr": 0x06, "noop": 0x0a,
	"version": 0x0b, "append": 0x0e, "prepend": 0x0f, "touch": 0x1c, "gat": 0x1d,
}

// BinaryParser cuts replies of the Memcached binary protocol.
type BinaryParser struct {
	reply  Reply
	header [binaryHeader]byte
	have   int // bytes of the header that are there
	skip   int // extras and key before the value
	body   body
	inBody bool
}

// Reply implements Parser.
func (p *BinaryParser) Reply() *Reply { return &p.reply }

// Keep implements Parser.
func (p *BinaryParser) Keep(visit func([]byte)) {
	p.body.visit = func(all []byte) {
		if p.reply.Values > 0 {
			visit(all[p.skip:])
		}
	}
}

// Reset implements Parser.
func (p *BinaryParser) Reset() {
	*p = BinaryParser{body: body{visit: p.body.visit, kept: p.body.kept[:0]}}
}

// Feed implements Parser.
func (p *BinaryParser) Feed(b []byte) (n int, done bool, err error) {
	if !p.inBody {
		n = copy(p.header[p.have:], b)
		if p.have += n; p.have < binaryHeader {
			return n, false, nil
		}
		if err := p.begin(); err != nil {
			return n, false, err
		}
	}
	used, whole := p.body.feed(b[n:])
	if !whole {
		return n + used, false, nil
	}
	p.inBody, p.have = false, 0
	return n + used, true, nil
}

// begin reads a whole header.
func (p *BinaryParser) begin() error {
	h := &p.header
	key, extras := int(binary.BigEndian.Uint16(h[2:])), int(h[4])
	status, length := binary.BigEndian.Uint16(h[6:]), binary.BigEndian.Uint32(h[8:])
	p.skip = key + extras
	if h[0] != binaryResponse {
		return broken("no reply of the binary protocol", h[:])
	}
	if length > bodyLengthMax || int(length) < p.skip {
		return broken("a bad length", h[:])
	}
	p.reply = Reply{}
	switch status {
	case binaryOK:
		if op := h[1]; op == binaryOpcodes["get"] || op == binaryOpcodes["gat"] {
			p.reply.Values = 1
		}
	case binaryNotFound, binaryExists, binaryNotStored:
	default:
		p.reply.Failed, p.reply.Text = true, fmt.Appendf(nil, "status 0x%04x", status)
	}
	p.inBody = true
	p.body.startExact(int(length))
	return nil
}
