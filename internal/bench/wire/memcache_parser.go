package wire

import "bytes"

// MemcacheParser cuts replies of the Memcached text protocol, meta commands included. No reply's end depends on the
// request: VALUE and STAT lines go on until END, a VA line has its body, every other line is a reply by itself.
type MemcacheParser struct {
	reply  Reply
	line   line
	body   body
	inBody bool
	begun  bool // a line of the reply was seen
	last   bool // the body being read ends the reply
}

// Reply implements Parser.
func (p *MemcacheParser) Reply() *Reply { return &p.reply }

// Keep implements Parser.
func (p *MemcacheParser) Keep(visit func([]byte)) { p.body.visit = visit }

// Reset implements Parser.
func (p *MemcacheParser) Reset() {
	*p = MemcacheParser{body: body{visit: p.body.visit, kept: p.body.kept[:0]}, line: line{kept: p.line.kept[:0]}}
}

// Feed implements Parser.
func (p *MemcacheParser) Feed(b []byte) (n int, done bool, err error) {
	for n < len(b) {
		if p.inBody {
			used, whole := p.body.feed(b[n:])
			n += used
			if !whole {
				return n, false, nil
			}
			p.inBody = false
			if p.last {
				p.begun = false
				return n, true, nil
			}
			continue
		}
		text, used, whole, err := p.line.feed(b[n:])
		n += used
		if err != nil || !whole {
			return n, false, err
		}
		done, err := p.begin(text)
		if done || err != nil {
			p.begun = false
			return n, done, err
		}
	}
	return n, false, nil
}

var (
	wordValue       = []byte("VALUE ")
	wordStat        = []byte("STAT ")
	wordMetaValue   = []byte("VA ")
	wordError       = []byte("ERROR")
	wordClientError = []byte("CLIENT_ERROR")
	wordServerError = []byte("SERVER_ERROR")
)

// begin handles one line and reports whether it ends the reply.
func (p *MemcacheParser) begin(text []byte) (done bool, err error) {
	if !p.begun {
		p.reply = Reply{}
		p.begun = true
	}
	switch {
	case bytes.HasPrefix(text, wordValue): // VALUE key flags bytes [cas]
		return false, p.beginBody(text, 3, false)
	case bytes.HasPrefix(text, wordMetaValue): // VA bytes flag*
		return false, p.beginBody(text, 1, true)
	case bytes.HasPrefix(text, wordStat):
		return false, nil
	case bytes.HasPrefix(text, wordError), bytes.HasPrefix(text, wordClientError), bytes.HasPrefix(text, wordServerError):
		p.reply.Failed, p.reply.Text = true, text
		return true, nil
	case len(text) == 0:
		return false, broken("an empty line", text)
	}
	return true, nil
}

// beginBody expects a body whose length is the word of the given index.
func (p *MemcacheParser) beginBody(text []byte, index int, last bool) error {
	rest := text
	for range index {
		_, after, found := bytes.Cut(rest, space)
		if !found {
			return broken("a missing length", text)
		}
		rest = after
	}
	word, tail, _ := bytes.Cut(rest, space)
	length, ok := parseLength(word)
	if !ok || length > bodyLengthMax {
		return broken("a bad length", text)
	}
	p.reply.Values++
	if len(tail) > 0 {
		p.reply.CAS = parseToken(tail, last)
	}
	p.inBody, p.last = true, last
	p.body.start(length)
	return nil
}

// parseToken finds the CAS token behind the length: alone in a VALUE line, as the flag c in a VA line. 0 without one.
func parseToken(words []byte, flags bool) (token uint64) {
	for len(words) > 0 {
		word, rest, _ := bytes.Cut(words, space)
		words = rest
		if flags {
			if len(word) == 0 || word[0] != 'c' {
				continue
			}
			word = word[1:]
		}
		for _, digit := range word {
			if digit < '0' || digit > '9' {
				return 0
			}
			token = 10*token + uint64(digit-'0')
		}
		return token
	}
	return 0
}

var space = []byte{' '}
