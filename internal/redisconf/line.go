package redisconf

import (
	"errors"
	"strings"
)

// errQuotes is what Redis says of a line that cannot be split.
var errQuotes = errors.New("Unbalanced quotes in configuration line") //nolint:revive,staticcheck // Redis' text

// Split cuts a line of a redis.conf into words. A word in double quotes may
// hold blanks and \n, \r, \t, \b, \a and \xff; one in single quotes \' only. A closing
// quote ends its word.
func Split(line string) (words []string, err error) {
	for i := 0; ; {
		for i < len(line) && isBlank(line[i]) {
			i++
		}
		if i == len(line) {
			return words, nil
		}
		word, next, ok := splitWord(line, i)
		if !ok {
			return nil, errQuotes
		}
		words = append(words, word)
		i = next
	}
}

func isBlank(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }

// splitWord reads the word at line[i].
func splitWord(line string, i int) (word string, next int, ok bool) {
	var b strings.Builder
	quote := byte(0)
	for ; i < len(line); i++ {
		c := line[i]
		switch {
		case quote == 0 && isBlank(c):
			return b.String(), i, true
		case quote == 0 && (c == '"' || c == '\''):
			quote = c
		case quote != 0 && c == quote:
			i++
			return b.String(), i, i == len(line) || isBlank(line[i])
		case quote == '"' && c == '\\' && i+1 < len(line):
			var used int
			c, used = unescape(line[i+1:])
			b.WriteByte(c)
			i += used
		case quote == '\'' && c == '\\' && i+1 < len(line) && line[i+1] == '\'':
			b.WriteByte('\'')
			i++
		default:
			b.WriteByte(c)
		}
	}
	return b.String(), i, quote == 0
}

// unescape reads what follows a backslash.
func unescape(rest string) (c byte, used int) {
	if rest[0] == 'x' && len(rest) >= 3 {
		high, low := strings.IndexByte(hexDigits, lower(rest[1])), strings.IndexByte(hexDigits, lower(rest[2]))
		if high >= 0 && low >= 0 {
			return byte(high<<4 | low), 3
		}
	}
	if i := strings.IndexByte("nrtba", rest[0]); i >= 0 {
		return "\n\r\t\b\a"[i], 1
	}
	return rest[0], 1
}

const hexDigits = "0123456789abcdef"

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// Quote writes a value so that Split reads it as one word, in quotes only if it
// needs them.
func Quote(value string) string {
	plain := value != "" && !strings.ContainsFunc(value, func(r rune) bool {
		return r <= ' ' || r == '"' || r == '\'' || r == '\\' || r == 0x7f || r == '#'
	})
	if plain {
		return value
	}
	return inQuotes(value)
}

// inQuotes is Quote for what is to be in quotes anyway.
func inQuotes(value string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i := range len(value) {
		switch c := value[i]; {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case strings.IndexByte("\n\r\t\b\a", c) >= 0:
			b.WriteByte('\\')
			b.WriteByte("nrtba"[strings.IndexByte("\n\r\t\b\a", c)])
		case c < ' ' || c == 0x7f:
			b.WriteString("\\x")
			b.WriteByte(hexDigits[c>>4])
			b.WriteByte(hexDigits[c&15])
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}
