package script

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// RuleKind says how far two replies may differ and still count as equal.
type RuleKind string

// The rules, by the word they are written with. Exact is what holds when a step names none.
const (
	Exact     RuleKind = ""           // same type, same bytes
	Any       RuleKind = "~any"       // both answered
	Type      RuleKind = "~type"      // same type
	Shape     RuleKind = "~shape"     // same type, and so for every element, at every depth
	Length    RuleKind = "~length"    // same type, same count of elements or of bytes
	Within    RuleKind = "~int"       // "~int within N": both integers, at most N apart
	Unordered RuleKind = "~unordered" // same elements in any order, at the top level
	Pairs     RuleKind = "~pairs"     // same as Unordered for flat lists of keys and values
	Sorted    RuleKind = "~sorted"    // same elements in any order, at every depth
	Regex     RuleKind = "~regex"     // "~regex RE": same type, and both match
	Mask      RuleKind = "~mask"      // "~mask RE": same bytes once what RE matches is blanked out
	Keys      RuleKind = "~keys"      // "~keys a,b": both hold these keys or INFO fields
	Values    RuleKind = "~values"    // "~values a,b": both hold these keys with the same values
	ErrorCode RuleKind = "~error"     // both are errors with the same first word
	Outline   RuleKind = "~outline"   // same lines, but for the words of those that are indented
	Prose     RuleKind = "~prose"     // "~prose a,b": same fields in any order, but for the sentences under these
	Names     RuleKind = "~names"     // "~names", "~names but a,b": same names of fields, these aside
)

// Rule is a RuleKind with its arguments.
type Rule struct {
	Kind    RuleKind
	Within  int64
	Pattern *regexp.Regexp
	Names   []string
}

// parseRule reads a rule as written, from its "~" to the end of the line.
func parseRule(text string) (Rule, error) {
	word, argument, _ := strings.Cut(strings.TrimSpace(text), " ")
	argument = strings.TrimSpace(argument)
	rule := Rule{Kind: RuleKind(word)}
	switch rule.Kind {
	case Any, Type, Shape, Length, Unordered, Pairs, Sorted, ErrorCode, Outline:
		if argument != "" {
			return Rule{}, fmt.Errorf("%s takes no argument, not %q", word, argument)
		}
	case Within:
		n, err := strconv.ParseInt(strings.TrimSpace(strings.TrimPrefix(argument, "within")), 10, 64)
		if err != nil || n < 0 || !strings.HasPrefix(argument, "within ") {
			return Rule{}, fmt.Errorf("%q: write ~int within N", text)
		}
		rule.Within = n
	case Regex, Mask:
		if argument == "" {
			return Rule{}, fmt.Errorf("%s needs a regular expression", word)
		}
		pattern, err := regexp.Compile("(?s)" + argument)
		if err != nil {
			return Rule{}, fmt.Errorf("%s: %w", word, err)
		}
		rule.Pattern = pattern
	case Names:
		if argument == "" {
			break
		}
		var ok bool
		if argument, ok = strings.CutPrefix(argument, "but "); !ok {
			return Rule{}, fmt.Errorf("%q: write ~names or ~names but a,b,c", text)
		}
		fallthrough
	case Keys, Values, Prose:
		for name := range strings.SplitSeq(argument, ",") {
			if name = strings.TrimSpace(name); name == "" {
				return Rule{}, fmt.Errorf("%q: write %s a,b,c", text, word)
			}
			rule.Names = append(rule.Names, name)
		}
	default:
		return Rule{}, fmt.Errorf("unknown rule %q", word)
	}
	return rule, nil
}
