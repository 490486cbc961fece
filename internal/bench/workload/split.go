package workload

import (
	"fmt"
	"strings"
)

// split cuts a template into words at spaces. A word in single or double quotes is taken as it stands, spaces and braces
// included, and without escapes: that is how a script is written.
func split(template string) ([]templateWord, error) {
	var words []templateWord
	rest := strings.TrimSpace(template)
	for rest != "" {
		if quote := rest[0]; quote == '\'' || quote == '"' {
			text, after, closed := strings.Cut(rest[1:], string(quote))
			if !closed || after != "" && after[0] != ' ' {
				return nil, fmt.Errorf("a quoted word must end in a quote and a space: %s", rest)
			}
			words = append(words, templateWord{text, true})
			rest = strings.TrimSpace(after)
			continue
		}
		text, after, _ := strings.Cut(rest, " ")
		words = append(words, templateWord{text, false})
		rest = strings.TrimSpace(after)
	}
	return words, nil
}

// templateWord is one word of a template; a quoted one has nothing drawn in it.
type templateWord struct {
	text   string
	quoted bool
}

// Words returns the words of a request that is always the same, such as one that prepares a server.
func Words(template string) ([]string, error) {
	split, err := split(template)
	words := make([]string, len(split))
	for i := range split {
		words[i] = split[i].text
	}
	return words, err
}
