// Package glob matches names against patterns as Redis does: those of KEYS and
// SCAN, of channels, of access rules. It holds no state and takes no memory.
// Any thread may call it. Time is bounded by the length of the pattern times
// that of the name, and depth by nestingMax.
package glob

// nestingMax bounds how many stars of one pattern are being tried at once;
// a pattern that nests deeper matches nothing, as in the reference server.
const nestingMax = 1000

// Match reports whether the whole of name matches pattern the way KEYS,
// SCAN and pattern subscriptions understand it: * ? [class] [^class] and \ as
// an escape. The corner cases are the reference server's: an unclosed class
// ends with the pattern, a range written backwards is turned round, and the
// empty name is matched by the empty pattern only.
func Match(pattern, name []byte) bool {
	var exhausted bool
	return matchFrom(pattern, name, &exhausted, 0)
}

// matchFrom matches the rest of a pattern. exhausted is set by a star that found
// no match for what follows it anywhere in the name: an earlier star that gives
// it less of the name to look at can't help, which keeps patterns with many
// stars from taking exponential time.
func matchFrom(p, s []byte, exhausted *bool, nesting int) bool {
	if nesting > nestingMax {
		return false
	}
	for len(p) > 0 && len(s) > 0 {
		switch p[0] {
		case '*':
			return matchStar(p, s, exhausted, nesting)
		case '?':
			p = p[1:]
		case '[':
			var ok bool
			if p, ok = matchClass(p[1:], s[0]); !ok {
				return false
			}
		default:
			if p[0] == '\\' && len(p) >= 2 {
				p = p[1:]
			}
			if p[0] != s[0] {
				return false
			}
			p = p[1:]
		}
		s = s[1:]
		if len(s) == 0 {
			p = skipStars(p)
			break
		}
	}
	return len(p) == 0 && len(s) == 0
}

// matchStar matches a pattern that begins with a star; s is not empty.
func matchStar(p, s []byte, exhausted *bool, nesting int) bool {
	p = skipStars(p)
	if len(p) == 0 {
		return true
	}
	for ; len(s) > 0; s = s[1:] {
		if matchFrom(p, s, exhausted, nesting+1) {
			return true
		}
		if *exhausted {
			return false
		}
	}
	*exhausted = true
	return false
}

func skipStars(p []byte) []byte {
	for len(p) > 0 && p[0] == '*' {
		p = p[1:]
	}
	return p
}

// matchClass matches c against the class that p is the inside of, and returns
// what follows the class. Bytes compare as signed, as they do in the reference
// server on its usual platforms: it shows in ranges that end above 0x7f.
func matchClass(p []byte, c byte) (rest []byte, ok bool) {
	negated := len(p) > 0 && p[0] == '^'
	if negated {
		p = p[1:]
	}
	match := false
	for len(p) > 0 && p[0] != ']' {
		switch {
		case p[0] == '\\' && len(p) >= 2:
			match = match || p[1] == c
			p = p[2:]
		case len(p) >= 3 && p[1] == '-':
			lo, hi := int8(p[0]), int8(p[2])
			if lo > hi {
				lo, hi = hi, lo
			}
			match = match || (lo <= int8(c) && int8(c) <= hi)
			p = p[3:]
		default:
			match = match || p[0] == c
			p = p[1:]
		}
	}
	if len(p) > 0 {
		p = p[1:]
	}
	return p, match != negated
}
