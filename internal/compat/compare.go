package compat

import (
	"bytes"
	"fmt"

	"github.com/crucible-cache/crucible/internal/compat/resp"
	"github.com/crucible-cache/crucible/internal/compat/script"
)

// difference judges what the two servers answered to a step. It returns "" when the replies count
// as equal, else what sets them apart.
func difference(step *script.Step, reference, target *Reply) string {
	switch {
	case reference.Fault != nil:
		return "the reference server failed the step"
	case target.Fault != nil:
		return "no valid reply"
	case reference.Closed != target.Closed:
		if target.Closed {
			return "the connection was closed"
		}
		return "the connection stayed open"
	}
	if step.Rule.Kind == script.Exact {
		if step.Variable != "" {
			return variableDifference(step, reference, target)
		}
		return exactDifference(reference, target)
	}
	if len(reference.Values) == 0 && len(target.Values) == 0 {
		return textDifference(&step.Rule, reference.Raw, target.Raw)
	}
	if len(reference.Values) != len(target.Values) {
		return fmt.Sprintf("%d replies instead of %d", len(target.Values), len(reference.Values))
	}
	for i := range reference.Values {
		if reason := valueDifference(&step.Rule, &reference.Values[i], &target.Values[i]); reason != "" {
			return reason
		}
	}
	return ""
}

func exactDifference(reference, target *Reply) string {
	if bytes.Equal(reference.Raw, target.Raw) {
		return ""
	}
	if len(reference.Values) == 1 && len(target.Values) == 1 {
		a, b := &reference.Values[0], &target.Values[0]
		if a.Kind != b.Kind {
			return fmt.Sprintf("type %s instead of %s", b.Kind, a.Kind)
		}
	}
	return "other bytes"
}

// variableDifference judges a "let" without a rule: what is kept may differ, nothing else.
func variableDifference(step *script.Step, reference, target *Reply) string {
	if step.Capture == nil {
		return valueDifference(&script.Rule{Kind: script.Type},
			&reference.Values[len(reference.Values)-1], &target.Values[len(target.Values)-1])
	}
	if !bytes.Equal(withoutCapture(step, reference.Raw), withoutCapture(step, target.Raw)) {
		return "other bytes around the part that is kept"
	}
	return ""
}

func withoutCapture(step *script.Step, raw []byte) []byte {
	at := step.Capture.FindSubmatchIndex(raw)
	if at == nil {
		return raw
	}
	return append(append(bytes.Clone(raw[:at[2]]), "${}"...), raw[at[3]:]...)
}

// valueDifference applies a rule to two parsed values.
func valueDifference(rule *script.Rule, a, b *resp.Value) string {
	if rule.Kind == script.Any {
		return ""
	}
	if a.Kind != b.Kind || a.Nil != b.Nil {
		return fmt.Sprintf("type %s instead of %s", kindOf(b), kindOf(a))
	}
	switch rule.Kind {
	case script.Type:
		return ""
	case script.Shape:
		return shapeDifference(a, b)
	case script.Length:
		return lengthDifference(a, b)
	case script.Within:
		return withinDifference(rule.Within, a, b)
	case script.Unordered:
		return orderlessDifference(elements(a, 1), elements(b, 1))
	case script.Pairs:
		return orderlessDifference(elements(a, 2), elements(b, 2))
	case script.Sorted:
		if canonical(a) != canonical(b) {
			return "other elements"
		}
		return ""
	case script.ErrorCode:
		return errorDifference(a, b)
	case script.Regex, script.Mask:
		if !a.IsAggregate() {
			return patternDifference(rule, a.Text, b.Text)
		}
		return patternDifference(rule, a.Raw, b.Raw)
	case script.Keys, script.Values:
		return fieldsDifference(rule, valueFields(a), valueFields(b))
	case script.Names:
		return namesDifference(rule, valueFields(a), valueFields(b))
	case script.Outline:
		return outlineDifference(textLines(a), textLines(b))
	case script.Prose:
		return proseDifference(rule, a, b)
	default:
		return "no way to apply " + string(rule.Kind)
	}
}

// textDifference applies a rule to replies that are not parsed.
func textDifference(rule *script.Rule, a, b []byte) string {
	switch rule.Kind {
	case script.Any:
		if len(b) == 0 && len(a) > 0 {
			return "nothing came"
		}
		return ""
	case script.Type:
		if !bytes.Equal(firstWord(a), firstWord(b)) {
			return "another kind of reply"
		}
		return ""
	case script.Length:
		if len(a) != len(b) {
			return fmt.Sprintf("%d bytes instead of %d", len(b), len(a))
		}
		return ""
	case script.Unordered, script.Sorted:
		return orderlessDifference(bytes.SplitAfter(a, []byte("\n")), bytes.SplitAfter(b, []byte("\n")))
	case script.Regex, script.Mask:
		return patternDifference(rule, a, b)
	case script.Keys, script.Values:
		return fieldsDifference(rule, textFields(a), textFields(b))
	default:
		return "no way to apply " + string(rule.Kind) + " to a reply that is not parsed"
	}
}

func kindOf(v *resp.Value) string {
	if v.Nil {
		return "nil " + v.Kind.String()
	}
	return v.Kind.String()
}

func firstWord(line []byte) []byte {
	words := bytes.Fields(line)
	if len(words) == 0 {
		return nil
	}
	return words[0]
}
