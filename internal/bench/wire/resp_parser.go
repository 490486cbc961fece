package wire

import "encoding/binary"

// RESPParser cuts RESP2 and RESP3 replies.
type RESPParser struct {
	reply   Reply
	line    line
	body    body
	inBody  bool
	begun   bool // the type byte of the reply was seen
	push    bool // what is being read is a push message, which answers nothing
	pending int  // elements still to come before the reply is whole
	message []byte
}

// Reply implements Parser.
func (p *RESPParser) Reply() *Reply { return &p.reply }

// Keep implements Parser.
func (p *RESPParser) Keep(visit func([]byte)) { p.body.visit = visit }

// Reset implements Parser.
func (p *RESPParser) Reset() {
	*p = RESPParser{body: body{visit: p.body.visit, kept: p.body.kept[:0]}, line: line{kept: p.line.kept[:0]}}
}

// Feed implements Parser. Nesting needs no stack: an aggregate of n elements adds n to what is still to come.
func (p *RESPParser) Feed(b []byte) (n int, done bool, err error) {
	if p.between() {
		if n, _ := p.whole(b); n > 0 {
			return n, true, nil
		}
	}
	for n < len(b) {
		if p.inBody {
			used, whole := p.body.feed(b[n:])
			n += used
			if !whole {
				return n, false, nil
			}
			p.inBody = false
			p.pending--
		} else {
			text, used, whole, err := p.line.feed(b[n:])
			n += used
			if err != nil || !whole {
				return n, false, err
			}
			if err := p.begin(text); err != nil {
				return n, false, err
			}
		}
		if p.pending > 0 || p.inBody {
			continue
		}
		p.begun = false
		if !p.push {
			return n, true, nil
		}
	}
	return n, false, nil
}

// between reports whether the next byte begins a reply and bodies are of no interest.
func (p *RESPParser) between() bool { return !p.begun && p.body.visit == nil && len(p.line.kept) == 0 }

// Hits implements Hitter. Values mostly have one size: as long as one head follows another that is the same, nothing is parsed.
func (p *RESPParser) Hits(b []byte, most int) (n, count int) {
	if !p.between() {
		return 0, 0
	}
	const word = 8
	for count < most {
		size, head := p.whole(b[n:])
		if size == 0 || b[n] != '$' {
			break
		}
		first := b[n : n+size]
		n, count = n+size, count+1
		if head > word || size < word {
			continue
		}
		mask := uint64(1)<<(8*head) - 1
		want := binary.LittleEndian.Uint64(first) & mask
		for count < most && n+size <= len(b) && binary.LittleEndian.Uint64(b[n:])&mask == want {
			n, count = n+size, count+1
		}
	}
	return n, count
}

// whole takes a reply that lies entirely in b, when it is a bulk or a simple string, as nearly all are, and returns its
// length and that of its first line. 0 leaves it to the rest of Feed.
func (p *RESPParser) whole(b []byte) (n, head int) {
	const longest = 7 // digits, or one byte of a status
	for i := 1; i < min(len(b), longest+1); i++ {
		if b[i] != '\r' {
			continue
		}
		if i+1 >= len(b) || b[i+1] != '\n' {
			return 0, 0
		}
		switch b[0] {
		case '+':
			p.reply = Reply{}
			return i + 2, i + 2
		case '$':
			length, ok := parseLength(b[1:i])
			if end := i + 2 + length + 2; ok && end <= len(b) {
				p.reply = Reply{Values: 1}
				return end, i + 2
			}
		}
		return 0, 0
	}
	return 0, 0
}

// begin handles one line: a whole element, or the head of one.
func (p *RESPParser) begin(text []byte) error {
	if len(text) == 0 {
		return broken("an empty line", text)
	}
	kind, rest := text[0], text[1:]
	if !p.begun {
		p.reply = Reply{}
		p.begun, p.push, p.pending = true, kind == '>', 1
	}
	switch kind {
	case ':':
		p.reply.Number = parseInteger(rest)
		p.pending--
	case '+', ',', '#', '(', '_':
		p.pending--
	case '-':
		p.fail(rest)
		p.pending--
	case '$', '=', '!':
		return p.beginBody(kind, text)
	case '*', '~', '>':
		return p.beginAggregate(text, 1, 1)
	case '%':
		return p.beginAggregate(text, 2, 1)
	case '|': // an attribute stands before the element it describes, and is none itself
		return p.beginAggregate(text, 2, 0)
	default:
		return broken("an unknown reply type", text)
	}
	return nil
}

// fail keeps the reply's first error. It is copied: the lines of the elements behind it may overwrite it.
func (p *RESPParser) fail(message []byte) {
	if !p.push && !p.reply.Failed {
		p.message = append(p.message[:0], message...)
		p.reply.Failed, p.reply.Text = true, p.message
	}
}

func (p *RESPParser) beginBody(kind byte, text []byte) error {
	if string(text[1:]) == "-1" {
		p.pending--
		return nil
	}
	length, ok := parseLength(text[1:])
	if !ok || length > bodyLengthMax {
		return broken("a bad length", text)
	}
	if kind == '!' {
		p.fail([]byte("blob error"))
	} else if !p.push {
		p.reply.Values++
	}
	p.inBody = true
	p.body.start(length)
	return nil
}

// beginAggregate counts in the elements of an array, set, push, map or attribute. own is what the aggregate itself counts
// for among the elements of whatever holds it.
func (p *RESPParser) beginAggregate(text []byte, perEntry, own int) error {
	p.pending -= own
	if string(text[1:]) == "-1" {
		return nil
	}
	count, ok := parseLength(text[1:])
	if !ok || p.pending+count*perEntry > elementsMax {
		return broken("a bad count", text)
	}
	p.pending += count * perEntry
	return nil
}

// parseInteger reads what a server calls an integer; nonsense is 0, for nothing depends on it but a count.
func parseInteger(digits []byte) (n int64) {
	negative := len(digits) > 0 && digits[0] == '-'
	if negative {
		digits = digits[1:]
	}
	for _, c := range digits {
		if c < '0' || c > '9' {
			return 0
		}
		n = 10*n + int64(c-'0')
	}
	if negative {
		return -n
	}
	return n
}
