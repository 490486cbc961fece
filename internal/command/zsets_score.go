package command

import (
	"bytes"
	"errors"
	"math"
	"strconv"

	"github.com/crucible-cache/crucible/internal/object"
)

// parseScore reads a score as the reference server does, with C's strtod: signs,
// hexadecimal and infinity in all their spellings, no blanks, nothing that is
// not a number, and nothing that is too large or too small for a double.
func parseScore(b []byte) (float64, bool) {
	if n, ok := parseInt(b); ok {
		return float64(n), true
	}
	if bytes.IndexByte(b, '_') >= 0 {
		return 0, false // Go's separator of digits
	}
	score, err := strconv.ParseFloat(string(b), 64)
	if err != nil && isHexadecimal(b) {
		score, err = strconv.ParseFloat(string(b)+"p0", 64)
	}
	if err != nil || math.IsNaN(score) || score == 0 && !isZero(b) {
		return 0, false
	}
	return score, true
}

func isHexadecimal(b []byte) bool {
	b = trimSign(b)
	return len(b) > 2 && b[0] == '0' && b[1]|0x20 == 'x'
}

func trimSign(b []byte) []byte {
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		return b[1:]
	}
	return b
}

// isZero reports whether a number that reads as 0 has no other digit, and is
// not one too small to be told from it.
func isZero(b []byte) bool {
	hex := isHexadecimal(b)
	for _, d := range b {
		switch {
		case d == 'e' && !hex, d == 'E' && !hex, d|0x20 == 'p':
			return true
		case d >= '1' && d <= '9', hex && d|0x20 >= 'a' && d|0x20 <= 'f':
			return false
		}
	}
	return true
}

// parseScoreBound reads one end of a range of scores, which may begin with "("
// to leave the score itself out. It takes a decimal number, or nothing for 0, as
// far as a NUL; one out of range is infinite or 0.
func parseScoreBound(b []byte) (bound object.ScoreBound, ok bool) {
	if len(b) > 0 && b[0] == '(' {
		bound.Open = true
		b = b[1:]
	}
	if end := bytes.IndexByte(b, 0); end >= 0 {
		b = b[:end]
	}
	if len(b) == 0 {
		return bound, true
	}
	if n, ok := parseInt(b); ok {
		bound.Score = float64(n)
		return bound, true
	}
	if isHexadecimal(b) || bytes.IndexByte(b, '_') >= 0 {
		return bound, false
	}
	score, err := strconv.ParseFloat(string(b), 64)
	if err != nil && !isRangeError(err) || math.IsNaN(score) {
		return bound, false
	}
	bound.Score = score
	return bound, true
}

// isRangeError reports whether a number was read but does not fit a double.
func isRangeError(err error) bool {
	return errors.Is(err, strconv.ErrRange)
}

// parseScoreRange reads both ends of a range of scores, or replies with an error.
func (c *Client) parseScoreRange(low, high []byte) (r object.ScoreRange, ok bool) {
	var lowOK, highOK bool
	r.Min, lowOK = parseScoreBound(low)
	r.Max, highOK = parseScoreBound(high)
	if !lowOK || !highOK {
		c.Error(errScoreRange)
		return r, false
	}
	return r, true
}

// parseLexBound reads one end of a range of members: "-", "+", "[member" or
// "(member".
func parseLexBound(b []byte) (bound object.LexBound, ok bool) {
	if len(b) == 0 {
		return bound, false
	}
	switch b[0] {
	case '-':
		return object.LexBound{Below: true}, len(b) == 1
	case '+':
		return object.LexBound{Above: true}, len(b) == 1
	case '[':
		return object.LexBound{Member: b[1:]}, true
	case '(':
		return object.LexBound{Member: b[1:], Open: true}, true
	}
	return bound, false
}

// parseLexRange reads both ends of a range of members, or replies with an error.
func (c *Client) parseLexRange(low, high []byte) (r object.LexRange, ok bool) {
	var lowOK, highOK bool
	r.Min, lowOK = parseLexBound(low)
	r.Max, highOK = parseLexBound(high)
	if !lowOK || !highOK {
		c.Error(errLexRange)
		return r, false
	}
	return r, true
}
