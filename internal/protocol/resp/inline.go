package resp

// parseInline parses a request that is one line of words, as a person types it.
func (p *Parser) parseInline(buf []byte) (n int, err error) {
	lf := p.lineEnd(buf, '\n')
	if lf < 0 {
		if len(buf) > maxLine {
			return 0, ErrInlineTooBig
		}
		return 0, nil
	}
	line := buf[:lf]
	if lf > 0 && line[lf-1] == '\r' {
		line = line[:lf-1]
	}
	if !p.splitLine(line) {
		return 0, ErrQuotes
	}
	p.scan = 0
	return lf + 1, nil
}

// splitLine cuts line into args and reports whether its quotes are balanced.
func (p *Parser) splitLine(line []byte) bool {
	p.quoted = p.quoted[:0]
	for i := 0; ; {
		for i < len(line) && isSpace(line[i]) {
			i++
		}
		if i == len(line) {
			return true
		}
		start := i
		for i < len(line) && !endsWord(line[i]) && line[i] != '"' && line[i] != '\'' {
			i++
		}
		if i == len(line) || endsWord(line[i]) {
			p.args = append(p.args, line[start:i:i])
			continue
		}
		arg := len(p.quoted)
		p.quoted = append(p.quoted, line[start:i]...)
		if i = p.unquote(line, i); i < 0 {
			return false
		}
		p.args = append(p.args, p.quoted[arg:len(p.quoted):len(p.quoted)])
	}
}

// unquote appends to quoted what stands between the quote at line[i] and the
// one that closes it. It returns the offset after that one, or -1 when there is
// none or a word goes on after it.
func (p *Parser) unquote(line []byte, i int) int {
	quote := line[i]
	for i++; i < len(line); i++ {
		switch c := line[i]; {
		case c == quote:
			if i+1 < len(line) && !isSpace(line[i+1]) {
				return -1
			}
			return i + 1
		case c != '\\' || i+1 == len(line):
			p.quoted = append(p.quoted, c)
		case quote == '\'':
			if line[i+1] == '\'' {
				i++
			}
			p.quoted = append(p.quoted, line[i])
		default:
			i++
			if high, low := hexDigits(line, i); low >= 0 {
				p.quoted = append(p.quoted, byte(high<<4|low))
				i += 2
				continue
			}
			p.quoted = append(p.quoted, unescape(line[i]))
		}
	}
	return -1
}

// hexDigits returns the values of the two digits of an escape "xHH" at line[i:],
// low < 0 when it is none.
func hexDigits(line []byte, i int) (high, low int) {
	if line[i] != 'x' || i+2 >= len(line) {
		return -1, -1
	}
	if high = hexDigit(line[i+1]); high < 0 {
		return -1, -1
	}
	return high, hexDigit(line[i+2])
}

func hexDigit(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

// unescape returns what a backslash followed by c stands for in double quotes.
func unescape(c byte) byte {
	switch c {
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	case 'b':
		return '\b'
	case 'a':
		return '\a'
	}
	return c
}

// isSpace is C's: what may stand between words.
func isSpace(c byte) bool { return c == ' ' || (c >= '\t' && c <= '\r') }

// endsWord reports whether c ends a word that is not quoted. Vertical tab and
// form feed separate words but do not end one.
func endsWord(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }
